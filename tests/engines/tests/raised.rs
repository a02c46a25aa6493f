//! What a dream raises rises, on every engine: measured by tract on the finished picture, each time
//! beside something that must rise less.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use dream::{Session, network_input, teach};
use dream_engines::{AnyEngine, Forward, Gpu, GpuEngine, HybridEngine};
use dream_graph::Network;
use dream_onnx::Model;
use dream_protocol::{DreamSettings, Objective, ObjectiveKind, Picture};
use engine_tests::{gpu, noise, psnr, read_model};
use pollster::block_on;

const LAYER: &str = "inception_3a/output";
const SIDE: u32 = 64;

fn model() -> Model {
    read_model("mini-inception", mini_inception::MODEL).unwrap()
}

/// Soft waves in all colours, their kind by a number.
fn waves(seed: u32, width: u32, height: u32) -> Picture {
    let n = noise(seed, 9);
    let level = |c: usize, x: f32, y: f32| {
        127.0 + 70.0 * (n[c] * x * 0.4 + n[3 + c] * y * 0.4 + 3.0 * n[6 + c]).sin()
    };
    let pixel = |i: u32| {
        let of = |c| level(c, (i % width) as f32, (i / width) as f32) as u8;
        [of(0), of(1), of(2), 255]
    };
    Picture { width, height, rgba: (0..width * height).flat_map(pixel).collect() }
}

/// Bars across or down, of a width and a phase.
fn bars(across: bool, width: u32, phase: u32) -> Picture {
    let pixel = |i: u32| {
        let along = if across { i / SIDE } else { i % SIDE };
        let level = if ((along + phase) / width).is_multiple_of(2) { 40 } else { 210 };
        [level, level, level, 255]
    };
    Picture { width: SIDE, height: SIDE, rgba: (0..SIDE * SIDE).flat_map(pixel).collect() }
}

fn start() -> Picture {
    waves(3, SIDE, SIDE)
}

fn settings(objectives: Vec<Objective>) -> DreamSettings {
    DreamSettings { objectives, octaves: 2, iterations: 5, jitter: 8, ..Default::default() }
}

fn of(kind: ObjectiveKind, weight: f32) -> Objective {
    Objective { weight, kind, ..Objective::layer(LAYER) }
}

fn dream(
    engine: AnyEngine,
    picture: &Picture,
    materials: &[Picture],
    settings: &DreamSettings,
) -> Picture {
    let network = Arc::new(model());
    let mut session = Session::new(network, engine, picture, materials, settings).unwrap();
    while block_on(session.advance()).unwrap().is_some() {}
    block_on(session.finish()).unwrap()
}

/// Dreams on a new engine of every kind.
fn everywhere(mut test: impl FnMut(&str, &mut dyn FnMut() -> AnyEngine)) {
    test("CPU", &mut || AnyEngine::Cpu(Default::default()));
    if let Some(gpu) = block_on(gpu()) {
        test("GPU", &mut || AnyEngine::Gpu(GpuEngine::new(gpu.clone())));
        let half = || GpuEngine::without_forward(gpu.clone());
        test("hybrid", &mut || AnyEngine::Hybrid(HybridEngine::new(half())));
    }
}

/// A layer's activation at a picture: channels of positions.
fn activation(layer: &str, picture: &Picture) -> Vec<Vec<f32>> {
    let (model, [height, width]) = (model(), [picture.height as usize, picture.width as usize]);
    let graph = Network::graph(&model, height, width, &[layer]).unwrap();
    let channels = graph.value(graph.find(layer).unwrap()).shape[1];
    let input = network_input(picture, [height, width], model.preprocessing()).unwrap();
    let values = Forward::new(&model, height, width, &[layer]).unwrap().run(&input).unwrap();
    values.concat().chunks(values.concat().len() / channels).map(<[f32]>::to_vec).collect()
}

