//! Images that the network sees turned and scaled at random, on every engine: the gradient comes
//! back by the transpose of the way in, and the same seed gives the same dream.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use dream::Session;
use dream_engines::AnyEngine;
use dream_graph::{Buffer, Engine, IterationParams};
use dream_protocol::{Choice, DreamSettings, Edges, Objective, ObjectiveKind, Picture, Prior};
use engine_tests::{climb::climbing, engines, noise, psnr, read_model, relative_error};
use pollster::block_on;

const SIZE: [usize; 2] = [20, 28];
const PRIOR: Prior = Prior { random_scale: 0.2, random_rotation: 30.0, ..Prior::DEFAULT };

/// What the network sees of an image, and by how much the image moves for a gradient there.
fn seen_and_moved(
    engine: &mut AnyEngine,
    prior: &Prior,
    turn: [f32; 2],
    image: &[f32],
    gradient: &[f32],
) -> [Vec<f32>; 2] {
    engine.prepare(Arc::new(climbing(SIZE, prior).unwrap())).unwrap();
    engine.write(Buffer::Original, image).unwrap();
    engine.begin().unwrap();
    engine.write(Buffer::Gradient, gradient).unwrap();
    let params = IterationParams { step_size: 1.0, turn, ..IterationParams::STILL };
    block_on(engine.iterate(&[params])).unwrap();
    let seen = block_on(engine.read(Buffer::NetInput)).unwrap();
    let state = block_on(engine.read(Buffer::Image)).unwrap();
    let (levels, rests) = state.split_at(image.len());
    let moved = levels.iter().zip(rests).zip(image).map(|((level, rest), old)| level - old + rest);
    [seen, moved.collect()]
}

#[test]
fn gradients_come_back_by_the_transpose_of_the_way_in() {
    let len = 3 * SIZE[0] * SIZE[1];
    let images = [1, 2]
        .map(|seed| -> Vec<f32> { noise(seed, len).iter().map(|it| 127.0 + 60.0 * it).collect() });
    let gradient = noise(3, len);
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    for &edges in Edges::ALL {
        let prior = Prior { edges, ..PRIOR };
        for turn in [[0.9, 0.2], [1.1, -0.5]] {
            let mut first = None;
            for mut candidate in block_on(engines()) {
                let name = candidate.name;
                let mut both = |image: &[f32]| {
                    seen_and_moved(&mut candidate.engine, &prior, turn, image, &gradient)
                };
                let [[one, moved], [other, _]] = [both(&images[0]), both(&images[1])];
                // The step is normalised, so that only proportions are left to compare.
                let expected = dot(&one, &gradient) / dot(&other, &gradient);
                let found = dot(&images[0], &moved) / dot(&images[1], &moved);
                let error = (found - expected).abs() / expected.abs();
                assert!(error < 5e-3, "{found} instead of {expected} on {name}, {edges:?}");
                let plain = dot(&images[0], &gradient) / dot(&images[1], &gradient);
                assert!((plain - expected).abs() > 5e-2 * expected.abs(), "nothing is turned");
                let (seen, steps) = first.get_or_insert_with(|| (one.clone(), moved.clone()));
                assert!(relative_error(&one, seen) < 1e-4, "{name} sees something else");
                assert!(relative_error(&moved, steps) < 1e-3, "{name} climbs elsewhere");
            }
        }
    }
}

fn dream(engine: AnyEngine, kind: &ObjectiveKind, prior: Prior, seed: u32) -> Vec<f32> {
    let wave =
        |i: u32, f: f32| (127.0 + 60.0 * ((i % 72) as f32 * f + (i / 72) as f32 * 0.2).sin()) as u8;
    let rgba = (0..72 * 64).flat_map(|i| [wave(i, 0.3), wave(i, 0.4), wave(i, 0.6), 255]).collect();
    let picture = Picture { width: 72, height: 64, rgba };
    let objective = Objective { kind: kind.clone(), ..Objective::layer("inception_3a/output") };
    let settings = DreamSettings {
        objectives: vec![objective],
        octaves: 2,
        iterations: 6,
        jitter: 6,
        seed,
        prior,
        ..Default::default()
    };
    let network = Arc::new(read_model("mini-inception", mini_inception::MODEL).unwrap());
    let mut session = Session::new(network, engine, &picture, &[], &settings).unwrap();
    while block_on(session.advance()).unwrap().is_some() {}
    let dream = block_on(session.finish()).unwrap();
    dream.rgba.iter().map(|&level| f32::from(level)).collect()
}

#[test]
fn the_same_seed_turns_alike_on_every_engine() {
    let neuron = ObjectiveKind::Neuron { channel: 40, x: 0.7, y: 0.3, before_relu: true };
    let caricature = ObjectiveKind::Caricature { cosine_power: 1.0 };
    for (kind, edges) in [
        (ObjectiveKind::L2, Edges::Plain),
        (neuron.clone(), Edges::Plain),
        (caricature, Edges::Plain),
        (neuron, Edges::Panorama),
    ] {
        let prior = Prior { edges, ..PRIOR };
        let cpu = || AnyEngine::Cpu(Default::default());
        let expected = dream(cpu(), &kind, prior, 1);
        for candidate in block_on(engines()) {
            let same = psnr(&dream(candidate.engine, &kind, prior, 1), &expected);
            assert!(same > 35.0, "{kind:?}, {edges:?} on {}: {same} dB", candidate.name);
        }
        let still = psnr(&dream(cpu(), &kind, Prior { edges, ..Prior::DEFAULT }, 1), &expected);
        let other = psnr(&dream(cpu(), &kind, prior, 2), &expected);
        assert!(still < 35.0 && other < 35.0, "{kind:?}: {still} and {other} dB");
    }
}
