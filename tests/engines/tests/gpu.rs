//! What only a GPU engine can do wrong: talk too much with its device, lose it, run out of room.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{future::ready, sync::Arc};

use dream::{DreamError, Octave, Session, program};
use dream_engines::{AnyEngine, EngineError, Engines, Gpu, GpuEngine};
use dream_graph::{Buffer, Engine, IterationParams, Network, Program, Seed, SeedKind, Tile};
use dream_onnx::Model;
use dream_protocol::{DreamSettings, EngineChoice, Objective, Picture, Prior};
use engine_tests::{gpu, psnr, read_model};
use pollster::block_on;

fn model() -> Model {
    read_model("mini-inception", mini_inception::MODEL).unwrap()
}

/// A picture with shapes of many sizes.
fn picture(width: u32, height: u32) -> Picture {
    let pixel = |i: u32| {
        let (x, y) = ((i % width) as f32, (i / width) as f32);
        let wave = |fx: f32, fy: f32| 127.5 + 100.0 * (x * fx + (y * fy).sin() * 3.0).sin();
        [wave(0.11, 0.05) as u8, wave(0.03, 0.13) as u8, wave(0.07, 0.02) as u8, 255]
    };
    Picture { width, height, rgba: (0..width * height).flat_map(pixel).collect() }
}

fn settings(model: &Model) -> DreamSettings {
    let objectives = vec![Objective::layer(model.default_layer())];
    DreamSettings { objectives, ..Default::default() }
}

fn session(engine: AnyEngine, picture: &Picture, settings: &DreamSettings) -> Session<AnyEngine> {
    Session::new(Arc::new(model()), engine, picture, &[], settings).unwrap()
}

fn dream(engine: AnyEngine, picture: &Picture, settings: &DreamSettings) -> Picture {
    let mut session = session(engine, picture, settings);
    while block_on(session.advance()).unwrap().is_some() {}
    block_on(session.finish()).unwrap()
}

fn cpu() -> AnyEngine {
    AnyEngine::Cpu(Default::default())
}

fn on(gpu: &Gpu) -> AnyEngine {
    AnyEngine::Gpu(GpuEngine::new(gpu.clone()))
}

fn levels(picture: &Picture) -> Vec<f32> {
    picture.rgba.iter().map(|&level| f32::from(level)).collect()
}

fn likeness(a: &Picture, b: &Picture) -> f64 {
    psnr(&levels(a), &levels(b))
}

#[test]
fn the_same_seed_dreams_the_same_on_processor_and_gpu() {
    let Some(gpu) = block_on(gpu()) else { return };
    let (picture, settings) = (picture(160, 120), settings(&model()));
    let expected = dream(cpu(), &picture, &settings);
    let same = likeness(&dream(on(&gpu), &picture, &settings), &expected);
    let other = DreamSettings { seed: settings.seed + 1, ..settings };
    let different = likeness(&dream(on(&gpu), &picture, &other), &expected);
    println!("GPU against CPU: {same:.1} dB; another seed: {different:.1} dB");
    assert!(same >= 35.0, "{same:.1} dB");
    assert!(different < same - 3.0, "another seed gives {different:.1} dB");
}

#[test]
fn a_burst_is_one_submission_and_nothing_comes_back() {
    let Some(gpu) = block_on(gpu()) else { return };
    let mut engine = GpuEngine::new(gpu);
    engine.prepare(Arc::new(small_program())).unwrap();
    engine.write(Buffer::Original, &vec![90.0; 3 * 48 * 48]).unwrap();
    engine.begin().unwrap();
    block_on(engine.settle()).unwrap();
    let before = engine.traffic();
    let burst = [IterationParams { shift: [1, 2], step_size: 1.0, ..IterationParams::STILL }; 3];
    block_on(engine.iterate(&burst)).unwrap();
    block_on(engine.settle()).unwrap();
    let after = engine.traffic();
    assert_eq!((after.submits - before.submits, after.maps - before.maps), (1, 0));
    let image = block_on(engine.read(Buffer::Image)).unwrap();
    assert!(image.iter().any(|&level| level != 90.0 && level != 0.0), "nothing was dreamed");
    assert_eq!(engine.traffic().maps - after.maps, 1, "a readback must be counted");
}

#[test]
fn after_warming_up_no_dream_makes_a_pipeline() {
    let Some(warm) = block_on(gpu()) else { return };
    warm.warm_up();
    let made = warm.pipelines_made();
    let (picture, settings) = (picture(64, 48), settings(&model()));
    dream(on(&warm), &picture, &settings);
    assert_eq!(warm.pipelines_made(), made);
    let Some(cold) = block_on(gpu()) else { return };
    dream(on(&cold), &picture, &settings);
    let used = cold.pipelines_made();
    assert!(used > 0 && used < made, "{used} of {made}");
}

fn small_program() -> Program {
    let (model, size) = (model(), [48, 48]);
    let graph = Network::graph(&model, 48, 48, &[model.default_layer()]).unwrap();
    let layer = graph.find(model.default_layer()).unwrap();
    let seed = Seed::new(layer, SeedKind::L2);
    let octave = Octave { index: 0, size, before: None, full: size };
    let (tiles, prior) = (vec![Tile::WHOLE], Prior::default());
    program(graph, &[seed], model.preprocessing(), octave, tiles, &prior).unwrap()
}

