//! Dreams whose edges meet, on every engine: no seam, and no place that is different from others.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{f32::consts::TAU, sync::Arc};

use dream::{DreamError, Session};
use dream_engines::{AnyEngine, Gpu, GpuEngine};
use dream_onnx::Model;
use dream_protocol::{DreamSettings, Finish, Objective, ObjectiveKind, Picture, Prior};
use engine_tests::{engines, gpu, psnr, read_model};
use pollster::block_on;

const WIDTH: usize = 96;
const HEIGHT: usize = 64;
/// Iterations after which two dreams are still the same but for rounding, which may depend on where
/// a pixel lies in a vector: every iteration magnifies it.
const FEW: u32 = 4;

fn model() -> Model {
    read_model("mini-inception", mini_inception::MODEL).unwrap()
}

/// A picture whose edges meet, moved right by so many pixels.
fn picture(right: usize) -> Picture {
    let pixel = |i: usize| {
        let (x, y) = ((i % WIDTH + WIDTH - right) % WIDTH, i / WIDTH);
        let (x, y) = (x as f32 / WIDTH as f32, y as f32 / HEIGHT as f32);
        let wave = |across: f32, down: f32| {
            (127.5 + 10.0 * (TAU * across * x).sin() * (TAU * down * y).cos()) as u8
        };
        [wave(2.0, 1.0), wave(3.0, 2.0), wave(1.0, 3.0), 255]
    };
    let rgba = (0..WIDTH * HEIGHT).flat_map(pixel).collect();
    Picture { width: WIDTH as u32, height: HEIGHT as u32, rgba }
}

fn settings(prior: Prior) -> DreamSettings {
    let objectives = vec![Objective::layer("inception_3a/output")];
    DreamSettings {
        objectives,
        octaves: 2,
        jitter: 0,
        iterations: 10,
        step_size: 4.0,
        prior,
        ..Default::default()
    }
}

fn dream(engine: AnyEngine, picture: &Picture, settings: &DreamSettings) -> Vec<f32> {
    let mut session = Session::new(Arc::new(model()), engine, picture, &[], settings).unwrap();
    while block_on(session.advance()).unwrap().is_some() {}
    let dream = block_on(session.finish()).unwrap();
    dream.rgba.iter().map(|&level| f32::from(level)).collect()
}

fn tileable() -> Prior {
    Prior { tileable: true, ..Prior::default() }
}

/// How much every column breaks with its neighbours: the mean distance of the step to it from the
/// steps before and after. Column 0 follows the last.
fn breaks(levels: &[f32]) -> Vec<f32> {
    let at = |x: usize, y: usize, c: usize| levels[(y * WIDTH + x % WIDTH) * 4 + c];
    let step = |x: usize, y, c| at(x + WIDTH, y, c) - at(x + WIDTH - 1, y, c);
    let column = |x: usize| {
        let places = (0..HEIGHT).flat_map(|y| [0, 1, 2].map(|c| (y, c)));
        let breaks = places.map(|(y, c)| {
            (step(x, y, c) - 0.5 * (step(x + WIDTH - 1, y, c) + step(x + 1, y, c))).abs()
        });
        breaks.sum::<f32>() / (3 * HEIGHT) as f32
    };
    (0..WIDTH).map(column).collect()
}

#[test]
fn the_seam_is_no_worse_than_any_other_column() {
    let smooth = |tileable| Prior { tileable, finish: Finish::Smooth, ..Prior::default() };
    let edges = block_on(engines()).into_iter();
    for (chosen, edged) in block_on(engines()).into_iter().zip(edges) {
        let start = picture(0);
        let worst = |levels: &[f32]| {
            let breaks = breaks(levels);
            (breaks[0], breaks[1..].iter().fold(0.0f32, |max, &it| max.max(it)))
        };
        let (seam, other) = worst(&dream(chosen.engine, &start, &settings(smooth(true))));
        println!("{}: {seam:.2} at the seam, {other:.2} at most elsewhere", chosen.name);
        assert!(seam <= other, "{}: {seam} at the seam, {other} elsewhere", chosen.name);
        let (seam, other) = worst(&dream(edged.engine, &start, &settings(smooth(false))));
        println!("{}, with edges: {seam:.2}, {other:.2}", chosen.name);
        assert!(seam > other, "a dream with edges passes on {}", chosen.name);
    }
}

