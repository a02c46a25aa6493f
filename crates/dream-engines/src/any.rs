//! One type for all engines: a static enum, so that nothing is boxed or dynamic.

use std::sync::Arc;

use dream_cpu::CpuEngine;
use dream_gpu::GpuEngine;
use dream_graph::{Buffer, Engine, EngineError, Footprint, IterationParams, Program};
use dream_protocol::EngineChoice;

use crate::hybrid::HybridEngine;

/// Any of the engines.
pub enum AnyEngine {
    /// Forward by tract, gradients on the processor.
    Cpu(CpuEngine),
    /// Everything on the GPU.
    Gpu(GpuEngine),
    /// Forward by tract, gradients on the GPU.
    Hybrid(HybridEngine),
}

impl AnyEngine {
    /// Which it is.
    pub fn choice(&self) -> EngineChoice {
        match self {
            Self::Cpu(_) => EngineChoice::Cpu,
            Self::Gpu(_) => EngineChoice::Gpu,
            Self::Hybrid(_) => EngineChoice::Hybrid,
        }
    }
}

/// The same call to whichever engine it is.
macro_rules! each {
    ($any:ident, $engine:ident => $call:expr) => {
        match $any {
            Self::Cpu($engine) => $call,
            Self::Gpu($engine) => $call,
            Self::Hybrid($engine) => $call,
        }
    };
}

impl Engine for AnyEngine {
    fn prepare(&mut self, program: Arc<Program>) -> Result<(), EngineError> {
        each!(self, engine => engine.prepare(program))
    }

    fn write(&mut self, buffer: Buffer, data: &[f32]) -> Result<(), EngineError> {
        each!(self, engine => engine.write(buffer, data))
    }

    fn begin(&mut self) -> Result<(), EngineError> {
        each!(self, engine => engine.begin())
    }

    async fn iterate(&mut self, burst: &[IterationParams]) -> Result<(), EngineError> {
        each!(self, engine => engine.iterate(burst).await)
    }

    fn end(&mut self) -> Result<(), EngineError> {
        each!(self, engine => engine.end())
    }

    async fn settle(&mut self) -> Result<(), EngineError> {
        each!(self, engine => engine.settle().await)
    }

    async fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, EngineError> {
        each!(self, engine => engine.read(buffer).await)
    }

    fn footprint(&self, program: &Program) -> Footprint {
        each!(self, engine => engine.footprint(program))
    }

    fn limits(&self) -> Footprint {
        each!(self, engine => engine.limits())
    }
}
