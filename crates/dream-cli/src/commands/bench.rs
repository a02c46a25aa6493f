//! `dream bench`: what a dream costs here, as times, memory and the ratio that tells how good the
//! engine is: one gradient step (forward and backward) over tract's own forward pass.
//!
//! All stages are timed in turn, round after round, so that whatever else the machine does falls on
//! all of them. A stage is an engine with its own program: the octave's whole program, or the same
//! without its later parts.

use std::{fmt::Write, fs, sync::Arc, time::Instant};

use ::dream::Octave;
use anyhow::Result;
use clap::Args;
use dream_engines::{AnyEngine, Chosen, Forward};
use dream_graph::{Buffer, Engine, IterationParams, Network, Program, Seed, SeedKind, Tile};
use dream_onnx::Model;
use dream_protocol::SIZE;
use pollster::block_on;
use serde_json::json;

use crate::{
    console::{self, Console},
    model,
    options::{EngineOption, ModelOption, within},
};

/// Rounds that are timed; one more goes before them to warm up.
const ROUNDS: usize = 7;

/// Measure one iteration of a dream
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelOption,
    /// Layer to raise [default: the model's default layer]
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    /// Side of the square picture in pixels
    #[arg(long, value_name = "N", default_value_t = 224, value_parser = within::<u32>(SIZE))]
    size: u32,
    #[command(flatten)]
    engine: EngineOption,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// Measures and prints.
///
/// # Errors
/// A model, layer or engine that cannot be used.
pub fn run(arguments: &Arguments, _: &Console) -> Result<()> {
    let loaded = model::load(arguments.model.path.as_deref())?;
    let layer = arguments.layer.as_deref().unwrap_or(loaded.model.default_layer());
    loaded.layer(layer)?;
    let choose = || dream_engines::choose(arguments.engine.choice);
    let Chosen { engine, name, reason } = choose()?;
    let side = arguments.size as usize;
    let times = measure(&loaded.model, layer, side, engine, || Ok(choose()?.engine))?;
    console::print(&if arguments.json {
        let report = json!({
            "model": loaded.name,
            "layer": layer,
            "size": side,
            "engine": name,
            "tract_forward_ms": times.tract,
            "forward_ms": times.forward,
            "backward_ms": times.backward(),
            "gradient_step_ms": times.gradient,
            "iteration_ms": times.iteration,
            "gradient_step_over_tract_forward": times.ratio(),
            "peak_memory_bytes": times.peak_memory,
        });
        format!("{report:#}\n")
    } else {
        let heading =
            format!("{} to {layer}, {side} × {side}, {name} engine: {reason}", loaded.name);
        times.table(&heading)
    })
}

/// Medians in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Times {
    /// tract's forward pass to the layer alone, with none of our operators in it.
    tract: f64,
    /// Our forward pass, which also keeps what the backward pass reads.
    forward: f64,
    /// Forward and backward.
    gradient: f64,
    /// The gradient step and the ascent.
    iteration: f64,
    /// Most bytes of memory that a dream has held, where the system tells.
    peak_memory: Option<u64>,
}

impl Times {
    fn backward(&self) -> f64 {
        self.gradient - self.forward
    }

    fn ratio(&self) -> f64 {
        self.gradient / self.tract
    }

    fn table(&self, heading: &str) -> String {
        let mut text = format!("{heading}\n");
        let rows = [
            ("tract's own forward", self.tract),
            ("forward", self.forward),
            ("backward", self.backward()),
            ("full iteration", self.iteration),
        ];
        // Writing into a string cannot fail.
        for (what, time) in rows {
            let _ = writeln!(text, "{what:<34} {time:>9.1} ms");
        }
        let _ = writeln!(text, "{:<34} {:>9.2}", "gradient step / tract's forward", self.ratio());
        let _ = match self.peak_memory {
            Some(bytes) => writeln!(text, "{:<34} {:>9} MB", "peak memory", bytes / 1_000_000),
            None => writeln!(text, "{:<34} {:>9}", "peak memory", "n/a"),
        };
        text
    }
}

fn measure(
    model: &Model,
    layer: &str,
    side: usize,
    engine: AnyEngine,
    another: impl Fn() -> Result<AnyEngine>,
) -> Result<Times> {
    let program = program(model, layer, side)?;
    let gradient = Program { leave: Vec::new(), ascent: Vec::new(), ..program.clone() };
    let forward = Program { backward: Vec::new(), ..gradient.clone() };

    let mut iteration = Stage::new(engine, program)?;
    iteration.run()?;
    iteration.run()?;
    let peak_memory = peak_memory();

    let mut gradient = Stage::new(another()?, gradient)?;
    let mut forward = Stage::new(another()?, forward)?;
    let tract = Forward::stock(&model.graph(side, side, &[layer])?, &[layer])?;
    let image = picture(side);
    let mut stages: [&mut dyn FnMut() -> Result<()>; 4] = [
        &mut || Ok(tract.run(&image).map(drop)?),
        &mut || forward.run(),
        &mut || gradient.run(),
        &mut || iteration.run(),
    ];
    let mut times: [Vec<f64>; 4] = Default::default();
    for round in 0..=ROUNDS {
        for (stage, times) in stages.iter_mut().zip(&mut times) {
            let start = Instant::now();
            stage()?;
            if round > 0 {
                times.push(1e3 * start.elapsed().as_secs_f64());
            }
        }
    }
    let [tract, forward, gradient, iteration] = times.map(median);
    Ok(Times { tract, forward, gradient, iteration, peak_memory })
}

/// The program of a single octave that raises one layer.
fn program(model: &Model, layer: &str, side: usize) -> Result<Program> {
    let graph = model.graph(side, side, &[layer])?;
    let seed = Seed { layer: graph.find(layer)?, kind: SeedKind::L2 { weight: 1.0 }, crop: None };
    let size = [side, side];
    let octave = Octave { index: 0, size, before: None, full: size };
    Ok(::dream::program(graph, &[seed], model.preprocessing(), octave, vec![Tile::WHOLE])?)
}

/// An engine that has begun a program.
struct Stage(AnyEngine);

impl Stage {
    fn new(mut engine: AnyEngine, program: Program) -> Result<Self> {
        let side = program.size[0];
        engine.prepare(Arc::new(program))?;
        engine.write(Buffer::Original, &picture(side))?;
        engine.begin()?;
        Ok(Self(engine))
    }

    fn run(&mut self) -> Result<()> {
        block_on(self.0.iterate(&[IterationParams { shift: [3, -5], step_size: 1.5 }]))?;
        Ok(block_on(self.0.settle())?)
    }
}

/// Three planes of scattered levels.
fn picture(side: usize) -> Vec<f32> {
    let scatter = |index: usize| (index as u32).wrapping_mul(2_654_435_761) >> 24;
    (0..3 * side * side).map(|index| scatter(index) as f32).collect()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The most memory this process has held, in bytes, where Linux tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kibibytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 200.0]), 3.0);
    }

    #[test]
    fn ratios_are_of_the_gradient_step() {
        let times = Times {
            tract: 10.0,
            forward: 12.0,
            gradient: 21.0,
            iteration: 25.0,
            peak_memory: Some(45_000_000),
        };
        assert_eq!(times.backward(), 9.0);
        let table = times.table("net");
        assert!(table.contains("gradient step / tract's forward         2.10\n"), "{table}");
        assert!(table.contains("peak memory                               45 MB\n"), "{table}");
        let unknown = Times { peak_memory: None, ..times }.table("net");
        assert!(unknown.contains("n/a"), "{unknown}");
    }
}