#[test]
fn a_lost_device_costs_no_finished_octave() {
    let Some(gpu) = block_on(gpu()) else { return };
    let picture = picture(96, 72);
    let settings = DreamSettings { octaves: 3, iterations: 4, ..settings(&model()) };
    let mut session = session(on(&gpu), &picture, &settings);
    let untouched = session.kept();
    while block_on(session.advance()).unwrap().unwrap().octave < 2 {}
    gpu.destroy();
    let error = loop {
        match block_on(session.advance()) {
            Ok(progress) => assert!(progress.is_some(), "the dream ended on a lost device"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, DreamError::Engine(EngineError::Lost { .. })), "{error}");
    let kept = session.kept();
    assert!(likeness(&kept, &untouched) < 50.0, "the first octave was not kept");

    session.resume(cpu()).unwrap();
    while block_on(session.advance()).unwrap().is_some() {}
    let resumed = block_on(session.finish()).unwrap();
    let expected = dream(cpu(), &picture, &settings);
    let (same, unfinished) = (likeness(&resumed, &expected), likeness(&kept, &expected));
    assert!(same >= 35.0 && unfinished < same - 3.0, "{same:.1} dB, kept {unfinished:.1} dB");
}

/// `auto` asks a machine for its device once, and whoever wants the GPU as often as they want it.
#[test]
fn a_device_that_was_missing_is_asked_for_again_by_those_who_want_it() {
    let Some(_) = block_on(gpu()) else { return };
    let (mut engines, model) = (Engines::default(), model());
    let gone = EngineError::Unavailable { engine: "GPU", reason: "it is gone".into() };
    engines.adopt(ready(Err(gone)));
    let mut reason = |choice| {
        let chosen = block_on(engines.choose(choice, &model, model.default_layer()));
        chosen.unwrap().reason
    };
    for _ in 0..2 {
        assert!(reason(EngineChoice::Auto).contains("it is gone"));
    }
    assert!(reason(EngineChoice::Gpu).contains("you asked for it"));
    assert!(!reason(EngineChoice::Auto).contains("it is gone"));
}

/// Whoever goes on with a device that has run out of memory gets smaller tiles.
#[test]
fn a_device_that_ran_out_of_memory_goes_on_in_smaller_tiles() {
    let Some(gpu) = block_on(gpu()) else { return };
    let picture = picture(640, 192);
    let objectives = vec![Objective::layer("inception_3a/output")];
    let settings = DreamSettings { objectives, octaves: 1, iterations: 2, ..settings(&model()) };
    let mut engines = Engines::default();
    engines.adopt(ready(Ok(gpu.clone())));
    let mut again = || {
        let model = model();
        block_on(engines.choose(EngineChoice::Gpu, &model, "inception_3a/output")).unwrap().engine
    };
    for (exhausted, more) in [(true, true), (false, false)] {
        let mut session = session(again(), &picture, &settings);
        let before = session.plan();
        block_on(session.advance()).unwrap();
        if exhausted {
            gpu.exhaust();
            let error = block_on(session.advance()).unwrap_err();
            assert!(
                matches!(error, DreamError::Engine(EngineError::OutOfMemory { .. })),
                "{error}"
            );
        }
        session.resume(again()).unwrap();
        let after = session.plan();
        assert_eq!(after.memory.total <= before.memory.total / 2, more, "{before:?}, {after:?}");
        assert_eq!(after.tiles > before.tiles, more, "{before:?}, {after:?}");
        while block_on(session.advance()).unwrap().is_some() {}
        assert!(likeness(&block_on(session.finish()).unwrap(), &picture) < 40.0);
    }
}

/// A device whose buffers are too small for the picture dreams it in tiles, and nobody can tell.
#[test]
fn tiles_are_seamless() {
    let Some(gpu) = block_on(gpu()) else { return };
    let limited = block_on(Gpu::open_limited(5 << 18)).unwrap();
    let picture = picture(384, 128);
    // A layer whose receptive field leaves room for more than one window.
    let objectives = vec![Objective::layer("inception_3a/output")];
    let settings = DreamSettings { objectives, octaves: 1, iterations: 2, ..settings(&model()) };
    let whole = session(on(&gpu), &picture, &settings);
    let tiled = session(on(&limited), &picture, &settings);
    let (whole, tiled) = (whole.plan(), tiled.plan());
    assert!(whole.tiles == 1 && tiled.tiles > 1, "{whole:?} and {tiled:?}");
    assert!(tiled.memory.largest <= 5 << 18 && whole.memory.largest > 5 << 18);
    let expected = dream(on(&gpu), &picture, &settings);
    let likeness_of = |picture: &Picture| likeness(picture, &expected);
    let same = likeness_of(&dream(on(&limited), &picture, &settings));
    println!("{} tiles against one: {same:.1} dB", tiled.tiles);
    assert!(same >= 45.0, "{same:.1} dB");
    assert!(likeness_of(&picture) < 40.0, "the undreamed picture passes");
}

#[test]
fn a_device_without_room_for_a_tile_is_an_honest_error() {
    if block_on(gpu()).is_none() {
        return;
    }
    let tiny = block_on(Gpu::open_limited(1 << 16)).unwrap();
    let (picture, settings) = (picture(200, 150), settings(&model()));
    let error = Session::new(Arc::new(model()), on(&tiny), &picture, &[], &settings).err().unwrap();
    let message = error.to_string();
    assert!(matches!(error, DreamError::Engine(EngineError::TooLarge { .. })), "{message}");
    assert!(message.contains("choose a smaller size"), "{message}");
}
