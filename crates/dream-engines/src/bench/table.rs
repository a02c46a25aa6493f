//! A report in words.

use dream_protocol::{BenchEngine, BenchReport, BenchRow, BenchTable};

/// What stands where there is no number.
const NOTHING: &str = "–";

/// The report as a table with a column for every engine.
pub fn table(report: &BenchReport) -> BenchTable {
    let BenchReport { model, layer, size, chosen, reason, engines, .. } = report;
    let row = |name: &str, cell: &dyn Fn(&BenchEngine) -> String| BenchRow {
        name: name.to_owned(),
        cells: engines.iter().map(cell).collect(),
    };
    BenchTable {
        title: format!(
            "{model} to {layer}, {size} × {size}. A dream here uses the {chosen} engine: {reason}."
        ),
        columns: engines.iter().map(|engine| engine.engine.clone()).collect(),
        rows: vec![
            row("forward, ms", &|it| number(it.forward_ms)),
            row("backward, ms", &|it| number(it.backward_ms)),
            row("full iteration, ms", &|it| number(it.iteration_ms)),
            row("all but convolutions, ms", &|it| it.other_ms.map_or(NOTHING.into(), number)),
            row("forward, GFLOP/s", &|it| number(it.forward_gflops)),
            row("backward, GFLOP/s", &|it| number(it.backward_gflops)),
            row("full iteration, GFLOP/s", &|it| number(it.iteration_gflops)),
            row("share of the device's peak", &|it| percent(it.iteration_over_peak)),
            row("share of all but convolutions", &|it| percent(it.other_share)),
            row("full iteration / forward", &|it| ratio(it.iteration_over_forward)),
            row("CPU engine's iteration / this", &|it| ratio(it.times_as_fast_as_cpu)),
            row("gradient step / tract's forward", &|it| {
                ratio(it.gradient_step_over_tract_forward)
            }),
        ],
        notes: notes(report),
    }
}

fn notes(report: &BenchReport) -> Vec<String> {
    let BenchReport { forward_gflop, backward_gflop, tract_forward_ms, rounds, .. } = report;
    let device = match (&report.device, &report.no_device) {
        (Some(device), _) => format!(
            "GPU: {}, {}; measured peak {} GFLOP/s.",
            device.name,
            device.tier,
            number(device.peak_gflops)
        ),
        (None, Some(reason)) => format!("No GPU was measured: {reason}."),
        (None, None) => "No GPU was measured.".to_owned(),
    };
    let memory = match report.peak_memory_bytes {
        Some(bytes) => format!("{} MB", bytes / 1_000_000),
        None => "n/a".to_owned(),
    };
    vec![
        device,
        format!("tract's own forward: {} ms.", number(*tract_forward_ms)),
        format!(
            "Convolutions: {} GFLOP forward, {} backward.",
            number(*forward_gflop),
            number(*backward_gflop)
        ),
        format!("Peak memory of the CPU engine's iteration: {memory}."),
        format!("Medians of {rounds} rounds."),
    ]
}

/// Three digits, more before the point.
fn number(value: f64) -> String {
    match value {
        _ if !value.is_finite() => NOTHING.to_owned(),
        ..9.995 => format!("{value:.2}"),
        ..99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn ratio(value: f64) -> String {
    if value.is_finite() { format!("{value:.2}") } else { NOTHING.to_owned() }
}

fn percent(share: Option<f64>) -> String {
    share.map_or(NOTHING.to_owned(), |share| format!("{:.0} %", 100.0 * share))
}

#[cfg(test)]
mod tests {
    use dream_protocol::BenchDevice;

    use super::*;

    fn report() -> BenchReport {
        BenchReport {
            model: "net".into(),
            layer: "mixed".into(),
            size: 96,
            chosen: "GPU".into(),
            reason: "it is there".into(),
            device: Some(BenchDevice {
                name: "llvmpipe".into(),
                tier: "software".into(),
                peak_gflops: 123.4,
            }),
            no_device: None,
            rounds: 7,
            forward_gflop: 1.2,
            backward_gflop: 1.1,
            tract_forward_ms: 10.0,
            peak_memory_bytes: Some(45_000_000),
            engines: vec![BenchEngine {
                engine: "GPU".into(),
                forward_ms: 9.0,
                backward_ms: 12.0,
                gradient_step_ms: 21.0,
                iteration_ms: 25.0,
                other_ms: Some(4.0),
                forward_gflops: 133.3,
                backward_gflops: f64::INFINITY,
                iteration_gflops: 92.0,
                iteration_over_peak: Some(0.746),
                iteration_over_forward: 2.777,
                other_share: None,
                gradient_step_over_tract_forward: 2.1,
                times_as_fast_as_cpu: 1.0,
            }],
        }
    }

    #[test]
    fn every_number_is_told() {
        let text = table(&report()).to_string();
        for line in [
            "net to mixed, 96 × 96. A dream here uses the GPU engine: it is there.",
            "full iteration, ms               25.0",
            "backward, GFLOP/s                   –",
            "share of the device's peak       75 %",
            "share of all but convolutions       –",
            "full iteration / forward         2.78",
            "gradient step / tract's forward  2.10",
            "GPU: llvmpipe, software; measured peak 123 GFLOP/s.",
            "tract's own forward: 10.0 ms.",
            "Peak memory of the CPU engine's iteration: 45 MB.",
        ] {
            assert!(text.lines().any(|it| it == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn what_is_missing_is_told_too() {
        let none = Some("there is no WebGPU adapter".to_owned());
        let report =
            BenchReport { device: None, no_device: none, peak_memory_bytes: None, ..report() };
        let text = table(&report).to_string();
        assert!(text.contains("No GPU was measured: there is no WebGPU adapter."), "{text}");
        assert!(text.contains("n/a"), "{text}");
    }

    #[test]
    fn numbers_have_three_digits() {
        let told = [0.1234, 9.994, 9.996, 99.94, 99.96, 12345.6].map(number);
        assert_eq!(told, ["0.12", "9.99", "10.0", "99.9", "100", "12346"]);
    }
}
