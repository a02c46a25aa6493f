//! What a dream tells of its objectives while it climbs, on every engine: their values, worked out
//! again from tract's forward pass.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use dream::{Session, network_input};
use dream_engines::{AnyEngine, Forward, Gpu, GpuEngine};
use dream_graph::Network;
use dream_onnx::Model;
use dream_protocol::{DreamSettings, Mask, Objective, ObjectiveKind, Picture};
use engine_tests::{engines, gpu, noise, read_model, relative_error};
use pollster::block_on;

const LAYER: &str = "inception_3a/output";
const SIDE: u32 = 64;

fn model() -> Model {
    read_model("mini-inception", mini_inception::MODEL).unwrap()
}

fn picture(seed: u32, width: u32) -> Picture {
    let n = noise(seed, 6);
    let level = |c: usize, i: u32| {
        let (x, y) = ((i % width) as f32, (i / width) as f32);
        (127.0 + 70.0 * (n[c] * x * 0.5 + n[3 + c] * y * 0.5).sin()) as u8
    };
    let pixel = |i| [level(0, i), level(1, i), level(2, i), 255];
    Picture { width, height: SIDE, rgba: (0..width * SIDE).flat_map(pixel).collect() }
}

/// A layer's activation at a picture: channels of positions.
fn activation(layer: &str, picture: &Picture) -> Vec<Vec<f32>> {
    let (model, size) = (model(), [picture.height as usize, picture.width as usize]);
    let graph = Network::graph(&model, size[0], size[1], &[layer]).unwrap();
    let channels = graph.value(graph.find(layer).unwrap()).shape[1];
    let input = network_input(picture, size, model.preprocessing()).unwrap();
    let values = Forward::new(&model, size[0], size[1], &[layer]).unwrap().run(&input).unwrap();
    values.concat().chunks(values.concat().len() / channels).map(<[f32]>::to_vec).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn mean(a: &[f32]) -> f32 {
    a.iter().sum::<f32>() / a.len() as f32
}

/// Every kind of objective with its value at `picture`, a style that of `style`.
fn objectives(picture: &Picture, style: &Picture) -> Vec<(Objective, f32)> {
    let of = |kind| Objective { kind, weight: -0.5, ..Objective::layer(LAYER) };
    let logits = model().head().unwrap().logits.clone();
    let (a, own) = (activation(LAYER, picture), activation(LAYER, style));
    let (positions, channels) = (a[0].len(), a.len());
    let direction = noise(8, channels);
    let length = dot(&direction, &direction).sqrt();
    let column = |p: usize| a.iter().map(|plane| plane[p]).collect::<Vec<f32>>();
    let towards = |p| dot(&column(p), &direction) / length;
    let gram = |a: &[Vec<f32>]| -> Vec<f32> {
        a.iter().flat_map(|x| a.iter().map(|y| dot(x, y) / x.len() as f32)).collect()
    };
    let away: f32 = gram(&a).iter().zip(gram(&own)).map(|(a, b)| (a - b).powi(2)).sum();
    let side = (positions as f32).sqrt() as usize;
    let class = Objective { layer: logits.clone(), ..of(ObjectiveKind::Class { index: 7 }) };
    let channel = |channels: &[u32]| {
        of(ObjectiveKind::Channels { channels: channels.to_vec(), before_relu: false })
    };
    let at = (0.6 * side as f32) as usize * side + (0.3 * side as f32) as usize;
    // The loudest channel there.
    let loud = (0..channels).fold(0, |loud, c| if a[c][at] > a[loud][at] { c } else { loud });
    let neuron = ObjectiveKind::Neuron { channel: loud as u32, x: 0.3, y: 0.6, before_relu: false };
    let straight = ObjectiveKind::Direction { direction: direction.clone(), cosine_power: 0.0 };
    vec![
        (of(ObjectiveKind::L2), 0.5 * a.iter().map(|plane| dot(plane, plane)).sum::<f32>()),
        (of(ObjectiveKind::Mean), mean(&a.concat())),
        (channel(&[3, 40]), mean(&a[3]) + mean(&a[40])),
        (class, activation(&logits, picture)[7][0]),
        (of(neuron), a[loud][at]),
        (of(straight), mean(&(0..positions).map(towards).collect::<Vec<_>>())),
        (of(ObjectiveKind::Style { style: 0 }), -0.25 * away / (channels * channels) as f32),
    ]
}

/// The scores of a dream that does not move.
fn scores(engine: AnyEngine, objectives: &[Objective], picture: &Picture) -> Vec<Vec<f32>> {
    let settings = DreamSettings {
        objectives: objectives.to_vec(),
        octaves: 1,
        iterations: 3,
        step_size: 0.0,
        jitter: 0,
        ..Default::default()
    };
    let materials = [self::picture(5, SIDE)];
    let network = Arc::new(model());
    let mut session = Session::new(network, engine, picture, &materials, &settings).unwrap();
    let mut all = Vec::new();
    while block_on(session.advance()).unwrap().is_some() {
        all.extend(block_on(session.scores()).unwrap().into_iter().map(|it| it.values));
    }
    all
}

#[test]
fn scores_are_the_values_of_the_objectives() {
    let start = picture(3, SIDE);
    let (objectives, expected): (Vec<_>, Vec<_>) =
        objectives(&start, &picture(5, SIDE)).into_iter().unzip();
    for candidate in block_on(engines()) {
        let found = scores(candidate.engine, &objectives, &start);
        assert_eq!(found.len(), 3, "one row for each iteration on {}", candidate.name);
        for row in &found {
            for ((found, expected), objective) in row.iter().zip(&expected).zip(&objectives) {
                let error = (found - expected).abs() / expected.abs();
                let (kind, name) = (&objective.kind, candidate.name);
                assert!(error < 1e-3, "{kind:?} on {name}: {found} instead of {expected}");
            }
        }
        let other: Vec<f32> = found[0].iter().rev().copied().collect();
        assert!(relative_error(&other, &expected) > 0.1, "the control");
    }
}

/// Balance changes steps and not scores; tiles add up to the whole, masks leave parts out.
#[test]
fn tiles_add_up_and_masks_leave_out() {
    let Some(gpu) = block_on(gpu()) else { return };
    let limited = block_on(Gpu::open_limited(5 << 18)).unwrap();
    let on = |gpu: &Gpu| AnyEngine::Gpu(GpuEngine::new(gpu.clone()));
    let wide = Picture { height: 128, width: 384, rgba: picture(3, 384).rgba.repeat(2) };
    let whole = vec![Objective::layer(LAYER)];
    let masked = vec![Objective { mask: Mask::Material { index: 0 }, ..Objective::layer(LAYER) }];
    for objectives in [&whole, &masked] {
        let [one, many] = [&gpu, &limited].map(|gpu| scores(on(gpu), objectives, &wide)[0][0]);
        assert!((one - many).abs() < 1e-3 * one, "{one} as a whole, {many} in tiles");
    }
    let [all, part] = [&whole, &masked].map(|objectives| scores(on(&gpu), objectives, &wide)[0][0]);
    assert!(part > 0.05 * all && part < 0.9 * all, "{part} of {all}");
}
