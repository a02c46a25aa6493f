//! What an iteration costs on this machine, engine by engine, against tract's own forward pass and
//! the device's own peak.
//!
//! All stages are timed in turn, round after round, so that whatever else the machine does falls on
//! all of them. A stage is an engine with its own program: the octave's whole program, or the same
//! without some of its parts.

mod programs;
mod report;
mod stage;
mod stages;
mod table;

use dream::DreamError;
use dream_graph::Network;
use dream_protocol::{BenchReport, EngineChoice};
use web_time::Instant;

use crate::choose::Engines;
use programs::Programs;
use stages::Stages;

pub use table::table;

/// What to measure.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// The network.
    pub network: &'a dyn Network,
    /// Its name.
    pub model: &'a str,
    /// The layer to raise.
    pub layer: &'a str,
    /// Side of the square picture in pixels.
    pub size: u32,
    /// The engine to measure beside the CPU engine; `Auto` means all that this machine has.
    pub engine: EngineChoice,
    /// After the first round, no round begins that would not end within so many seconds.
    pub seconds: f64,
}

/// Whoever waits for a measurement.
pub trait Watch {
    /// Hears how far it is (0 to 1) and what is being done.
    fn hear(&mut self, fraction: f64, words: &str);

    /// Most bytes of memory that this program has held, where that can be known.
    fn peak_memory(&self) -> Option<u64>;
}

/// Measures.
///
/// # Errors
/// A layer or size that the network cannot take, an engine that was asked for and is not there, or
/// whatever an engine reports.
pub async fn bench(
    order: &Order<'_>,
    engines: &mut Engines,
    watch: &mut dyn Watch,
) -> Result<BenchReport, DreamError> {
    let started = Instant::now();
    watch.hear(0.0, "getting ready");
    let programs = Programs::new(order.network, order.layer, order.size as usize)?;
    let chosen = engines.choose(order.engine, order.network, order.layer).await?;
    let (chosen, reason) = (chosen.name, chosen.reason);
    let mut stages = Stages::new(order, engines, &programs, watch).await?;
    let rounds = stages.measure(started, order.seconds, watch).await?;
    let [forward_flops, backward_flops] = programs.flops;
    Ok(BenchReport {
        model: order.model.to_owned(),
        layer: order.layer.to_owned(),
        size: order.size,
        chosen: chosen.to_owned(),
        reason,
        device: stages.device.as_ref().ok().map(report::device),
        no_device: stages.device.as_ref().err().cloned(),
        rounds,
        forward_gflop: forward_flops / 1e9,
        backward_gflop: backward_flops / 1e9,
        tract_forward_ms: stages.tract.median(),
        peak_memory_bytes: stages.peak_memory,
        engines: report::engines(&stages, programs.flops),
    })
}
