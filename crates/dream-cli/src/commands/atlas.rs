//! `dream atlas`: what every channel of a network wants to see, as contact sheets and a page that
//! shows them.
//!
//! Each portrait is kept in a file of its own, so that an atlas that was interrupted goes on where
//! it stopped.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, Result};
use clap::Args;
use dream::Session;
use dream_engines::Engines;
use dream_graph::Network;
use dream_onnx::Layer;
use dream_protocol::{ITERATIONS, Picture, portrait_settings};
use image::{RgbaImage, imageops};
use indicatif::ProgressBar;
use pollster::block_on;

use crate::{
    commands::atlas_page,
    console::Console,
    interrupt::{self, Interrupt},
    model,
    options::{EngineOption, within},
};

/// Portraits in a row of a contact sheet.
const COLUMNS: u32 = 16;
/// Sides of a portrait in pixels.
const SIDES: std::ops::RangeInclusive<i64> = 32..=256;

/// Draw what every channel of a model wants to see
#[derive(Args, Debug)]
pub struct Arguments {
    /// ONNX file of the network [default: the built-in mini-inception]
    model: Option<PathBuf>,
    /// Folder for the contact sheets and their page; portraits that are in it already are kept
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// Layer to draw; may be given several times [default: all]
    #[arg(long = "layer", value_name = "NAME")]
    layers: Vec<String>,
    /// Draw no more than the first N channels of a layer
    #[arg(long, value_name = "N")]
    channels: Option<u32>,
    /// Side of a portrait in pixels
    #[arg(long, value_name = "PX", default_value_t = 64, value_parser = clap::value_parser!(u32).range(SIDES))]
    size: u32,
    /// Updates of each of a portrait's three octaves
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = within::<u32>(ITERATIONS))]
    iterations: u32,
    #[command(flatten)]
    engine: EngineOption,
}

/// A layer with its files.
pub struct Sheet {
    /// ONNX tensor name of the layer.
    pub layer: String,
    /// Portraits on it.
    pub channels: u32,
    /// File name of the contact sheet.
    pub file: String,
}

/// Draws portraits, layer by layer, and writes sheets and page.
///
/// # Errors
/// A model or layer that cannot be used, a folder that cannot be written, or an engine that fails.
pub fn run(arguments: &Arguments, console: &Console) -> Result<ExitCode> {
    let interrupt = Interrupt::listen()?;
    let loaded = model::load(arguments.model.as_deref())?;
    let names = arguments.layers.iter();
    let asked: Result<Vec<&Layer>> = names.map(|name| loaded.layer(name)).collect();
    let asked = asked?;
    let layers = if asked.is_empty() { loaded.model.layers().iter().collect() } else { asked };
    let layers: Vec<Layer> = layers.into_iter().cloned().collect();
    let name = loaded.name.clone();
    let network: Arc<dyn Network> = Arc::new(loaded.model);
    let folder = &arguments.output;
    let mut artist = Artist { arguments, network, engines: Engines::default(), bar: console.bar() };
    let mut sheets = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let channels = (layer.channels as u32).min(arguments.channels.unwrap_or(u32::MAX));
        let stem = format!("{index:02}-{}", slug(&layer.name));
        let portraits = folder.join("channels").join(&stem);
        fs::create_dir_all(&portraits)
            .with_context(|| format!("cannot make the folder {}", portraits.display()))?;
        let drawn = artist.layer(&layer.name, channels, &portraits, &interrupt)?;
        if drawn > 0 {
            let file = format!("{stem}.png");
            save(&contact_sheet(&portraits, drawn, arguments.size)?, &folder.join(&file))?;
            sheets.push(Sheet { layer: layer.name.clone(), channels: drawn, file });
        }
        if interrupt.pressed() {
            break;
        }
    }
    artist.bar.finish_and_clear();
    let page = folder.join("index.html");
    fs::write(&page, atlas_page::html(&name, arguments.size, COLUMNS, &sheets))
        .with_context(|| format!("cannot write {}", page.display()))?;
    console.note(&format!("{} layers are shown in {}.", sheets.len(), page.display()));
    Ok(if interrupt.pressed() { ExitCode::from(interrupt::EXIT_CODE) } else { ExitCode::SUCCESS })
}

/// Whoever draws the portraits.
struct Artist<'a> {
    arguments: &'a Arguments,
    network: Arc<dyn Network>,
    engines: Engines,
    bar: ProgressBar,
}

impl Artist<'_> {
    /// Draws the missing ones among the first `channels` portraits of a layer; returns how many
    /// there are from the first one on.
    fn layer(
        &mut self,
        layer: &str,
        channels: u32,
        folder: &Path,
        interrupt: &Interrupt,
    ) -> Result<u32> {
        for channel in 0..channels {
            let file = portrait_file(folder, channel);
            let fits = |portrait: RgbaImage| {
                portrait.dimensions() == (self.arguments.size, self.arguments.size)
            };
            if image::open(&file).is_ok_and(|portrait| fits(portrait.into_rgba8())) {
                continue;
            }
            if interrupt.pressed() {
                return Ok(channel);
            }
            self.bar.set_length(channels.into());
            self.bar.set_position(channel.into());
            self.bar.set_message(format!("{layer}: channel {channel} of {channels}"));
            save(&self.portrait(layer, channel)?, &file)?;
        }
        Ok(channels)
    }

    fn portrait(&mut self, layer: &str, channel: u32) -> Result<RgbaImage> {
        let Arguments { size, iterations, engine, .. } = self.arguments;
        let engine = block_on(self.engines.choose(engine.choice, self.network.as_ref(), layer))?;
        let settings = portrait_settings(layer, channel, *size, *iterations);
        // Noise takes its place; it gives the size.
        let start =
            Picture { width: *size, height: *size, rgba: vec![255; (4 * size * size) as usize] };
        let mut session =
            Session::new(self.network.clone(), engine.engine, &start, &[], &settings)?;
        while block_on(session.advance())?.is_some() {}
        let portrait = block_on(session.finish())?;
        // Where the network needs more than was asked for, the middle shows it best.
        let image = RgbaImage::from_raw(portrait.width, portrait.height, portrait.rgba);
        let image = image.context("a portrait without pixels")?;
        let [x, y] = [image.width(), image.height()].map(|side| side.saturating_sub(*size) / 2);
        Ok(imageops::crop_imm(&image, x, y, *size, *size).to_image())
    }
}

fn portrait_file(folder: &Path, channel: u32) -> PathBuf {
    folder.join(format!("{channel:04}.png"))
}

/// The portraits side by side, row by row.
fn contact_sheet(folder: &Path, count: u32, side: u32) -> Result<RgbaImage> {
    let (columns, rows) = (count.min(COLUMNS), count.div_ceil(COLUMNS));
    let mut sheet = RgbaImage::new(columns * side, rows * side);
    for channel in 0..count {
        let file = portrait_file(folder, channel);
        let portrait =
            image::open(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let [x, y] = [channel % COLUMNS, channel / COLUMNS].map(|at| i64::from(at * side));
        imageops::replace(&mut sheet, &portrait.into_rgba8(), x, y);
    }
    Ok(sheet)
}

fn save(image: &RgbaImage, file: &Path) -> Result<()> {
    image.save(file).with_context(|| format!("cannot write {}", file.display()))
}

/// A layer's name as part of a file name.
fn slug(layer: &str) -> String {
    layer
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '-' })
        .collect()
}
