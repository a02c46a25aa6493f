//! Dreams whose edges meet, tileable ones and panoramas, on every engine: no seam, and no place that
//! is different from others.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{f32::consts::TAU, sync::Arc};

use dream::{DreamError, Session, plan};
use dream_engines::{AnyEngine, Gpu, GpuEngine};
use dream_graph::{Buffer, Engine, IterationParams, Surface, Tile};
use dream_onnx::Model;
use dream_protocol::{DreamSettings, Edges, Finish, Objective, ObjectiveKind, Picture, Prior};
use engine_tests::{
    Candidate, climb::seeing, engines, gpu, noise, psnr, read_model, relative_error,
};
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
fn picture(edges: Edges, right: usize) -> Picture {
    let pixel = |i: usize| {
        let (x, y) = ((i % WIDTH + WIDTH - right) % WIDTH, i / WIDTH);
        let levels = match edges {
            Edges::Panorama => on_sphere(x, y),
            Edges::Plain | Edges::Tileable => on_torus(x, y),
        };
        let [red, green, blue] = levels.map(|level| level as u8);
        [red, green, blue, 255]
    };
    let rgba = (0..WIDTH * HEIGHT).flat_map(pixel).collect();
    Picture { width: WIDTH as u32, height: HEIGHT as u32, rgba }
}

fn on_torus(x: usize, y: usize) -> [f32; 3] {
    let (x, y) = (x as f32 / WIDTH as f32, y as f32 / HEIGHT as f32);
    [[2.0, 1.0], [3.0, 2.0], [1.0, 3.0]]
        .map(|[across, down]| 127.5 + 10.0 * (TAU * across * x).sin() * (TAU * down * y).cos())
}