fn means(layer: &str, picture: &Picture) -> Vec<f32> {
    activation(layer, picture).iter().map(|a| a.iter().sum::<f32>() / a.len() as f32).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn gram_distance(a: &Picture, b: &Picture) -> f32 {
    let gram = |picture: &Picture| -> Vec<f32> {
        let a = activation(LAYER, picture);
        a.iter().flat_map(|x| a.iter().map(|y| dot(x, y) / x.len() as f32)).collect()
    };
    gram(a).iter().zip(gram(b)).map(|(a, b)| (a - b).powi(2)).sum()
}

#[test]
fn the_chosen_channel_rises_and_others_less() {
    let start = start();
    let before = means(LAYER, &start);
    // One that is neither silent nor the strongest.
    let mut order: Vec<usize> = (0..before.len()).collect();
    order.sort_by(|&a, &b| before[a].total_cmp(&before[b]));
    let chosen = order[before.len() / 2];
    let kind = ObjectiveKind::Channels { channels: vec![chosen as u32], before_relu: false };
    everywhere(|name, engine| {
        let mut rise = |weight: f32, step_size: f32| -> Vec<f32> {
            let settings = DreamSettings { step_size, ..settings(vec![of(kind.clone(), weight)]) };
            let after = means(LAYER, &dream(engine(), &start, &[], &settings));
            after.iter().zip(&before).map(|(after, before)| after - before).collect()
        };
        let raised = rise(1.0, 1.5);
        let less = raised.iter().filter(|&&rise| rise < raised[chosen]).count();
        assert!(raised[chosen] > 0.0, "{name}: {}", raised[chosen]);
        assert!(less >= raised.len() - 3, "{name}: only {less} rise less");
        assert!(rise(-1.0, 1.5)[chosen] < 0.0, "{name}: a negative weight must lower");
        assert!(rise(1.0, -1.5)[chosen] < 0.0, "{name}: a dream in reverse must lower");
    });
}

#[test]
fn silent_channels_rise_only_before_the_rectifier() {
    let start = start();
    let silent = activation(LAYER, &start).iter().position(|a| a.iter().all(|&a| a == 0.0));
    let Some(silent) = silent else { panic!("the start picture leaves no channel silent") };
    everywhere(|name, engine| {
        let mut after = |before_relu| {
            let channels = vec![silent as u32];
            let objective = of(ObjectiveKind::Channels { channels, before_relu }, 1.0);
            let settings = DreamSettings { octaves: 1, ..settings(vec![objective]) };
            let settings = DreamSettings { jitter: 0, iterations: 20, ..settings };
            means(LAYER, &dream(engine(), &start, &[], &settings))[silent]
        };
        assert_eq!(after(false), 0.0, "{name}: there is no gradient");
        assert!(after(true) > 0.0, "{name}");
    });
}

/// After the rectifier a silent channel has no gradient, unless the rectifier redirects it; where
/// anything gets through, nothing is redirected.
#[test]
fn redirected_rectifiers_make_silent_channels_speak() {
    let start = start();
    let silent = |a: &Vec<f32>| a.iter().all(|&a| a == 0.0);
    let at_start = activation(LAYER, &start);
    let [quiet, loud] = [true, false].map(|quiet| {
        at_start.iter().position(|a| silent(a) == quiet).map(|channel| channel as u32).unwrap()
    });
    everywhere(|name, engine| {
        let mut dreamt = |channel: u32, redirected: u32| {
            let kind = ObjectiveKind::Channels { channels: vec![channel], before_relu: false };
            let mut settings = DreamSettings { octaves: 1, ..settings(vec![of(kind, 1.0)]) };
            settings = DreamSettings { jitter: 0, iterations: 20, ..settings };
            settings.prior.redirected = redirected;
            dream(engine(), &start, &[], &settings)
        };
        let rise = means(LAYER, &dreamt(quiet, 20))[quiet as usize];
        assert!(rise > 0.0, "{name}: channel {quiet} is still silent");
        assert_eq!(means(LAYER, &dreamt(quiet, 0))[quiet as usize], 0.0, "{name}");
        assert_eq!(dreamt(loud, 20), dreamt(loud, 0), "{name}: something got through anyway");
    });
}

#[test]
fn a_class_rises_and_falls() {
    let (start, model) = (start(), model());
    let logits = model.head().unwrap().logits.clone();
    let before = means(&logits, &start);
    let objective = |weight| {
        let kind = ObjectiveKind::Class { index: 281 };
        Objective { weight, kind, ..Objective::layer(logits.clone()) }
    };
    everywhere(|name, engine| {
        let mut rise = |weight: f32| -> Vec<f32> {
            let settings = settings(vec![objective(weight)]);
            let after = means(&logits, &dream(engine(), &start, &[], &settings));
            after.iter().zip(&before).map(|(after, before)| after - before).collect()
        };
        let raised = rise(1.0);
        let less = raised.iter().filter(|&&rise| rise < raised[281]).count();
        assert!(raised[281] > 0.5 && less > 850, "{name}: {} and {less} less", raised[281]);
        assert!(rise(-1.0)[281] < 0.0, "{name}: a negative weight must lower");
    });
}

/// A neuron rises at its place of the picture, however the picture is rolled.
#[test]
fn a_neuron_rises_at_its_place() {
    let start = start();
    let channel = 40;
    let kind = ObjectiveKind::Neuron { channel, x: 0.8, y: 0.2, before_relu: true };
    let at = |picture: &Picture, x: f32, y: f32| -> f32 {
        let plane = &activation(LAYER, picture)[channel as usize];
        let side = (plane.len() as f32).sqrt() as usize;
        let place = |part: f32| (part * side as f32) as i64;
        let near = |row: i64, column: i64| {
            let inside = |i: i64| (0..side as i64).contains(&i);
            (inside(row) && inside(column)).then(|| plane[row as usize * side + column as usize])
        };
        let around = |d: i64| near(place(y) + d / 3 - 1, place(x) + d % 3 - 1);
        (0..9).filter_map(around).sum()
    };
    everywhere(|name, engine| {
        let settings =
            DreamSettings { jitter: 20, iterations: 10, ..settings(vec![of(kind.clone(), 1.0)]) };
        let after = dream(engine(), &start, &[], &settings);
        let rise = |x, y| at(&after, x, y) - at(&start, x, y);
        let (here, there) = (rise(0.8, 0.2), rise(0.2, 0.8));
        assert!(here > 0.0 && here > 3.0 * there, "{name}: {here} here, {there} elsewhere");
    });
}

#[test]
fn a_guide_leads_towards_what_it_shows() {
    let (start, guide) = (start(), bars(true, 5, 0));
    let wanted = means(LAYER, &guide);
    let away = cosine(&means(LAYER, &start), &wanted);
    everywhere(|name, engine| {
        let mut towards = |kind| {
            let materials = [guide.clone()];
            let dreamt = dream(engine(), &start, &materials, &settings(vec![of(kind, 1.0)]));
            cosine(&means(LAYER, &dreamt), &wanted)
        };
        let plain = towards(ObjectiveKind::L2);
        for kind in
            [ObjectiveKind::GuideChannels { guide: 0 }, ObjectiveKind::GuideMatch { guide: 0 }]
        {
            let led = towards(kind.clone());
            println!("{kind:?} on {name}: {led}, unguided {plain}, before {away}");
            assert!(led > away && led > plain, "{kind:?} on {name}: {led} {plain} {away}");
        }
    });
}

#[test]
fn a_style_comes_over_noise() {
    let style = bars(false, 6, 0);
    let level = |n: &f32| (127.0 + 60.0 * n) as u8;
    let mut rgba: Vec<u8> = noise(5, (SIDE * SIDE * 4) as usize).iter().map(level).collect();
    rgba.iter_mut().skip(3).step_by(4).for_each(|alpha| *alpha = 255);
    let start = Picture { width: SIDE, height: SIDE, rgba };
    let before = gram_distance(&start, &style);
    everywhere(|name, engine| {
        let mut distance = |kind| {
            let settings = DreamSettings { iterations: 12, ..settings(vec![of(kind, 1.0)]) };
            let dreamt = dream(engine(), &start, std::slice::from_ref(&style), &settings);
            gram_distance(&dreamt, &style) / before
        };
        let (styled, plain) =
            (distance(ObjectiveKind::Style { style: 0 }), distance(ObjectiveKind::L2));
        println!("style on {name}: {styled} of the distance is left, {plain} without");
        assert!(styled < 0.5 && styled < plain, "{name}: {styled} {plain}");
    });
}

#[test]
fn a_taught_concept_is_dreamed() {
    let model = model();
    let examples = |across| -> Vec<Picture> { (0..5).map(|i| bars(across, 4 + i, i)).collect() };
    let (concept, against) = (examples(true), examples(false));
    let start = start();
    everywhere(|name, engine| {
        let taught = block_on(teach(&model, &mut engine(), LAYER, &concept, &against)).unwrap();
        assert_eq!(taught.told_apart(), 10, "{name}: {taught:?}");
        let score = |picture: &Picture| dot(&means(LAYER, picture), &taught.direction);
        let unseen = [bars(true, 7, 3), bars(false, 7, 3)];
        assert!(score(&unseen[0]) > score(&unseen[1]), "{name}: it has learned by heart");
        let direction = taught.direction.clone();
        let kind = ObjectiveKind::Direction { direction, cosine_power: 1.0 };
        let mut dreamt = |weight| {
            score(&dream(engine(), &start, &[], &settings(vec![of(kind.clone(), weight)])))
        };
        let (more, less) = (dreamt(1.0), dreamt(-1.0));
        assert!(more > score(&start) && more > less, "{name}: {more} {less}");
    });
}

/// A caricature goes on in the direction in which the picture lies, more than the plain dream does.
#[test]
fn a_caricature_exaggerates_the_picture_itself() {
    let start = waves(11, 96, SIDE);
    let own = activation(LAYER, &start).concat();
    everywhere(|name, engine| {
        let mut dreamt = |kind| {
            let settings = DreamSettings { jitter: 0, ..settings(vec![of(kind, 1.0)]) };
            activation(LAYER, &dream(engine(), &start, &[], &settings)).concat()
        };
        let exaggerated = dreamt(ObjectiveKind::Caricature { cosine_power: 4.0 });
        let plain = dreamt(ObjectiveKind::L2);
        assert!(dot(&exaggerated, &own) > 1.1 * dot(&own, &own), "{name}");
        let (like, unlike) = (cosine(&exaggerated, &own), cosine(&plain, &own));
        assert!(like > unlike, "{name}: {like} {unlike}");
    });
}

/// Objectives that depend on places are the same in tiles.
#[test]
fn tiles_do_not_move_objectives() {
    let Some(gpu) = block_on(gpu()) else { return };
    let limited = block_on(Gpu::open_limited(5 << 18)).unwrap();
    let (picture, guide) = (waves(3, 384, 128), bars(true, 5, 0));
    let on = |gpu: &Gpu| AnyEngine::Gpu(GpuEngine::new(gpu.clone()));
    let channels = activation(LAYER, &guide).len();
    let kinds = [
        ObjectiveKind::Channels { channels: vec![40], before_relu: true },
        ObjectiveKind::Neuron { channel: 40, x: 0.7, y: 0.6, before_relu: true },
        ObjectiveKind::Direction { direction: noise(9, channels), cosine_power: 1.0 },
        ObjectiveKind::GuideChannels { guide: 0 },
        ObjectiveKind::GuideMatch { guide: 0 },
    ];
    let levels = |it: &Picture| it.rgba.iter().map(|&level| level.into()).collect::<Vec<f32>>();
    for kind in kinds {
        let settings =
            DreamSettings { octaves: 1, iterations: 2, ..settings(vec![of(kind.clone(), 1.0)]) };
        let materials = [guide.clone()];
        let tiled = Session::new(Arc::new(model()), on(&limited), &picture, &materials, &settings);
        assert!(tiled.unwrap().plan().tiles > 1, "{kind:?}");
        let expected = dream(on(&gpu), &picture, &materials, &settings);
        let tiled = dream(on(&limited), &picture, &materials, &settings);
        let same = psnr(&levels(&tiled), &levels(&expected));
        let undreamed = psnr(&levels(&picture), &levels(&expected));
        println!("{kind:?}: {same:.1} dB in tiles, {undreamed:.1} dB undreamed");
        assert!(same >= 45.0 && undreamed < 42.0, "{kind:?}: {same:.1} dB, {undreamed:.1} dB");
    }
}

#[test]
fn objectives_that_cannot_be_say_why() {
    let cpu = || AnyEngine::Cpu(Default::default());
    let fails = |objective: Objective, words: &str| {
        let settings = settings(vec![objective]);
        let error = Session::new(Arc::new(model()), cpu(), &start(), &[], &settings).err();
        let error = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(words), "{error:?} does not say {words:?}");
    };
    let direction = ObjectiveKind::Direction { direction: vec![1.0; 7], cosine_power: 0.0 };
    fails(of(direction, 1.0), "has 7 channels");
    fails(of(ObjectiveKind::Style { style: 0 }, 1.0), "picture 0 of the 0");
    let channels = ObjectiveKind::Channels { channels: vec![4096], before_relu: false };
    fails(of(channels, 1.0), "has no channel 4096");
    fails(of(ObjectiveKind::L2, f32::NAN), "not a finite number");
}
