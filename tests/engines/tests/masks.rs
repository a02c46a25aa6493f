//! Where a dream may change its picture, on every engine: nothing changes where nothing may, however
//! far the dream has got.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use dream::{DreamError, Session, network_input};
use dream_engines::{AnyEngine, Forward};
use dream_graph::Network;
use dream_onnx::Model;
use dream_protocol::{DreamSettings, Mask, Objective, ObjectiveKind, Picture, Prior};
use engine_tests::{Candidate, engines, read_model};
use pollster::block_on;

const WIDTH: u32 = 72;
const HEIGHT: u32 = 56;

fn model() -> Model {
    read_model("mini-inception", mini_inception::MODEL).unwrap()
}

/// Grey on the left, shapes on the right.
fn picture() -> Picture {
    painted(|x, y| {
        let wave =
            |f: f32| (127.5 + 90.0 * (x as f32 * f + (y as f32 * 0.3).sin() * 3.0).sin()) as u8;
        if x < WIDTH / 2 { [120; 3] } else { [wave(0.5), wave(0.4), wave(0.7)] }
    })
}

/// Nothing on the left, a soft edge, everything on the right.
fn mask() -> Picture {
    painted(|x, _| [(x.saturating_sub(30) * 12).min(255) as u8; 3])
}

fn painted(color: impl Fn(u32, u32) -> [u8; 3]) -> Picture {
    let pixel = |i: u32| {
        let [r, g, b] = color(i % WIDTH, i / WIDTH);
        [r, g, b, 255]
    };
    let rgba = (0..WIDTH * HEIGHT).flat_map(pixel).collect();
    Picture { width: WIDTH, height: HEIGHT, rgba }
}

fn settings(mask: Mask) -> DreamSettings {
    // Priors change pixels too.
    let prior = Prior { mask, total_variation: 0.1, blur: 0.3, ..Prior::default() };
    let objectives = vec![Objective::layer("inception_3b/output")];
    DreamSettings { objectives, octaves: 3, iterations: 3, prior, ..Default::default() }
}

/// A dream that is stopped after so many octaves.
fn dream(engine: AnyEngine, settings: &DreamSettings, octaves: u32) -> Picture {
    let materials = [mask()];
    let mut session =
        Session::new(Arc::new(model()), engine, &picture(), &materials, settings).unwrap();
    while let Some(progress) = block_on(session.advance()).unwrap() {
        if progress.octave == octaves && progress.iteration == progress.iterations {
            break;
        }
    }
    block_on(session.finish()).unwrap()
}

/// Mean change of a column's levels.
fn change(dream: &Picture, column: u32) -> f64 {
    let start = picture();
    let at = |picture: &Picture, y: u32, c: u32| {
        f64::from(picture.rgba[((y * WIDTH + column) * 4 + c) as usize])
    };
    let places = (0..HEIGHT).flat_map(|y| [0, 1, 2].map(|c| (y, c)));
    let sum: f64 = places.map(|(y, c)| (at(dream, y, c) - at(&start, y, c)).abs()).sum();
    sum / f64::from(3 * HEIGHT)
}

#[test]
fn what_is_masked_out_does_not_change_at_all() {
    let masked = settings(Mask::Material { index: 0 });
    for octaves in [1, 2, 3] {
        let free = block_on(engines()).into_iter();
        for (chosen, free) in block_on(engines()).into_iter().zip(free) {
            let name = chosen.name;
            let dreamt = dream(chosen.engine, &masked, octaves);
            let moved: Vec<u32> = (0..=30).filter(|&x| change(&dreamt, x) > 0.0).collect();
            assert!(moved.is_empty(), "columns {moved:?} changed on {name} after {octaves}");
            assert!((52..WIDTH).all(|x| change(&dreamt, x) > 0.5), "nothing dreamt on {name}");
            let dreamt = dream(free.engine, &settings(Mask::None), octaves);
            assert!((0..=30).all(|x| change(&dreamt, x) > 0.5), "it never changes on {name}");
        }
    }
}

#[test]
fn a_mask_from_the_picture_leaves_alone_what_the_layer_does_not_see() {
    for (chosen, free) in block_on(engines()).into_iter().zip(block_on(engines())) {
        let name = chosen.name;
        let felt = dream(chosen.engine, &settings(Mask::Activations), 3);
        let free = dream(free.engine, &settings(Mask::None), 3);
        let sides = |dream: &Picture| {
            [2..20, 52..70].map(|columns: std::ops::Range<u32>| {
                columns.map(|column| change(dream, column)).sum::<f64>() / 18.0
            })
        };
        let ([grey, shapes], [free_grey, free_shapes]) = (sides(&felt), sides(&free));
        println!(
            "{name}: {grey:.2} and {shapes:.2} instead of {free_grey:.2} and {free_shapes:.2}"
        );
        assert!(grey / shapes < 0.8 * free_grey / free_shapes, "grey changes as before on {name}");
        assert!(shapes > 0.3, "nothing dreamt on {name}");
    }
}