/// Waves through space, where they meet a sphere.
fn on_sphere(x: usize, y: usize) -> [f32; 3] {
    let longitude = TAU * (x as f32 + 0.5) / WIDTH as f32;
    let down = 0.5 * TAU * (y as f32 + 0.5) / HEIGHT as f32;
    let place = [down.sin() * longitude.cos(), down.sin() * longitude.sin(), down.cos()];
    place.map(|along| 127.5 + 10.0 * (4.0 * along + 1.0).sin())
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

fn with(edges: Edges) -> Prior {
    Prior { edges, ..Prior::default() }
}

/// The rows of a picture, as places of its pixels.
fn rows() -> Vec<Vec<usize>> {
    (0..HEIGHT).map(|y| (0..WIDTH).map(|x| y * WIDTH + x).collect()).collect()
}

/// The meridians: down a column, and up the one on the other side. They begin at a pole and have
/// the other in their middle.
fn meridians() -> Vec<Vec<usize>> {
    let meridian = |x: usize| {
        let down = (0..HEIGHT).map(move |y| y * WIDTH + x);
        let up = (0..HEIGHT).rev().map(move |y| y * WIDTH + x + WIDTH / 2);
        down.chain(up).collect()
    };
    (0..WIDTH / 2).map(meridian).collect()
}

/// How much each place of these rings breaks with its neighbours: the mean distance of the step to
/// it from the steps before and after.
fn breaks(levels: &[f32], rings: &[Vec<usize>]) -> Vec<f32> {
    let len = rings[0].len();
    let mean = |place: usize| {
        let of_ring = |ring: &Vec<usize>| {
            let at = |place: usize, c: usize| levels[ring[place % len] * 4 + c];
            let step = |place: usize, c| at(place + len, c) - at(place + len - 1, c);
            let around = |c| 0.5 * (step(place + len - 1, c) + step(place + 1, c));
            (0..3).map(|c| (step(place, c) - around(c)).abs()).sum::<f32>()
        };
        rings.iter().map(of_ring).sum::<f32>() / (3 * rings.len()) as f32
    };
    (0..len).map(mean).collect()
}

/// The worst break at these places, and the worst elsewhere.
fn worst(breaks: &[f32], seams: &[usize]) -> [f32; 2] {
    let max = |at_seam: bool| {
        let chosen = breaks.iter().enumerate().filter(|(at, _)| seams.contains(at) == at_seam);
        chosen.fold(0.0f32, |max, (_, &it)| max.max(it))
    };
    [max(true), max(false)]
}

#[test]
fn the_seam_is_no_worse_than_any_other_column() {
    for edges in [Edges::Tileable, Edges::Panorama] {
        let start = picture(edges, 0);
        let at_seam = |engine, edges| {
            let smooth = settings(Prior { finish: Finish::Smooth, ..with(edges) });
            worst(&breaks(&dream(engine, &start, &smooth), &rows()), &[0])
        };
        for Candidate { name, engine } in block_on(engines()) {
            let [seam, other] = at_seam(engine, edges);
            println!("{edges:?}, {name}: {seam:.2} at the seam, {other:.2} at most elsewhere");
            assert!(seam <= other, "{edges:?}, {name}: {seam} at the seam, {other} elsewhere");
        }
        let [seam, other] = at_seam(AnyEngine::Cpu(Default::default()), Edges::Plain);
        println!("with edges: {seam:.2}, {other:.2}");
        assert!(seam > other, "a dream with edges passes");
    }
}

#[test]
fn meridians_go_on_over_the_poles() {
    let start = picture(Edges::Panorama, 0);
    // The worse of the poles, over the mean of all other places of the meridians.
    let at_poles = |engine, edges, finish| {
        let dream = dream(engine, &start, &settings(Prior { finish, ..with(edges) }));
        let breaks = breaks(&dream, &meridians());
        let [pole, _] = worst(&breaks, &[0, HEIGHT]);
        let sum: f32 = breaks.iter().sum();
        pole / ((sum - breaks[0] - breaks[HEIGHT]) / (breaks.len() - 2) as f32)
    };
    for chosen in block_on(engines()) {
        let ratio = at_poles(chosen.engine, Edges::Panorama, Finish::Smooth);
        println!("{}: {ratio:.2}", chosen.name);
        assert!(ratio < 2.0, "{}: {ratio:.2} times as much as elsewhere", chosen.name);
    }
    let on_cpu = |edges, finish| at_poles(AnyEngine::Cpu(Default::default()), edges, finish);
    let laplacian = on_cpu(Edges::Panorama, Finish::Laplacian);
    assert!(laplacian < 2.0, "the pyramid breaks {laplacian:.2} times as much as elsewhere");
    for (edges, finish) in [
        (Edges::Plain, Finish::Smooth),
        (Edges::Tileable, Finish::Smooth),
        (Edges::Tileable, Finish::Laplacian),
    ] {
        let control = on_cpu(edges, finish);
        println!("{edges:?}, {finish:?}: {control:.2}");
        assert!(control > 2.0, "{edges:?}, {finish:?}: {control:.2} passes");
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
    let laplacian = Prior { finish: Finish::Laplacian, laplacian_levels: 3, ..Prior::default() };
    let smooth =
        Prior { finish: Finish::Smooth, total_variation: 0.3, blur: 0.6, ..Prior::default() };
    let (tileable, panorama) = (Edges::Tileable, Edges::Panorama);
    for prior in [
        with(tileable),
        Prior { edges: tileable, ..laplacian },
        Prior { edges: tileable, ..smooth },
        Prior { edges: panorama, ..laplacian },
        Prior { edges: panorama, ..smooth },
    ] {
        let picture = |right| picture(prior.edges, right);
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
        let edged = settings(Prior { edges: Edges::Plain, ..prior });
        let edged = DreamSettings { octaves: 1, iterations: FEW, ..edged };
        let expected = expected_of(&dream(cpu(), &picture(0), &edged));
        let control = psnr(&dream(cpu(), &picture(moved), &edged), &expected);
        assert!(control < 40.0, "{prior:?}: a dream with edges passes with {control:.1} dB");
    }
}

#[test]
fn windows_of_a_small_device_reach_round_the_edges() {
    let Some(gpu) = block_on(gpu()) else { return };
    for edges in [Edges::Tileable, Edges::Panorama] {
        let settings = DreamSettings { iterations: FEW, ..settings(with(edges)) };
        let on = |gpu: &Gpu| AnyEngine::Gpu(GpuEngine::new(gpu.clone()));
        let limited = block_on(Gpu::open_limited(5 << 16)).unwrap();
        let start = picture(edges, 0);
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
}

#[test]
fn windows_over_the_edges_are_planned_for() {
    let engine = AnyEngine::Cpu(Default::default());
    let pixels = |edges, side: usize| {
        let settings = settings(with(edges));
        plan(&model(), &settings, &engine, [side, 2 * side], &[]).unwrap().pixels as f64
    };
    let more = |edges, side| pixels(edges, side) / pixels(Edges::Plain, side);
    // The smaller the picture, the more of what its windows see is seen twice.
    for edges in [Edges::Tileable, Edges::Panorama] {
        let (small, large) = (more(edges, 64), more(edges, 256));
        assert!(small > large && large > 1.0, "{edges:?}: {small} and {large} times as much");
    }
    let (plain, largest_octave) = (pixels(Edges::Plain, 64), 64.0 * 128.0);
    assert!(
        (1.0..2.0).contains(&(plain / largest_octave)),
        "{plain} pixels without edges to cross"
    );
}

#[test]
fn a_class_has_no_edges_to_look_over_and_says_so() {
    let model = Arc::new(model());
    let layer = model.head().unwrap().logits.clone();
    let objective =
        Objective { kind: ObjectiveKind::Class { index: 0 }, ..Objective::layer(layer) };
    for edges in [Edges::Tileable, Edges::Panorama] {
        let objectives = vec![objective.clone()];
        let settings = DreamSettings { objectives, ..settings(with(edges)) };
        let (engine, start) = (AnyEngine::Cpu(Default::default()), picture(edges, 0));
        let error = Session::new(model.clone(), engine, &start, &[], &settings).err().unwrap();
        assert!(matches!(error, DreamError::EdgesMeet(_)), "{error}");
        assert!(error.to_string().contains("edges cannot meet"), "{error}");
    }
}

/// What a tile sees of an image that is rolled, and what of a gradient there comes to the image.
fn seen_and_back(
    engine: &mut AnyEngine,
    (size, window, tile): ([usize; 2], [usize; 2], Tile),
    shift: [i32; 2],
    [image, gradient]: [&[f32]; 2],
) -> [Vec<f32>; 2] {
    engine.prepare(Arc::new(seeing(size, window, tile).unwrap())).unwrap();
    engine.write(Buffer::Original, image).unwrap();
    engine.begin().unwrap();
    engine.write(Buffer::Target(0), gradient).unwrap();
    block_on(engine.iterate(&[IterationParams { shift, ..IterationParams::STILL }])).unwrap();
    [Buffer::NetInput, Buffer::Gradient].map(|buffer| block_on(engine.read(buffer)).unwrap())
}

#[test]
fn what_is_seen_beyond_the_edges_sends_its_gradient_back() {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    let planes = |seed, [height, width]: [usize; 2]| noise(seed, 3 * height * width);
    let mut engines = block_on(engines());
    for (surface, size) in
        [(Surface::Torus, [10, 14]), (Surface::Sphere, [10, 14]), (Surface::Sphere, [7, 9])]
    {
        for (window, origin) in [([6, 8], [-4, -5]), ([40, 50], [-11, -20])] {
            let (image, gradient) = (planes(1, size), planes(2, window));
            let tile = Tile { surface, origin, ..Tile::WHOLE };
            let mut first = None;
            for Candidate { name, engine } in &mut engines {
                let mut at =
                    |shift| seen_and_back(engine, (size, window, tile), shift, [&image, &gradient]);
                let [seen, back] = at([5, 3]);
                let (there, again) = (dot(&seen, &gradient), dot(&image, &back));
                assert!((there - again).abs() < 1e-3, "{surface:?}, {name}: {there} and {again}");
                let [_, other] = at([5, 2]);
                assert!((there - dot(&image, &other)).abs() > 1e-2, "another shift passes");
                let (saw, sent) = first.get_or_insert_with(|| (seen.clone(), back.clone()));
                assert_eq!(seen, *saw, "{name} sees something else of a {surface:?}");
                assert!(relative_error(&back, sent) < 1e-5, "{name} sends something else back");
            }
        }
    }
}
