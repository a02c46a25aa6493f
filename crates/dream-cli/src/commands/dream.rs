//! `dream dream`: dreams on a picture and saves what came of it, also when stopped by Ctrl-C or by
//! an engine that fails.

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Instant};

use ::dream::{DreamError, Session, begin};
use anyhow::{Result, anyhow, bail};
use clap::Args;
use dream_engines::{Classifier, Engines, with_layers};
use dream_graph::{Engine, EngineError, Network};
use dream_onnx::Model;
use dream_protocol::{
    AGAIN, DreamSettings, EngineChoice, EngineInUse, ITERATIONS, JITTER, Need, OCTAVE_SCALE,
    OCTAVES, Objective, ObjectiveKind, Picture, Prior, Progress, SEED, SIZE, STEP_SIZE, Start,
};
use indicatif::ProgressBar;
use pollster::block_on;

use crate::{
    console::{self, Console, clock, show},
    interrupt::{self, Interrupt},
    model,
    objectives::{ObjectiveOptions, Raised},
    options::{
        EngineOption, Extent, InputOptions, ModelOption, PriorOptions, engine, explain, extent,
        start, within,
    },
    picture::{self, Output},
};

/// How many classes are told.
const TOP: usize = 5;

/// Dream on a picture
#[derive(Args, Debug)]
pub struct Arguments {
    /// The picture to dream on; with --start, nothing but its size counts, and it may be left out
    #[arg(required_unless_present = "start")]
    input: Option<PathBuf>,
    /// Where to save the dream; the ending chooses the format (png, jpg, webp, tiff, bmp or gif)
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    model: ModelOption,
    #[command(flatten)]
    numbers: Numbers,
    #[command(flatten)]
    engine: EngineOption,
    /// On what to go on if the engine fails on the way [default: stop and save]
    #[arg(long, value_name = "NAME", value_parser = engine())]
    continue_on: Option<EngineChoice>,
    #[command(flatten)]
    objectives: ObjectiveOptions,
    #[command(flatten)]
    prior: PriorOptions,
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
        allow_negative_numbers = true,
        help = explain("Mean change of a pixel per update, in levels of 0–255; below 0 the dream runs in reverse", &STEP_SIZE))]
    step_size: f32,
    #[arg(long, value_name = "N", default_value_t = JITTER.default as u32, value_parser = within::<u32>(JITTER),
        help = explain("Largest random shift per update in pixels", &JITTER))]
    jitter: u32,
    #[arg(long, value_name = "N", default_value_t = SEED.default as u32, value_parser = within::<u32>(SEED),
        help = explain("Start of the random shifts; the same seed gives the same dream", &SEED))]
    seed: u32,
    #[arg(long, value_name = "PX|WxH", default_value_t = Extent::default(), value_parser = extent,
        help = explain("Longest side in pixels; larger pictures are scaled down to it. With --start, width and height as 640x480", &SIZE))]
    size: Extent,
    #[arg(long, value_name = "N", default_value_t = AGAIN.default as u32, value_parser = within::<u32>(AGAIN),
        help = explain("How often the dream goes on from its own result", &AGAIN))]
    again: u32,
    /// What to begin with in place of a picture: noise, or a colour as #rrggbb
    #[arg(long, value_name = "WHAT", value_parser = start)]
    start: Option<Start>,
}

/// Dreams and saves.
///
/// # Errors
/// Bad input of any kind, or an engine that fails before there is anything to save.
pub fn run(arguments: &Arguments, console: &Console) -> Result<ExitCode> {
    let interrupt = Interrupt::listen()?;
    let output = Output::new(&arguments.output)?;
    let mut notes = Vec::new();
    let picture = arguments.picture(&mut notes)?;
    let loaded = model::load(arguments.model.path.as_deref())?;
    let Raised { objectives, mut materials } = arguments.objectives.raised(&loaded, &mut notes)?;
    let prior = arguments.prior.prior(&mut materials, &mut notes)?;
    let settings = with_layers(arguments.settings(objectives, prior)?, &loaded.model)?;
    let picture = begin(&picture, &settings).into_owned();
    let default_layer = loaded.model.default_layer().to_owned();
    let model = arguments.input_options.apply(loaded.model);
    notes.extend_from_slice(model.notes());
    let seen = Seen::of(&model, &settings)?;
    seen.note(console, "before", &picture)?;
    let network: Arc<dyn Network> = Arc::new(model);
    let mut engines = Engines::default();
    let mut choose = |choice| {
        let chosen = block_on(engines.choose(choice, network.as_ref(), &default_layer))?;
        Ok::<_, EngineError>((chosen.in_use(), chosen.engine))
    };
    let (engine_in_use, engine) = choose(arguments.engine.choice)?;
    let session = Session::new(network.clone(), engine, &picture, &materials, &settings)?;
    drop(picture);
    notes.extend_from_slice(session.notes());
    notes.drain(..).for_each(|note| console.note(&note));
    let EngineInUse { name, reason, .. } = engine_in_use;
    let need = Need::from(session.plan());
    console.note(&format!("Dreaming on the {name} engine ({reason}); this needs {need}."));

    let start = Instant::now();
    let (bar, mut continue_on) = (console.bar(), arguments.continue_on);
    let another = |error: &EngineError| {
        let choice = continue_on.take()?;
        Some(choose(choice).map(|(EngineInUse { name, reason, .. }, engine)| {
            let failed = format!("{error}. Going on from the last finished octave");
            bar.suspend(|| console.note(&format!("{failed} on the {name} engine ({reason}).")));
            engine
        }))
    };
    let Dreamt { picture, ending } = dream(session, another, || interrupt.pressed(), &bar)?;
    let Some(picture) = picture else {
        return match ending {
            Ending::Failed(error) => {
                Err(anyhow!("{error}; nothing was saved, because no octave was finished"))
            }
            Ending::Finished | Ending::Stopped => {
                console::complain(&anyhow!(
                    "stopped before the first iteration; nothing was saved"
                ));
                Ok(ExitCode::from(interrupt::EXIT_CODE))
            }
        };
    };
    seen.note(console, "after", &picture)?;
    let size = format!("{} × {}", picture.width, picture.height);
    output.write(picture, &mut notes)?;
    notes.iter().for_each(|note| console.note(note));
    let (path, time) = (output.path().display(), clock(start.elapsed().as_secs_f64()));
    let saved = |what| console.note(&format!("{what} saved to {path}: {size} pixels, {time}."));
    Ok(match ending {
        Ending::Finished => {
            saved("Dream");
            ExitCode::SUCCESS
        }
        Ending::Stopped => {
            saved("Stopped early; the dream so far is");
            ExitCode::from(interrupt::EXIT_CODE)
        }
        Ending::Failed(error) => {
            console::complain(&anyhow!(
                "{error}; saved to {path} as the last finished octave left it \
                 (--continue-on cpu goes on instead)"
            ));
            ExitCode::FAILURE
        }
    })
}

