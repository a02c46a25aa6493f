//! A race of processor and GPU over one small iteration.

use std::sync::Arc;

use dream::{Octave, program};
use dream_cpu::CpuEngine;
use dream_gpu::{Gpu, GpuEngine};
use dream_graph::{
    Buffer, Engine, EngineError, IterationParams, Network, Program, Seed, SeedKind, Tile,
};
use web_time::Instant;

/// Height and width of the picture raced on: little enough that a software GPU is done within half
/// a second.
const SIDE: usize = 64;

/// Milliseconds of one iteration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trial {
    /// On the processor.
    pub cpu_ms: f64,
    /// On the GPU.
    pub gpu_ms: f64,
}

/// Runs one small iteration on both engines, after one to warm up.
pub(crate) async fn trial(
    gpu: Gpu,
    network: &dyn Network,
    layer: &str,
) -> Result<Trial, EngineError> {
    let program = Arc::new(small(network, layer)?);
    let cpu_ms = time(CpuEngine::default(), program.clone()).await?;
    let gpu_ms = time(GpuEngine::new(gpu), program).await?;
    Ok(Trial { cpu_ms, gpu_ms })
}

fn small(network: &dyn Network, layer: &str) -> Result<Program, EngineError> {
    let node = |error: dream_graph::GraphError| EngineError::Node {
        engine: "trial",
        node: layer.to_owned(),
        reason: error.to_string(),
    };
    let size = [SIDE; 2];
    let graph = network.graph(SIDE, SIDE, &[layer]).map_err(node)?;
    let layer = graph.find(layer).map_err(node)?;
    let seed = Seed::new(layer, SeedKind::L2);
    let octave = Octave { index: 0, size, before: None, full: size };
    program(graph, &[seed], network.preprocessing(), octave, vec![Tile::WHOLE]).map_err(node)
}

async fn time<E: Engine>(mut engine: E, program: Arc<Program>) -> Result<f64, EngineError> {
    let params = [IterationParams { shift: [0; 2], step_size: 1.0 }];
    engine.prepare(program)?;
    engine.write(Buffer::Original, &vec![128.0; 3 * SIDE * SIDE])?;
    engine.begin()?;
    engine.iterate(&params).await?;
    engine.settle().await?;
    let start = Instant::now();
    engine.iterate(&params).await?;
    engine.settle().await?;
    Ok(1e3 * start.elapsed().as_secs_f64())
}
