//! A race of processor and GPU over one small iteration.

use std::sync::Arc;

use dream::{Octave, program};
use dream_cpu::CpuEngine;
use dream_gpu::{Gpu, GpuEngine};
use dream_graph::{
    Buffer, Engine, EngineError, IterationParams, Network, Program, Seed, SeedKind, Tile,
};
use dream_protocol::Prior;
use web_time::Instant;

/// Height and width of the picture raced on: little enough that a software GPU is done within half
/// a second.
const SIDE: usize = 64;

/// Iterations that each engine is timed at; the shortest counts.
const RUNS: usize = 3;

/// Milliseconds of one iteration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trial {
    /// On the processor.
    pub cpu_ms: f64,
    /// On the GPU.
    pub gpu_ms: f64,
}

/// Times a small iteration on both engines.
pub(crate) async fn trial(
    gpu: Gpu,
    network: &dyn Network,
    layer: &str,
) -> Result<Trial, EngineError> {
    let program = Arc::new(small(network, layer)?);
    let mut cpu = begun(CpuEngine::default(), program.clone()).await?;
    let mut gpu = begun(GpuEngine::new(gpu), program).await?;
    let (mut cpu_ms, mut gpu_ms) = (f64::INFINITY, f64::INFINITY);
    // In turn, so that whatever else the machine does falls on both.
    for _ in 0..RUNS {
        cpu_ms = cpu_ms.min(time(&mut cpu).await?);
        gpu_ms = gpu_ms.min(time(&mut gpu).await?);
    }
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
    let (tiles, prior) = (vec![Tile::WHOLE], Prior::default());
    program(graph, &[seed], network.preprocessing(), octave, tiles, &prior).map_err(node)
}

/// The engine with the program begun and one iteration done, to warm up.
async fn begun<E: Engine>(mut engine: E, program: Arc<Program>) -> Result<E, EngineError> {
    engine.prepare(program)?;
    engine.write(Buffer::Original, &vec![128.0; 3 * SIDE * SIDE])?;
    engine.begin()?;
    time(&mut engine).await?;
    Ok(engine)
}

/// Milliseconds of an iteration.
async fn time<E: Engine>(engine: &mut E) -> Result<f64, EngineError> {
    let start = Instant::now();
    engine.iterate(&[IterationParams { step_size: 1.0, ..IterationParams::STILL }]).await?;
    engine.settle().await?;
    Ok(1e3 * start.elapsed().as_secs_f64())
}