impl Arguments {
    /// The picture to begin with, or one of the right size.
    fn picture(&self, notes: &mut Vec<String>) -> Result<Picture> {
        match (&self.input, self.numbers.size) {
            (Some(input), Extent::Longest(_)) => picture::read(input, notes),
            (Some(_), Extent::Both { .. }) => {
                bail!("a picture keeps its shape; give its longest side alone as --size")
            }
            (None, size) => {
                let [width, height] = size.sides();
                let rgba = vec![255; 4 * width as usize * height as usize];
                Ok(Picture { width, height, rgba })
            }
        }
    }

    fn settings(&self, objectives: Vec<Objective>, prior: Prior) -> Result<DreamSettings> {
        let numbers = &self.numbers;
        let settings = DreamSettings {
            objectives,
            balance: self.objectives.balance,
            octaves: numbers.octaves,
            octave_scale: numbers.octave_scale,
            iterations: numbers.iterations,
            step_size: numbers.step_size,
            jitter: numbers.jitter,
            seed: numbers.seed,
            size: numbers.size.longest(),
            start: numbers.start.unwrap_or_default(),
            again: numbers.again,
            prior,
        };
        settings.check()?;
        Ok(settings)
    }
}

/// The classes that the network sees, where the dream is about one.
struct Seen(Option<Classifier>);

impl Seen {
    fn of(model: &Model, settings: &DreamSettings) -> Result<Self> {
        let class = |it: &Objective| matches!(it.kind, ObjectiveKind::Class { .. });
        let wanted = settings.objectives.iter().any(class);
        Ok(Self(wanted.then(|| Classifier::new(model)).transpose()?))
    }

    fn note(&self, console: &Console, when: &str, picture: &Picture) -> Result<()> {
        let Some(classifier) = &self.0 else { return Ok(()) };
        let classes = classifier.classify(picture, TOP)?;
        let classes = classes.iter().map(|it| {
            format!("{} {:.1} %", it.label.split(',').next().unwrap_or(""), 100.0 * it.probability)
        });
        let classes = classes.collect::<Vec<_>>().join(", ");
        console.note(&format!("What the network sees {when}: {classes}."));
        Ok(())
    }
}

/// What a dream ended with.
struct Dreamt {
    /// What it has reached; `None` if that is nothing.
    picture: Option<Picture>,
    ending: Ending,
}

/// Why a dream ended.
#[derive(Debug, PartialEq)]
enum Ending {
    Finished,
    Stopped,
    Failed(DreamError),
}

/// Dreams until the end, until `stopped`, or until the engine fails and there is not `another`.
///
/// # Errors
/// Whatever is not the engine's fault.
fn dream<E: Engine>(
    mut session: Session<E>,
    mut another: impl FnMut(&EngineError) -> Option<Result<E, EngineError>>,
    stopped: impl Fn() -> bool,
    bar: &ProgressBar,
) -> Result<Dreamt> {
    let (mut begun, mut octave_finished) = (false, false);
    let dreamt = loop {
        let stopped = stopped();
        if stopped && !begun {
            break Dreamt { picture: None, ending: Ending::Stopped };
        }
        let advanced = if stopped { Ok(None) } else { block_on(session.advance()) };
        let ended = match advanced {
            Ok(Some(progress)) => {
                show(bar, &progress);
                begun = true;
                let Progress { octave, octaves, iteration, iterations, .. } = progress;
                octave_finished |= iteration == iterations && octave < octaves;
                continue;
            }
            Ok(None) => block_on(session.finish()),
            Err(error) => Err(error),
        };
        let error = match ended {
            Ok(picture) => {
                let ending = if stopped { Ending::Stopped } else { Ending::Finished };
                break Dreamt { picture: Some(picture), ending };
            }
            Err(DreamError::Engine(error)) => error,
            Err(error) => return Err(error.into()),
        };
        let resumed = match another(&error) {
            Some(engine) => engine.map_err(DreamError::from).and_then(|it| session.resume(it)),
            None => Err(error.into()),
        };
        if let Err(error) = resumed {
            let picture = octave_finished.then(|| session.kept());
            break Dreamt { picture, ending: Ending::Failed(error) };
        }
    };
    bar.finish_and_clear();
    Ok(dreamt)
}

#[cfg(test)]
#[path = "dream_tests.rs"]
mod tests;