/// Raised only on one side: there it dreams, and elsewhere hardly more than the layer sees of it.
#[test]
fn an_objective_is_raised_where_its_mask_is_light() {
    // Deep layers see far beyond a mask.
    let layer = "conv2/3x3";
    let settings = |mask| {
        let objectives = vec![Objective { mask, ..Objective::layer(layer) }];
        DreamSettings { objectives, octaves: 1, jitter: 12, ..settings(Mask::None) }
    };
    let settings = |mask| DreamSettings { prior: Prior::default(), ..settings(mask) };
    let sides = |dream: &Picture| {
        [0..16, 56..WIDTH].map(|columns: std::ops::Range<u32>| {
            columns.map(|column| change(dream, column)).sum::<f64>() / 16.0
        })
    };
    for (chosen, free) in block_on(engines()).into_iter().zip(block_on(engines())) {
        let name = chosen.name;
        let [masked, lit] = sides(&dream(chosen.engine, &settings(Mask::Material { index: 0 }), 1));
        let [left, right] = sides(&dream(free.engine, &settings(Mask::None), 1));
        println!(
            "{name}, its own mask: {masked:.2} and {lit:.2} instead of {left:.2} and {right:.2}"
        );
        assert!(masked / lit < 0.6 * left / right, "{name} dreams where it is dark");
        assert!(lit > 1.0, "nothing dreamt on {name}");
    }
}

/// Two objectives, each on its side, and the masks of a whole dream and of an objective together.
#[test]
fn every_objective_has_a_mask_of_its_own() {
    let layer = "inception_3a/output";
    let inverted = |picture: &Picture| {
        let rgba = picture.rgba.chunks(4).flat_map(|p| [255 - p[0], 255 - p[1], 255 - p[2], 255]);
        Picture { rgba: rgba.collect(), ..picture.clone() }
    };
    let materials = [mask(), inverted(&mask())];
    let channel = |channel, index| Objective {
        kind: ObjectiveKind::Channels { channels: vec![channel], before_relu: true },
        mask: Mask::Material { index },
        ..Objective::layer(layer)
    };
    let dreamt = |engine, objectives| {
        let settings = DreamSettings { objectives, octaves: 1, jitter: 0, ..Default::default() };
        let session = Session::new(Arc::new(model()), engine, &picture(), &materials, &settings);
        let mut session = session.unwrap();
        while block_on(session.advance()).unwrap().is_some() {}
        block_on(session.finish()).unwrap()
    };
    let [first, second] = [40, 90];
    for (chosen, other) in block_on(engines()).into_iter().zip(block_on(engines())) {
        let name = chosen.name;
        let as_asked = dreamt(chosen.engine, vec![channel(first, 0), channel(second, 1)]);
        let swapped = dreamt(other.engine, vec![channel(first, 1), channel(second, 0)]);
        let rises = |picture: &Picture, channel: u32, columns: std::ops::Range<usize>| -> f32 {
            let [after, before] =
                [picture, &self::picture()].map(|it| sides_of(layer, it, channel, &columns));
            after - before
        };
        for (channel, columns) in [(first, 6..9), (second, 0..3)] {
            let rise = rises(&as_asked, channel, columns.clone());
            let other = rises(&swapped, channel, columns);
            assert!(rise > 2.0 * other.max(0.0), "{name}: {channel}: {rise} and {other}");
        }
    }
}

/// Painted on the left at first, then on the right: what has been dreamed stays, and what neither
/// has touched is the start picture still.
#[test]
fn a_mask_moves_on_while_it_dreams() {
    let band =
        |from: u32, to: u32| painted(|x, _| [if (from..to).contains(&x) { 255 } else { 0 }; 3]);
    let (left, right) = (band(0, 18), band(54, WIDTH));
    let masked = DreamSettings { iterations: 8, ..settings(Mask::Material { index: 0 }) };
    let changed = |dream: &Picture, columns: std::ops::Range<u32>| {
        columns.map(|x| change(dream, x)).fold(0.0, f64::max)
    };
    for moves in [false, true] {
        for Candidate { name, engine } in block_on(engines()) {
            let session = Session::new(
                Arc::new(model()),
                engine,
                &picture(),
                std::slice::from_ref(&left),
                &masked,
            );
            let mut session = session.unwrap();
            while block_on(session.advance()).unwrap().is_some_and(|it| it.octave < 2) {}
            if moves {
                let missing = block_on(session.update(&masked, Some(&[])));
                assert_eq!(missing, Err(DreamError::Material { index: 0, count: 0 }), "{name}");
                let before = block_on(session.frame()).unwrap();
                block_on(session.update(&masked, Some(std::slice::from_ref(&right)))).unwrap();
                assert_eq!(block_on(session.frame()).unwrap(), before, "{name} loses the image");
            }
            while block_on(session.advance()).unwrap().is_some() {}
            let dreamt = block_on(session.finish()).unwrap();
            assert!(changed(&dreamt, 0..16) > 2.0, "{name} has lost what it dreamed");
            assert!(changed(&dreamt, 20..52) == 0.0, "{name} dreams where it never may");
            assert!((changed(&dreamt, 56..WIDTH) > 2.0) == moves, "{name}: {moves}");
        }
    }
}

