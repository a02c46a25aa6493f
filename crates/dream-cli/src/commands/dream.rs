//! `dream dream`: dreams on a picture and saves what came of it, also when stopped by Ctrl-C.

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Instant};

use ::dream::Session;
use anyhow::{Result, anyhow};
use clap::Args;
use dream_engines::{AnyEngine, Chosen};
use dream_protocol::{
    DreamSettings, ITERATIONS, JITTER, LayerWeight, OCTAVE_SCALE, OCTAVES, Picture, SEED, SIZE,
    STEP_SIZE,
};
use indicatif::ProgressBar;
use pollster::block_on;

use crate::{
    console::{self, Console, clock, show},
    interrupt::{self, Interrupt},
    model::{self, Loaded},
    options::{EngineOption, InputOptions, ModelOption, explain, layer_weight, within},
    picture::{self, Output},
};

/// Dream on a picture
#[derive(Args, Debug)]
pub struct Arguments {
    /// The picture to dream on
    input: PathBuf,
    /// Where to save the dream; the ending chooses the format (png, jpg, webp, tiff, bmp or gif)
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    model: ModelOption,
    /// Layer to raise and how much it counts; may be repeated [default: the model's default layer]
    #[arg(long = "layer", value_name = "NAME[=WEIGHT]", value_parser = layer_weight)]
    layers: Vec<LayerWeight>,
    #[command(flatten)]
    numbers: Numbers,
    #[command(flatten)]
    engine: EngineOption,
    #[command(flatten)]
    input_options: InputOptions,
}

/// The numeric settings.
#[derive(Args, Debug)]
struct Numbers {
    #[arg(long, value_name = "N", default_value_t = OCTAVES.default as u32, value_parser = within::<u32>(OCTAVES),
        help = explain("Image sizes to climb through", &OCTAVES))]
    octaves: u32,
    #[arg(long, value_name = "S", default_value_t = OCTAVE_SCALE.default as f32, value_parser = within::<f32>(OCTAVE_SCALE),
        help = explain("Ratio between the sizes of neighbouring octaves", &OCTAVE_SCALE))]
    octave_scale: f32,
    #[arg(long, value_name = "N", default_value_t = ITERATIONS.default as u32, value_parser = within::<u32>(ITERATIONS),
        help = explain("Updates per octave", &ITERATIONS))]
    iterations: u32,
    #[arg(long, value_name = "S", default_value_t = STEP_SIZE.default as f32, value_parser = within::<f32>(STEP_SIZE),
        help = explain("Mean change of a pixel per update, in levels of 0–255", &STEP_SIZE))]
    step_size: f32,
    #[arg(long, value_name = "N", default_value_t = JITTER.default as u32, value_parser = within::<u32>(JITTER),
        help = explain("Largest random shift per update in pixels", &JITTER))]
    jitter: u32,
    #[arg(long, value_name = "N", default_value_t = SEED.default as u32, value_parser = within::<u32>(SEED),
        help = explain("Start of the random shifts; the same seed gives the same dream", &SEED))]
    seed: u32,
    #[arg(long, value_name = "PX", default_value_t = SIZE.default as u32, value_parser = within::<u32>(SIZE),
        help = explain("Longest side in pixels; larger pictures are scaled down to it", &SIZE))]
    size: u32,
}

/// Dreams and saves.
///
/// # Errors
/// Bad input of any kind.
pub fn run(arguments: &Arguments, console: &Console) -> Result<ExitCode> {
    let interrupt = Interrupt::listen()?;
    let output = Output::new(&arguments.output)?;
    let mut notes = Vec::new();
    let picture = picture::read(&arguments.input, &mut notes)?;
    let loaded = model::load(arguments.model.path.as_deref())?;
    let settings = arguments.settings(&loaded)?;
    let model = arguments.input_options.apply(loaded.model);
    notes.extend_from_slice(model.notes());
    let Chosen { engine, name, reason } = dream_engines::choose(arguments.engine.choice)?;
    let session = Session::new(Arc::new(model), engine, &picture, &settings)?;
    drop(picture);
    notes.extend_from_slice(session.notes());
    notes.drain(..).for_each(|note| console.note(&note));

    let start = Instant::now();
    let Some(Dreamt { picture, finished }) = dream(session, &interrupt, &console.bar())? else {
        console::complain(&anyhow!("stopped before the first iteration; nothing was saved"));
        return Ok(ExitCode::from(interrupt::EXIT_CODE));
    };
    let size = format!("{} × {}", picture.width, picture.height);
    output.write(picture, &mut notes)?;
    notes.iter().for_each(|note| console.note(note));
    console.note(&format!(
        "{} saved to {}: {size} pixels, {} on the {name} engine ({reason}).",
        if finished { "Dream" } else { "Stopped early; the dream so far is" },
        output.path().display(),
        clock(start.elapsed().as_secs_f64()),
    ));
    Ok(if finished { ExitCode::SUCCESS } else { ExitCode::from(interrupt::EXIT_CODE) })
}

impl Arguments {
    fn settings(&self, loaded: &Loaded) -> Result<DreamSettings> {
        for layer in &self.layers {
            loaded.layer(&layer.name)?;
        }
        let default = LayerWeight { name: loaded.model.default_layer().to_owned(), weight: 1.0 };
        let numbers = &self.numbers;
        let settings = DreamSettings {
            layers: if self.layers.is_empty() { vec![default] } else { self.layers.clone() },
            octaves: numbers.octaves,
            octave_scale: numbers.octave_scale,
            iterations: numbers.iterations,
            step_size: numbers.step_size,
            jitter: numbers.jitter,
            seed: numbers.seed,
            size: numbers.size,
        };
        settings.check()?;
        Ok(settings)
    }
}

/// What a dream ended with.
struct Dreamt {
    picture: Picture,
    /// Whether it went to its end.
    finished: bool,
}

/// Dreams until the end or Ctrl-C; `None` if that came before there was anything to keep.
fn dream(
    mut session: Session<AnyEngine>,
    interrupt: &Interrupt,
    bar: &ProgressBar,
) -> Result<Option<Dreamt>> {
    let mut begun = false;
    let finished = loop {
        if interrupt.pressed() {
            break false;
        }
        match block_on(session.advance())? {
            Some(progress) => show(bar, &progress),
            None => break true,
        }
        begun = true;
    };
    bar.finish_and_clear();
    if !begun && !finished {
        return Ok(None);
    }
    Ok(Some(Dreamt { picture: block_on(session.finish())?, finished }))
}
