//! One type for all engines: a static enum, so that nothing is boxed or dynamic.

use std::sync::Arc;

use dream_cpu::CpuEngine;
use dream_graph::{Buffer, Engine, EngineError, IterationParams, Program};

/// Any of the engines.
pub enum AnyEngine {
    /// Forward by tract, gradients on the processor.
    Cpu(CpuEngine),
}

impl Engine for AnyEngine {
    fn prepare(&mut self, program: Arc<Program>) -> Result<(), EngineError> {
        match self {
            Self::Cpu(engine) => engine.prepare(program),
        }
    }

    fn write(&mut self, buffer: Buffer, data: &[f32]) -> Result<(), EngineError> {
        match self {
            Self::Cpu(engine) => engine.write(buffer, data),
        }
    }

    fn begin(&mut self) -> Result<(), EngineError> {
        match self {
            Self::Cpu(engine) => engine.begin(),
        }
    }

    fn iterate(&mut self, burst: &[IterationParams]) -> Result<(), EngineError> {
        match self {
            Self::Cpu(engine) => engine.iterate(burst),
        }
    }

    fn end(&mut self) -> Result<(), EngineError> {
        match self {
            Self::Cpu(engine) => engine.end(),
        }
    }

    async fn settle(&mut self) -> Result<(), EngineError> {
        match self {
            Self::Cpu(engine) => engine.settle().await,
        }
    }

    async fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, EngineError> {
        match self {
            Self::Cpu(engine) => engine.read(buffer).await,
        }
    }
}
