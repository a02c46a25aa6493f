//! The device's own peak: how many multiply-adds it does when nothing holds it up.

use dream_graph::EngineError;
use web_time::Instant;

use crate::{
    buffers::Buffers,
    device::Gpu,
    encode::{Bound, Steps, submit},
    lower::words,
    shaders::Shader,
    uniforms::FmaPeakParams,
    work::{Place, Work},
};

/// Invocations of a workgroup, and operations of an invocation in one step.
const INVOCATIONS: usize = 64;
const FLOPS_PER_STEP: f64 = 256.0;

/// Seconds that a measurement should take at least.
const ENOUGH: f64 = 0.02;

/// A loop of multiply-adds, ready to be timed.
pub struct Peak {
    gpu: Gpu,
    bound: Bound,
    steps: Steps,
    flops: f64,
    repeats: usize,
}

impl Peak {
    /// Makes the loop ready and finds out how often it must run to be measured.
    ///
    /// # Errors
    /// Whatever the device reports.
    pub async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        let (groups, steps) = match gpu.tier() {
            crate::Tier::Software { .. } => (64, 1000),
            crate::Tier::Integrated | crate::Tier::Discrete => (8192, 1000),
        };
        let out = Place::Scratch { index: 0, words: groups * INVOCATIONS };
        let work = Work {
            node: "peak".to_owned(),
            shader: Shader::FmaPeak,
            params: words(&FmaPeakParams { steps }),
            write: out,
            reads: Vec::new(),
            groups: [groups as u32, 1, 1],
            flops: 0.0,
        };
        let mut buffers = Buffers::default();
        buffers.lay_out_scratch(gpu, &[&work]);
        let bound = Bound::alone(gpu, &mut buffers, &work)?;
        let steps_uniform = Steps::new(gpu, 1);
        let flops = (groups * INVOCATIONS) as f64 * f64::from(steps) * FLOPS_PER_STEP;
        let mut peak = Self { gpu: gpu.clone(), bound, steps: steps_uniform, flops, repeats: 1 };
        peak.run().await?;
        let seconds = peak.flops / (1e9 * peak.run().await?);
        peak.repeats = ((ENOUGH / seconds.max(1e-9)) as usize).clamp(1, 1000);
        Ok(peak)
    }

    /// Measures once; GFLOP/s.
    ///
    /// # Errors
    /// Whatever the device reports.
    pub async fn run(&self) -> Result<f64, EngineError> {
        let start = Instant::now();
        let jobs: Vec<(&Bound, usize)> = (0..self.repeats).map(|_| (&self.bound, 0)).collect();
        submit(&self.gpu, &self.steps, &jobs, f64::INFINITY);
        self.gpu.settle().await?;
        let seconds = start.elapsed().as_secs_f64().max(1e-9);
        Ok(self.flops * self.repeats as f64 / seconds / 1e9)
    }
}
