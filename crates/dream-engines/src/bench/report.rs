//! From samples to a report.

use dream_gpu::Tier;
use dream_protocol::{BenchDevice, BenchEngine};

use super::stages::{Device, EngineStages, Stages};

/// The device with its measured peak.
pub(super) fn device(device: &Device) -> BenchDevice {
    let tier = match device.gpu.tier() {
        Tier::Software { .. } => "software",
        Tier::Integrated => "integrated",
        Tier::Discrete => "discrete",
    };
    BenchDevice {
        name: device.gpu.name().to_owned(),
        tier: tier.to_owned(),
        peak_gflops: device.peak.median(),
    }
}

/// All engines; `flops` are the operations of the forward and the backward pass.
pub(super) fn engines(stages: &Stages, flops: [f64; 2]) -> Vec<BenchEngine> {
    let peak = stages.device.as_ref().ok().map(|device| device.peak.median());
    let times: Vec<Times> = stages.engines.iter().map(|engine| Times::of(engine, peak)).collect();
    let tract = stages.tract.median();
    let cpu = times.first().map_or(f64::NAN, |times| times.iteration);
    times.iter().map(|times| times.row(flops, tract, cpu)).collect()
}

/// Milliseconds of an engine's stages.
#[derive(Clone, Copy)]
struct Times {
    name: &'static str,
    forward: f64,
    gradient: f64,
    iteration: f64,
    other: Option<f64>,
    /// GFLOP/s of the device that it runs on, if on one alone.
    peak: Option<f64>,
}

impl Times {
    fn of(engine: &EngineStages, peak: Option<f64>) -> Self {
        Self {
            name: engine.name,
            forward: engine.forward.median(),
            gradient: engine.gradient.median(),
            iteration: engine.iteration.median(),
            other: engine.other.as_ref().map(|other| other.median()),
            peak: peak.filter(|_| engine.on_device),
        }
    }

    /// `tract` is its forward pass, `cpu` the CPU engine's iteration, in milliseconds.
    fn row(&self, [forward_flops, backward_flops]: [f64; 2], tract: f64, cpu: f64) -> BenchEngine {
        let Times { name, forward, gradient, iteration, other, peak } = *self;
        // Of a short forward pass, the gradient step may be no longer than the clock's jitter.
        let backward = (gradient - forward).max(0.0);
        let gflops = |flops: f64, ms: f64| flops / ms / 1e6;
        let iteration_gflops = gflops(forward_flops + backward_flops, iteration);
        BenchEngine {
            engine: name.to_owned(),
            forward_ms: forward,
            backward_ms: backward,
            gradient_step_ms: gradient,
            iteration_ms: iteration,
            other_ms: other,
            forward_gflops: gflops(forward_flops, forward),
            backward_gflops: gflops(backward_flops, backward),
            iteration_gflops,
            iteration_over_peak: peak.map(|peak| iteration_gflops / peak),
            iteration_over_forward: iteration / forward,
            other_share: other.map(|other| other / iteration),
            gradient_step_over_tract_forward: gradient / tract,
            times_as_fast_as_cpu: cpu / iteration,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_of_the_same_numbers() {
        let times = Times {
            name: "GPU",
            forward: 10.0,
            gradient: 21.0,
            iteration: 25.0,
            other: Some(5.0),
            peak: Some(400.0),
        };
        let row = times.row([1e9, 1.5e9], 14.0, 50.0);
        assert_eq!(row.backward_ms, 11.0);
        assert_eq!([row.forward_gflops, row.iteration_gflops], [100.0, 100.0]);
        assert_eq!(row.iteration_over_peak, Some(0.25));
        assert_eq!(row.iteration_over_forward, 2.5);
        assert_eq!(row.other_share, Some(0.2));
        assert_eq!(row.gradient_step_over_tract_forward, 1.5);
        assert_eq!(row.times_as_fast_as_cpu, 2.0);
    }

    #[test]
    fn a_gradient_step_is_never_shorter_than_its_forward_pass() {
        let times = Times {
            name: "CPU",
            forward: 0.2,
            gradient: 0.1,
            iteration: 0.3,
            other: None,
            peak: None,
        };
        let row = times.row([1e6, 1e6], 0.1, 0.3);
        assert_eq!(row.backward_ms, 0.0);
        assert_eq!((row.iteration_over_peak, row.other_share), (None, None));
    }
}
