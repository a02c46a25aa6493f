//! One thing that is timed again and again.

use std::sync::Arc;

use dream_cpu::Forward;
use dream_gpu::Peak;
use dream_graph::{Buffer, Engine, EngineError, IterationParams, Program};
use web_time::Instant;

use crate::any::AnyEngine;

/// Seconds that a sample should take at least: what it costs to begin and to wait is little beside
/// them.
const ENOUGH: f64 = 0.1;
/// Most iterations of a sample.
const LONGEST: f64 = 64.0;

/// One thing that is timed again and again, with its samples so far.
pub(super) struct Stage {
    /// What it is.
    pub words: String,
    job: Job,
    /// Iterations of a sample.
    burst: usize,
    /// Milliseconds of an iteration; GFLOP/s of a peak.
    samples: Vec<f64>,
}

enum Job {
    /// A forward pass on an image.
    Tract(Forward, Vec<f32>),
    /// An engine that has begun a program.
    Engine(Box<AnyEngine>),
    /// The device at full speed.
    Peak(Box<Peak>),
}

impl Stage {
    /// tract's forward pass on a square image.
    pub fn tract(forward: Forward, side: usize) -> Self {
        Self::new("tract's own forward".to_owned(), Job::Tract(forward, picture(side)))
    }

    /// The peak of a device.
    pub fn peak(peak: Peak) -> Self {
        Self::new("the device's peak".to_owned(), Job::Peak(Box::new(peak)))
    }

    /// A program on an engine.
    pub fn engine(
        words: String,
        mut engine: AnyEngine,
        program: &Arc<Program>,
    ) -> Result<Self, EngineError> {
        let (needed, limits) = (engine.footprint(program), engine.limits());
        if !needed.within(limits) {
            return Err(EngineError::TooLarge { needed, limits });
        }
        engine.prepare(program.clone())?;
        engine.write(Buffer::Original, &picture(program.size[0]))?;
        engine.begin()?;
        Ok(Self::new(words, Job::Engine(Box::new(engine))))
    }

    fn new(words: String, job: Job) -> Self {
        Self { words, job, burst: 1, samples: Vec::new() }
    }

    /// Runs it once or twice and finds out how many iterations a sample needs.
    pub async fn warm_up(&mut self) -> Result<(), EngineError> {
        self.burst = 1;
        let first = self.run().await?;
        // Many things are done for the first time in the first run.
        let ms = if first < 1e3 * ENOUGH { self.run().await? } else { first };
        self.burst = (1e3 * ENOUGH / ms.max(1e-3)).ceil().clamp(1.0, LONGEST) as usize;
        Ok(())
    }

    /// Takes a sample.
    pub async fn sample(&mut self) -> Result<(), EngineError> {
        let sample = self.run().await?;
        self.samples.push(sample);
        Ok(())
    }

    /// The sample in the middle, once there is one.
    pub fn median(&self) -> f64 {
        median(&self.samples)
    }

    /// Milliseconds of an iteration; GFLOP/s of a peak.
    pub async fn run(&mut self) -> Result<f64, EngineError> {
        let start = Instant::now();
        match &mut self.job {
            Job::Tract(forward, image) => {
                for _ in 0..self.burst {
                    forward.run(image)?;
                }
            }
            Job::Engine(engine) => {
                let params =
                    IterationParams { shift: [3, -5], step_size: 1.5, ..IterationParams::STILL };
                engine.iterate(&vec![params; self.burst]).await?;
                engine.settle().await?;
            }
            Job::Peak(peak) => return peak.run().await,
        }
        Ok(1e3 * start.elapsed().as_secs_f64() / self.burst as f64)
    }
}

/// Three planes of scattered levels.
fn picture(side: usize) -> Vec<f32> {
    let scatter = |index: usize| (index as u32).wrapping_mul(2_654_435_761) >> 24;
    (0..3 * side * side).map(|index| scatter(index) as f32).collect()
}

fn median(samples: &[f64]) -> f64 {
    let mut samples = samples.to_vec();
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 200.0]), 3.0);
        assert!(median(&[]).is_nan());
    }
}
