//! The port through which the algorithm drives whatever executes programs.

use std::{future::Future, sync::Arc};

use crate::{
    dispatch::{Buffer, IterationParams},
    program::Program,
};

/// An executor of programs. Work is enqueued in order; only [`settle`](Engine::settle) and
/// [`read`](Engine::read) wait for it.
pub trait Engine {
    /// Makes ready for a program: plans, pipelines, buffers. Buffers that the program before it had
    /// too keep their contents.
    ///
    /// # Errors
    /// A node or kernel that this engine cannot execute, or too little memory.
    fn prepare(&mut self, program: Arc<Program>) -> Result<(), EngineError>;

    /// Fills a buffer of the program.
    ///
    /// # Errors
    /// A buffer that the program does not have, or data of another length.
    fn write(&mut self, buffer: Buffer, data: &[f32]) -> Result<(), EngineError>;

    /// Runs the prologue.
    ///
    /// # Errors
    /// Whatever the device reports.
    fn begin(&mut self) -> Result<(), EngineError>;

    /// Runs a burst: one iteration per element.
    ///
    /// # Errors
    /// Whatever the device reports.
    fn iterate(
        &mut self,
        burst: &[IterationParams],
    ) -> impl Future<Output = Result<(), EngineError>>;

    /// Runs the epilogue.
    ///
    /// # Errors
    /// Whatever the device reports.
    fn end(&mut self) -> Result<(), EngineError>;

    /// Waits until everything enqueued is done.
    fn settle(&mut self) -> impl Future<Output = Result<(), EngineError>>;

    /// Brings a buffer back: the only readback.
    fn read(&mut self, buffer: Buffer) -> impl Future<Output = Result<Vec<f32>, EngineError>>;

    /// Memory that a program would take.
    fn footprint(&self, program: &Program) -> Footprint;

    /// Memory that a program may take.
    fn limits(&self) -> Footprint;
}

/// Device memory in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// In all.
    pub total: u64,
    /// In one piece.
    pub largest: u64,
}

impl Footprint {
    /// Whether it fits.
    pub fn within(self, limits: Self) -> bool {
        self.total <= limits.total && self.largest <= limits.largest
    }
}

/// Why an engine cannot do its work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The engine is not part of this build or this machine.
    #[error("the {engine} engine is not available: {reason}")]
    Unavailable {
        /// The engine.
        engine: &'static str,
        /// Why, and what to choose instead.
        reason: String,
    },
    /// A node that the engine cannot execute.
    #[error("the {engine} engine cannot execute {node}: {reason}")]
    Node {
        /// The engine.
        engine: &'static str,
        /// The node or kernel.
        node: String,
        /// Why.
        reason: String,
    },
    /// A buffer that the program does not have, or of another length.
    #[error("the program has no buffer {buffer} of {len} elements")]
    Buffer {
        /// The buffer.
        buffer: String,
        /// The length asked for.
        len: usize,
    },
    /// A picture that the device has no room for, not even in pieces.
    #[error(
        "this size needs {} MB of device memory, {} MB of it in one piece; there are {} MB, and {} \
         MB in one piece: choose a smaller size",
        needed.total / 1_000_000,
        needed.largest / 1_000_000,
        limits.total / 1_000_000,
        limits.largest / 1_000_000
    )]
    TooLarge {
        /// What the smallest possible piece needs.
        needed: Footprint,
        /// What the device has.
        limits: Footprint,
    },
    /// The device ran out of memory.
    #[error("the {engine} engine ran out of memory ({reason}); choose a smaller size")]
    OutOfMemory {
        /// The engine.
        engine: &'static str,
        /// In the device's words.
        reason: String,
    },
    /// The device is gone: unplugged, reset or taken away by the system.
    #[error("the {engine} engine lost its device ({reason})")]
    Lost {
        /// The engine.
        engine: &'static str,
        /// In the device's words.
        reason: String,
    },
    /// The device refused work.
    #[error("the {engine} engine's device refused {work} ({reason})")]
    Refused {
        /// The engine.
        engine: &'static str,
        /// The node, kernel or buffer.
        work: String,
        /// In the device's words.
        reason: String,
    },
    /// The engine was asked to work before a program was prepared.
    #[error("the engine has no program yet")]
    NotPrepared,
}
