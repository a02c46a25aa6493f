//! `dream bench`: what a dream costs here, on every engine of this machine, and how much of the
//! device's own peak that is; or, with `--plan`, how much memory it takes.

use std::fs;

use anyhow::{Result, bail};
use clap::Args;
use dream_engines::{
    Engines,
    bench::{Order, Watch, bench, table},
};
use dream_protocol::{DreamSettings, EngineChoice, Need, Objective, SIZE};
use indicatif::ProgressBar;
use pollster::block_on;
use serde_json::json;

use crate::{
    console::{self, Console},
    model::{self, Loaded},
    options::{EngineOption, ModelOption, within},
};

/// Measure one iteration of a dream, or plan its memory
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
    /// What to measure beside the CPU engine; auto means everything that this machine has
    #[command(flatten)]
    engine: EngineOption,
    /// Begin no further round that would not end within so many seconds
    #[arg(long, value_name = "S", default_value_t = 60)]
    seconds: u32,
    /// Print the memory that a whole dream of this size takes, and measure nothing
    #[arg(long)]
    plan: bool,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// Measures and prints.
///
/// # Errors
/// A model, layer or engine that cannot be used.
pub fn run(arguments: &Arguments, console: &Console) -> Result<()> {
    let loaded = model::load(arguments.model.path.as_deref())?;
    let layer = arguments.layer.as_deref().unwrap_or(loaded.model.default_layer());
    loaded.layer(layer)?;
    if arguments.plan {
        return console::print(&plan(arguments, &loaded, layer)?);
    }
    let bar = console.bar();
    let order = Order {
        network: &loaded.model,
        model: &loaded.name,
        layer,
        size: arguments.size,
        engine: arguments.engine.choice,
        seconds: f64::from(arguments.seconds),
    };
    let report = block_on(bench(&order, &mut Engines::default(), &mut Bar(&bar)));
    bar.finish_and_clear();
    let report = report?;
    console::print(&if arguments.json {
        format!("{}\n", serde_json::to_string_pretty(&report)?)
    } else {
        table(&report).to_string()
    })
}

/// Memory of a dream of a square picture, engine by engine.
fn plan(arguments: &Arguments, loaded: &Loaded, layer: &str) -> Result<String> {
    let objectives = vec![Objective::layer(layer)];
    let settings = DreamSettings { objectives, size: arguments.size, ..Default::default() };
    let all = [EngineChoice::Cpu, EngineChoice::Gpu, EngineChoice::Hybrid];
    let asked = arguments.engine.choice;
    let mut engines = Engines::default();
    let (mut rows, mut reports, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for choice in all.into_iter().filter(|&it| asked == EngineChoice::Auto || asked == it) {
        let side = arguments.size as usize;
        let needed = block_on(engines.choose(choice, &loaded.model, layer))
            .map_err(anyhow::Error::from)
            .and_then(|chosen| {
                let plan = dream::plan(&loaded.model, &settings, &chosen.engine, [side; 2], &[])?;
                Ok(Need::from(plan))
            });
        match needed {
            Ok(need) => {
                rows.push(format!("{:<8}{need}\n", choice.to_string()));
                let Need { megabytes, tiles, .. } = need;
                reports.push(json!({
                    "engine": choice.to_string(), "megabytes": megabytes, "tiles": tiles
                }));
            }
            Err(error) => refused.push(format!("{choice}: {error:#}")),
        }
    }
    if rows.is_empty() {
        bail!("{}", refused.join("; "));
    }
    if arguments.json {
        let report = json!({
            "model": loaded.name, "layer": layer, "size": arguments.size, "engines": reports,
        });
        return Ok(format!("{report:#}\n"));
    }
    rows.extend(refused.into_iter().map(|reason| format!("{reason}\n")));
    let size = arguments.size;
    Ok(format!("{} to {layer}, {size} × {size}\n{}", loaded.name, rows.concat()))
}

/// Shows how far a measurement is.
struct Bar<'a>(&'a ProgressBar);

impl Watch for Bar<'_> {
    fn hear(&mut self, fraction: f64, words: &str) {
        let positions = self.0.length().unwrap_or(0) as f64;
        self.0.set_position((fraction * positions) as u64);
        self.0.set_message(words.to_owned());
    }

    fn peak_memory(&self) -> Option<u64> {
        peak_memory()
    }
}

/// The most memory this process has held, in bytes, where Linux tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kibibytes)
}
