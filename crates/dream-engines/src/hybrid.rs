//! The hybrid engine: the forward pass through tract, gradients and ascent on the GPU.

use std::sync::Arc;

use dream_cpu::Forward;
use dream_gpu::GpuEngine;
use dream_graph::{Buffer, Engine, EngineError, Footprint, IterationParams, Program};

/// Executes programs on processor and GPU in turn: every iteration, the network input comes down
/// to tract and the values that the backward pass needs go up.
pub struct HybridEngine {
    gpu: GpuEngine,
    forward: Option<Forward>,
}

impl HybridEngine {
    /// An engine whose GPU half is made [without a forward pass](GpuEngine::without_forward).
    pub fn new(gpu: GpuEngine) -> Self {
        Self { gpu, forward: None }
    }
}

impl Engine for HybridEngine {
    fn prepare(&mut self, program: Arc<Program>) -> Result<(), EngineError> {
        let graph = &program.graph;
        let names: Vec<&str> =
            program.saved.iter().map(|&id| graph.value(id).name.as_str()).collect();
        self.forward = Some(Forward::of(graph, &names)?);
        self.gpu.prepare(program)
    }

    fn write(&mut self, buffer: Buffer, data: &[f32]) -> Result<(), EngineError> {
        self.gpu.write(buffer, data)
    }

    fn begin(&mut self) -> Result<(), EngineError> {
        self.gpu.begin()
    }

    async fn iterate(&mut self, burst: &[IterationParams]) -> Result<(), EngineError> {
        let forward = self.forward.as_ref().ok_or(EngineError::NotPrepared)?;
        let tiles = self.gpu.tiles()?;
        for params in burst {
            for &tile in &tiles {
                self.gpu.enter(params, tile)?;
                let input = self.gpu.read(Buffer::NetInput).await?;
                for (index, value) in forward.run(&input)?.iter().enumerate() {
                    self.gpu.write(Buffer::Saved(index), value)?;
                }
                self.gpu.leave(params, tile)?;
            }
            self.gpu.ascend(params)?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), EngineError> {
        self.gpu.end()
    }

    async fn settle(&mut self) -> Result<(), EngineError> {
        self.gpu.settle().await
    }

    async fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, EngineError> {
        self.gpu.read(buffer).await
    }

    fn footprint(&self, program: &Program) -> Footprint {
        self.gpu.footprint(program)
    }

    fn limits(&self) -> Footprint {
        self.gpu.limits()
    }
}
