//! Tests of what becomes of a dream whose engine fails.

use std::cell::Cell;

use dream_engines::AnyEngine;
use dream_graph::{Buffer, Footprint, IterationParams, Program};

use super::*;
use crate::model;

/// The CPU engine, but it loses its device in the octave after so many finished ones.
struct Failing {
    cpu: AnyEngine,
    octaves_left: usize,
}

impl Failing {
    fn after(octaves_left: usize) -> Self {
        let loaded = model::load(None).expect("the embedded model");
        let mut engines = Engines::default();
        let chosen = engines.choose(EngineChoice::Cpu, &loaded.model, "");
        Self { cpu: block_on(chosen).expect("a CPU").engine, octaves_left }
    }
}

fn lost() -> EngineError {
    EngineError::Lost { engine: "test", reason: "unplugged".into() }
}

impl Engine for Failing {
    fn prepare(&mut self, program: Arc<Program>) -> Result<(), EngineError> {
        self.cpu.prepare(program)
    }

    fn write(&mut self, buffer: Buffer, data: &[f32]) -> Result<(), EngineError> {
        self.cpu.write(buffer, data)
    }

    fn begin(&mut self) -> Result<(), EngineError> {
        self.cpu.begin()
    }

    async fn iterate(&mut self, burst: &[IterationParams]) -> Result<(), EngineError> {
        if self.octaves_left == 0 { Err(lost()) } else { self.cpu.iterate(burst).await }
    }

    fn end(&mut self) -> Result<(), EngineError> {
        self.octaves_left -= 1;
        self.cpu.end()
    }

    async fn settle(&mut self) -> Result<(), EngineError> {
        self.cpu.settle().await
    }

    async fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, EngineError> {
        self.cpu.read(buffer).await
    }

    fn footprint(&self, program: &Program) -> Footprint {
        self.cpu.footprint(program)
    }

    fn limits(&self) -> Footprint {
        self.cpu.limits()
    }
}

fn original() -> Picture {
    let byte = |i: u32| ((i * 37 % 251) as u8) | (u8::from(i % 4 == 3) * 255);
    Picture { width: 64, height: 48, rgba: (0..64 * 48 * 4).map(byte).collect() }
}

/// A dream of three octaves.
fn session(engine: Failing) -> Session<Failing> {
    let loaded = model::load(None).expect("the embedded model");
    let objectives = vec![Objective::layer(loaded.model.default_layer())];
    let settings = DreamSettings { objectives, octaves: 3, iterations: 2, ..Default::default() };
    let session = Session::new(Arc::new(loaded.model), engine, &original(), &[], &settings);
    session.expect("a session")
}

/// The dream on an engine that fails, and then on the others.
fn dreamt(first: Failing, others: Vec<Result<Failing, EngineError>>) -> Dreamt {
    let mut others = others.into_iter();
    let dreamt = dream(
        session(first),
        &Remix::default(),
        |_| others.next(),
        || false,
        &ProgressBar::hidden(),
    );
    dreamt.expect("no other error")
}

#[test]
fn another_engine_goes_on_from_the_last_finished_octave() {
    let whole = dreamt(Failing::after(9), Vec::new());
    assert_eq!(whole.ending, Ending::Finished);
    let resumed = dreamt(Failing::after(1), vec![Ok(Failing::after(1)), Ok(Failing::after(9))]);
    assert_eq!(resumed.ending, Ending::Finished);
    assert_eq!(resumed.picture, whole.picture);
    assert_ne!(whole.picture, Some(original()));
}

#[test]
fn what_is_finished_is_kept_when_there_is_no_other_engine() {
    let kept = dreamt(Failing::after(1), Vec::new());
    assert_eq!(kept.ending, Ending::Failed(lost().into()));
    let picture = kept.picture.expect("one octave");
    assert_eq!((picture.width, picture.height), (64, 48));
    assert_ne!(picture, original());
    let none = EngineError::Unavailable { engine: "GPU", reason: "gone".into() };
    let refused = dreamt(Failing::after(1), vec![Err(none.clone())]);
    assert_eq!(refused.ending, Ending::Failed(none.into()));
    assert_eq!(refused.picture, Some(picture));
}

#[test]
fn without_a_finished_octave_nothing_is_kept() {
    let failed = dreamt(Failing::after(0), Vec::new());
    assert_eq!((failed.picture, failed.ending), (None, Ending::Failed(lost().into())));
}

#[test]
fn stopping_keeps_what_is_reached_on_whichever_engine() {
    let asked = Cell::new(0);
    let stopped = || asked.replace(asked.get() + 1) > 0;
    let dreamt = dream(
        session(Failing::after(9)),
        &Remix::default(),
        |_| None,
        stopped,
        &ProgressBar::hidden(),
    );
    let dreamt = dreamt.expect("no other error");
    assert_eq!(dreamt.ending, Ending::Stopped);
    assert!(dreamt.picture.is_some_and(|picture| picture != original()));
}