/// A circle has no beginning: what is moved along it by a multiple of the layer's stride dreams the
/// same, moved; with every prior that looks at neighbours.
#[test]
fn a_moved_picture_dreams_the_same_dream_moved() {
    let moved = 16;
    let expected_of = |levels: &[f32]| {
        let mut levels = levels.to_vec();
        levels.chunks_mut(4 * WIDTH).for_each(|row| row.rotate_right(4 * moved));
        levels
    };
    let priors = [
        tileable(),
        Prior { finish: Finish::Laplacian, laplacian_levels: 3, ..tileable() },
        Prior { finish: Finish::Smooth, total_variation: 0.3, blur: 0.6, ..tileable() },
    ];
    for prior in priors {
        let still = block_on(engines()).into_iter();
        for (chosen, still) in block_on(engines()).into_iter().zip(still) {
            let settings = |prior| DreamSettings { octaves: 1, iterations: FEW, ..settings(prior) };
            let expected = expected_of(&dream(still.engine, &picture(0), &settings(prior)));
            let actual = dream(chosen.engine, &picture(moved), &settings(prior));
            let same = psnr(&actual, &expected);
            println!("{same:.1} dB on {}", chosen.name);
            assert!(same >= 45.0, "{prior:?} on {}: {same:.1} dB", chosen.name);
        }
        let cpu = || AnyEngine::Cpu(Default::default());
        let edged = settings(Prior { tileable: false, ..prior });
        let edged = DreamSettings { octaves: 1, iterations: FEW, ..edged };
        let expected = expected_of(&dream(cpu(), &picture(0), &edged));
        let control = psnr(&dream(cpu(), &picture(moved), &edged), &expected);
        assert!(control < 40.0, "{prior:?}: a dream with edges passes with {control:.1} dB");
    }
}

#[test]
fn windows_of_a_small_device_reach_round_the_edges() {
    let Some(gpu) = block_on(gpu()) else { return };
    let settings = DreamSettings { iterations: FEW, ..settings(tileable()) };
    let on = |gpu: &Gpu| AnyEngine::Gpu(GpuEngine::new(gpu.clone()));
    let limited = block_on(Gpu::open_limited(5 << 16)).unwrap();
    let start = picture(0);
    let tiles = |gpu: &Gpu| {
        let session = Session::new(Arc::new(model()), on(gpu), &start, &[], &settings);
        session.unwrap().plan().tiles
    };
    assert!(tiles(&gpu) == 1 && tiles(&limited) > 1, "{} tiles", tiles(&limited));
    let expected = dream(on(&gpu), &start, &settings);
    let same = psnr(&dream(on(&limited), &start, &settings), &expected);
    println!("{same:.1} dB in windows");
    assert!(same >= 45.0, "{same:.1} dB");
    let levels: Vec<f32> = start.rgba.iter().map(|&level| f32::from(level)).collect();
    assert!(psnr(&levels, &expected) < 40.0, "the undreamed picture passes");
}

#[test]
fn a_class_has_no_edges_to_look_over_and_says_so() {
    let model = model();
    let layer = model.head().unwrap().logits.clone();
    let objective =
        Objective { kind: ObjectiveKind::Class { index: 0 }, ..Objective::layer(layer) };
    let settings = DreamSettings { objectives: vec![objective], ..settings(tileable()) };
    let engine = AnyEngine::Cpu(Default::default());
    let error = Session::new(Arc::new(model), engine, &picture(0), &[], &settings).err().unwrap();
    assert!(matches!(error, DreamError::Tileable(_)), "{error}");
    assert!(error.to_string().contains("cannot be tileable"), "{error}");
}
