//! Images that climb in Fourier space, on every engine: they are Lucid's, their gradient is the
//! transpose of what makes them, and Adam climbs it.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, sync::Arc};

use dream::Session;
use dream_engines::AnyEngine;
use dream_graph::{Buffer, Engine, IterationParams};
use dream_protocol::{DreamSettings, Objective, Parametrisation, Picture, Prior, Scores, Start};
use engine_tests::{
    Candidate, climb::climbing, engines, fixtures, noise, psnr, read_model, read_tensors,
    relative_error,
};
use pollster::block_on;

const PRIOR: Prior = Prior { parametrisation: Parametrisation::Fourier, ..Prior::DEFAULT };
/// Middle grey, whose logit is 0.
const GREY: f32 = 127.5;
const SIZE: [usize; 2] = [9, 14];

/// The image of a spectrum of real and imaginary parts, on grey.
fn image(engine: &mut AnyEngine, size: [usize; 2], z: &[f32]) -> Vec<f32> {
    begin(engine, size, z);
    let len = 3 * size[0] * size[1];
    block_on(engine.read(Buffer::Image)).unwrap()[..len].to_vec()
}

fn begin(engine: &mut AnyEngine, size: [usize; 2], z: &[f32]) {
    engine.prepare(Arc::new(climbing(size, &PRIOR).unwrap())).unwrap();
    engine.write(Buffer::Original, &vec![GREY; 3 * size[0] * size[1]]).unwrap();
    engine.write(Buffer::Spectrum, &[z, &vec![0.0; 2 * z.len()]].concat()).unwrap();
    engine.begin().unwrap();
}

fn elements(size: [usize; 2]) -> usize {
    6 * size[0] * (size[1] / 2 + 1)
}

#[test]
fn a_spectrum_is_the_image_that_lucid_makes_of_it() {
    for (height, width) in [(12, 16), (9, 14), (10, 7)] {
        let path = fixtures("fourier").join(format!("{height}x{width}.safetensors"));
        let stored = read_tensors(&fs::read(path).unwrap());
        let ((_, z), (_, expected)) = (&stored["z"], &stored["image"]);
        for mut candidate in block_on(engines()) {
            let found = image(&mut candidate.engine, [height, width], z);
            let error = relative_error(&found, expected);
            assert!(error < 1e-4, "{error} at {height} × {width} on {}", candidate.name);
            let other: Vec<f32> = z.iter().rev().copied().collect();
            let found = image(&mut candidate.engine, [height, width], &other);
            assert!(relative_error(&found, expected) > 1e-2, "any spectrum will do");
        }
    }
}

#[test]
fn the_gradient_at_the_spectrum_is_the_transpose_of_what_makes_the_image() {
    const STEP: f32 = 1e-3;
    let z: Vec<f32> = noise(1, elements(SIZE)).iter().map(|it| 0.1 * it).collect();
    let (along, gradient) = (noise(2, z.len()), noise(3, 3 * SIZE[0] * SIZE[1]));
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    for Candidate { name, mut engine } in block_on(engines()) {
        let moved = |step: f32| -> Vec<f32> {
            z.iter().zip(&along).map(|(z, along)| z + step * along).collect()
        };
        let [before, after] = [-STEP, STEP].map(|step| image(&mut engine, SIZE, &moved(step)));
        let change: Vec<f32> =
            before.iter().zip(&after).map(|(a, b)| (b - a) / (2.0 * STEP)).collect();
        let expected = dot(&change, &gradient);

        begin(&mut engine, SIZE, &z);
        engine.write(Buffer::Gradient, &gradient).unwrap();
        let params = IterationParams { step_size: 1.0, rate: 0.01, ..IterationParams::STILL };
        block_on(engine.iterate(&[params])).unwrap();
        let state = block_on(engine.read(Buffer::Spectrum)).unwrap();
        let [climbed, first, second] = [0, 1, 2].map(|i| &state[i * z.len()..(i + 1) * z.len()]);
        // The first moment is a tenth of the gradient of levels over 255, for the mean of |g|.
        let mean = gradient.iter().map(|g| g.abs()).sum::<f32>() / gradient.len() as f32;
        let found = 2550.0 * f64::from(mean) * dot(first, &along);
        let error = (found - expected).abs() / expected.abs();
        assert!(error < 2e-2, "{found} instead of {expected} on {name}");
        assert!((dot(first, &noise(4, z.len())) * 2550.0 - expected).abs() > 0.1 * expected.abs());

        let steps = climbed.iter().zip(&z).map(|(a, b)| a - b);
        for ((step, first), second) in steps.zip(first).zip(second) {
            let expected = 0.01 * first / (second.sqrt() + 1e-8);
            assert!((step - expected).abs() < 1e-5, "{step} instead of {expected} on {name}");
        }
    }
}

fn dream(engine: AnyEngine, settings: &DreamSettings) -> (Picture, Vec<Scores>) {
    let wave = |i: u32, f: f32| {
        (127.0 + 60.0 * ((i % 64) as f32 * f + (i / 64) as f32 * 0.23).sin()) as u8
    };
    let rgba = (0..64 * 64).flat_map(|i| [wave(i, 0.31), wave(i, 0.17), wave(i, 0.6), 255]);
    let rgba = rgba.collect();
    let picture = Picture { width: 64, height: 64, rgba };
    let network = Arc::new(read_model("mini-inception", mini_inception::MODEL).unwrap());
    let mut session = Session::new(network, engine, &picture, &[], settings).unwrap();
    while block_on(session.advance()).unwrap().is_some() {}
    let scores = block_on(session.scores()).unwrap();
    (block_on(session.finish()).unwrap(), scores)
}

fn levels(picture: &Picture) -> Vec<f32> {
    picture.rgba.iter().map(|&level| f32::from(level)).collect()
}

fn settings(start: Start, iterations: u32, prior: Prior) -> DreamSettings {
    let objectives = vec![Objective::layer("inception_3a/output")];
    let step_size = 4.0;
    DreamSettings {
        objectives,
        octaves: 2,
        iterations,
        step_size,
        start,
        prior,
        ..Default::default()
    }
}

#[test]
fn a_dream_in_fourier_space_climbs_from_a_picture_and_from_noise() {
    for start in [Start::Picture, Start::Noise] {
        for candidate in block_on(engines()) {
            let (_, scores) = dream(candidate.engine, &settings(start, 8, PRIOR));
            assert_eq!(scores.iter().filter(|it| it.octave == 2).count(), 8);
            let (begun, ended) = (scores[8].values[0], scores[15].values[0]);
            assert!(ended > 1.1 * begun, "{begun} to {ended} on {}", candidate.name);
        }
    }
}

/// Adam makes much of gradients that are next to nothing, so that engines, which round in their own
/// ways, part sooner than with pixels.
#[test]
fn engines_begin_to_climb_alike() {
    for start in [Start::Picture, Start::Noise] {
        let on_cpu =
            |prior| dream(AnyEngine::Cpu(Default::default()), &settings(start, 2, prior)).0;
        let (fourier, pixels) = (levels(&on_cpu(PRIOR)), levels(&on_cpu(Prior::DEFAULT)));
        let other = psnr(&fourier, &pixels);
        for candidate in block_on(engines()) {
            let (picture, _) = dream(candidate.engine, &settings(start, 2, PRIOR));
            let same = psnr(&levels(&picture), &fourier);
            println!("{}: {same:.1} dB, {other:.1} dB from a dream of pixels", candidate.name);
            assert!(same > 35.0 && other < 28.0, "{same} and {other} dB on {}", candidate.name);
        }
    }
}
