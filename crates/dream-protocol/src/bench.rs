//! What a bench finds out about a machine: the numbers, and the same as a table for people.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What one iteration of a dream costs here: it raises one layer of a picture of `size` × `size`
/// pixels. Times are medians over the rounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchReport {
    /// The model's name.
    pub model: String,
    /// The layer that is raised.
    pub layer: String,
    /// Side of the picture in pixels.
    pub size: u32,
    /// The engine that a dream would use, as users know it: `CPU`, `GPU` or `hybrid`.
    pub chosen: String,
    /// Why that engine.
    pub reason: String,
    /// The GPU, where one was measured.
    pub device: Option<BenchDevice>,
    /// Why no GPU was measured, where none was.
    pub no_device: Option<String>,
    /// How often every stage was timed.
    pub rounds: u32,
    /// Billions of additions and multiplications in the convolutions of the forward pass.
    pub forward_gflop: f64,
    /// The same for the backward pass.
    pub backward_gflop: f64,
    /// tract's own forward pass to the layer, with none of our operators in it.
    pub tract_forward_ms: f64,
    /// Most bytes of memory held by the end of an iteration on the CPU engine, where known.
    pub peak_memory_bytes: Option<u64>,
    /// The engines that were measured, the CPU engine first.
    pub engines: Vec<BenchEngine>,
}

/// The GPU that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchDevice {
    /// The adapter's name.
    pub name: String,
    /// `software`, `integrated` or `discrete`.
    pub tier: String,
    /// Multiply-adds at full speed, counted as two operations each: what the device could do.
    pub peak_gflops: f64,
}

/// What an iteration costs on one engine. `gflops` are billions of operations a second in the
/// convolutions, the time of everything else included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchEngine {
    /// The engine as users know it.
    pub engine: String,
    /// Network input and forward pass.
    pub forward_ms: f64,
    /// The gradient step without the forward pass.
    pub backward_ms: f64,
    /// Forward and backward.
    pub gradient_step_ms: f64,
    /// The gradient step and the ascent.
    pub iteration_ms: f64,
    /// The iteration without its convolutions, where the engine can leave them out.
    pub other_ms: Option<f64>,
    /// Of the forward pass.
    pub forward_gflops: f64,
    /// Of the backward pass.
    pub backward_gflops: f64,
    /// Of the iteration.
    pub iteration_gflops: f64,
    /// `iteration_gflops` over what the device could do, where all of it runs there.
    pub iteration_over_peak: Option<f64>,
    /// Iteration over forward pass.
    pub iteration_over_forward: f64,
    /// `other_ms` over the iteration.
    pub other_share: Option<f64>,
    /// The gradient step over tract's own forward pass.
    pub gradient_step_over_tract_forward: f64,
    /// The CPU engine's iteration over this one's.
    pub times_as_fast_as_cpu: f64,
}

/// A report in words, a column for every engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchTable {
    /// What was measured.
    pub title: String,
    /// Names of the engines.
    pub columns: Vec<String>,
    /// One quantity each.
    pub rows: Vec<BenchRow>,
    /// What concerns all engines, a sentence each.
    pub notes: Vec<String>,
}

/// A quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchRow {
    /// What it is, with its unit.
    pub name: String,
    /// Its value for each engine.
    pub cells: Vec<String>,
}

impl fmt::Display for BenchTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = |text: &String| text.chars().count();
        let cells = || self.rows.iter().flat_map(|row| &row.cells).chain(&self.columns);
        let first = self.rows.iter().map(|row| length(&row.name)).max().unwrap_or(0);
        let other = cells().map(length).max().unwrap_or(0) + 2;
        writeln!(f, "{}", self.title)?;
        let mut line = |name: &str, cells: &[String]| {
            let cells: String = cells.iter().map(|cell| format!("{cell:>other$}")).collect();
            writeln!(f, "{name:first$}{cells}")
        };
        line("", &self.columns)?;
        self.rows.iter().try_for_each(|row| line(&row.name, &row.cells))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned_and_its_sentences_are_not() {
        let row = |name: &str, cells: [&str; 2]| BenchRow {
            name: name.into(),
            cells: cells.map(Into::into).into(),
        };
        let table = BenchTable {
            title: "A title longer than any row".into(),
            columns: vec!["CPU".into(), "GPU".into()],
            rows: vec![row("forward, ms", ["60.1", "–"]), row("full, ms", ["7", "12345"])],
            notes: vec!["A note.".into()],
        };
        let lines = [
            "A title longer than any row",
            "               CPU    GPU",
            "forward, ms   60.1      –",
            "full, ms         7  12345",
            "A note.",
        ];
        assert_eq!(table.to_string(), lines.map(|line| format!("{line}\n")).concat());
    }
}