/// Where a layer does not say where, a dream goes on as it was.
#[test]
fn a_mask_that_cannot_be_changes_nothing() {
    let model = model();
    let class = ObjectiveKind::Class { index: 0 };
    let logits = model.head().unwrap().logits.clone();
    let free = DreamSettings { octaves: 1, iterations: 6, ..settings(Mask::None) };
    let masked = DreamSettings {
        objectives: vec![Objective { kind: class, ..Objective::layer(logits) }],
        ..DreamSettings { octaves: 1, iterations: 6, ..settings(Mask::Activations) }
    };
    let dreamt = [false, true].map(|tries| {
        let engine = AnyEngine::Cpu(Default::default());
        let session = Session::new(Arc::new(model.clone()), engine, &picture(), &[], &free);
        let mut session = session.unwrap();
        block_on(session.advance()).unwrap();
        if tries {
            let refused = block_on(session.update(&masked, None));
            assert!(matches!(refused, Err(DreamError::NoPlaces(_))), "{refused:?}");
        }
        while block_on(session.advance()).unwrap().is_some() {}
        block_on(session.finish()).unwrap()
    });
    assert_eq!(dreamt[0], dreamt[1]);
}

/// Mean of a channel over some columns of a layer.
fn sides_of(layer: &str, picture: &Picture, channel: u32, columns: &std::ops::Range<usize>) -> f32 {
    let (model, size) = (model(), [picture.height as usize, picture.width as usize]);
    let graph = Network::graph(&model, size[0], size[1], &[layer]).unwrap();
    let [_, _, rows, width] = graph.value(graph.find(layer).unwrap()).shape[..] else { panic!() };
    let input = network_input(picture, size, model.preprocessing()).unwrap();
    let forward = Forward::new(&model, size[0], size[1], &[layer]).unwrap();
    let values = forward.run(&input).unwrap().concat();
    let plane = &values[channel as usize * rows * width..][..rows * width];
    let chosen = plane.iter().enumerate().filter(|(i, _)| columns.contains(&(i % width)));
    chosen.map(|(_, a)| a).sum::<f32>() / (rows * columns.len()) as f32
}

#[test]
fn a_class_has_no_mask_of_its_own() {
    let model = model();
    let layer = model.head().unwrap().logits.clone();
    let kind = ObjectiveKind::Class { index: 0 };
    let objective = Objective { kind, mask: Mask::Activations, ..Objective::layer(layer) };
    let settings = DreamSettings { objectives: vec![objective], ..settings(Mask::None) };
    let engine = AnyEngine::Cpu(Default::default());
    let error = Session::new(Arc::new(model), engine, &picture(), &[], &settings).err();
    assert!(matches!(error, Some(DreamError::NoPlaces(_))), "{error:?}");
}

#[test]
fn a_class_does_not_say_where() {
    let model = model();
    let layer = model.head().unwrap().logits.clone();
    let class = ObjectiveKind::Class { index: 0 };
    let objectives = vec![Objective { kind: class, ..Objective::layer(layer) }];
    let settings = DreamSettings { objectives, ..settings(Mask::Activations) };
    let engine = AnyEngine::Cpu(Default::default());
    let session = Session::new(Arc::new(model), engine, &picture(), &[], &settings);
    let error = block_on(session.unwrap().advance()).err();
    assert!(matches!(error, Some(DreamError::NoPlaces(_))), "{error:?}");
}

#[test]
fn a_mask_that_is_missing_is_an_error_that_says_so() {
    let settings = settings(Mask::Material { index: 1 });
    let engine = AnyEngine::Cpu(Default::default());
    let error = Session::new(Arc::new(model()), engine, &picture(), &[mask()], &settings).err();
    assert_eq!(error, Some(DreamError::Material { index: 1, count: 1 }));
}
