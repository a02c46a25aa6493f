//! `dream dream`: dreams on a picture and saves what came of it, also when stopped by Ctrl-C or by
//! an engine that fails.

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Instant};

use ::dream::{DreamError, Session, begin};
use anyhow::{Result, anyhow};
use clap::Args;
use dream_engines::{Classifier, Engines};
use dream_graph::{Engine, EngineError, Network};
use dream_onnx::Model;
use dream_protocol::{
    COLOR, DreamSettings, EngineChoice, EngineInUse, GAIN, Need, Objective, ObjectiveKind, Picture,
    Progress, Remix, STRENGTH, Scores,
};
use indicatif::ProgressBar;
use pollster::block_on;

use crate::{
    console::{self, Console, clock, show},
    interrupt::{self, Interrupt},
    options::{Asked, DreamingOptions, engine, explain, put, within},
    picture::Output,
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
    dreaming: DreamingOptions,
    #[command(flatten)]
    remix: RemixOptions,
    /// On what to go on if the engine fails on the way [default: stop and save]
    #[arg(long, value_name = "NAME", value_parser = engine())]
    continue_on: Option<EngineChoice>,
}

/// How what the octaves have added is put together.
#[derive(Args, Debug)]
struct RemixOptions {
    /// How much each octave counts, smallest first: 1,0.5,2 [default: 1 for each]
    #[arg(long, value_name = "G,G,…", value_delimiter = ',', value_parser = within::<f32>(GAIN))]
    gains: Option<Vec<f32>>,
    #[arg(long, value_name = "S", allow_hyphen_values = true, value_parser = within::<f32>(STRENGTH),
        help = explain("How much all that was added counts; below 0 it is taken away", &STRENGTH))]
    strength: Option<f32>,
    #[arg(long, value_name = "S", value_parser = within::<f32>(COLOR),
        help = explain("How much the colour of what was added counts", &COLOR))]
    chroma: Option<f32>,
}

/// Dreams and saves.
///
/// # Errors
/// Bad input of any kind, or an engine that fails before there is anything to save.
pub fn run(arguments: &Arguments, console: &Console) -> Result<ExitCode> {
    let interrupt = Interrupt::listen()?;
    let output = Output::new(&arguments.output)?;
    let mut notes = Vec::new();
    let picture = arguments.dreaming.picture(arguments.input.as_deref(), &mut notes)?;
    let Asked { model, mut recipe, materials } = arguments.dreaming.asked(None, &mut notes)?;
    arguments.remix.put_into(&mut recipe.remix);
    recipe.remix.check()?;
    let picture = begin(&picture, &recipe.settings).into_owned();
    let default_layer = model.default_layer().to_owned();
    let seen = Seen::of(&model, &recipe.settings)?;
    seen.note(console, "before", &picture)?;
    let network: Arc<dyn Network> = Arc::new(model);
    let mut engines = Engines::default();
    let mut choose = |choice| {
        let chosen = block_on(engines.choose(choice, network.as_ref(), &default_layer))?;
        Ok::<_, EngineError>((chosen.in_use(), chosen.engine))
    };
    let (engine_in_use, engine) = choose(arguments.dreaming.engine.choice)?;
    let session = Session::new(network.clone(), engine, &picture, &materials, &recipe.settings)?;
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
    let Dreamt { picture, scores, ending } =
        dream(session, &recipe.remix, another, || interrupt.pressed(), &bar)?;
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
    if let Some(words) = climbed(&recipe.settings.objectives, &scores) {
        console.note(&words);
    }
    let size = format!("{} × {}", picture.width, picture.height);
    output.write(picture, &recipe, &mut notes)?;
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

impl RemixOptions {
    fn put_into(&self, remix: &mut Remix) {
        put(self.gains.clone(), &mut remix.gains);
        put(self.strength, &mut remix.strength);
        put(self.chroma, &mut remix.color);
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
    /// How it has climbed.
    scores: Vec<Scores>,
    ending: Ending,
}

/// Why a dream ended.
#[derive(Debug, PartialEq)]
enum Ending {
    Finished,
    Stopped,
    Failed(DreamError),
}

/// What has become of every objective in the last octave; octaves cannot be compared.
fn climbed(objectives: &[Objective], scores: &[Scores]) -> Option<String> {
    let last = scores.last()?;
    let first = scores.iter().find(|it| it.octave == last.octave)?;
    let pairs = objectives.iter().zip(first.values.iter().zip(&last.values));
    let told = pairs.map(|(it, (from, to))| format!("{} from {from:.3e} to {to:.3e}", it.layer));
    Some(format!("Objectives in the last octave: {}.", told.collect::<Vec<_>>().join(", ")))
}

/// Dreams until the end, until `stopped`, or until the engine fails and there is not `another`.
///
/// # Errors
/// Whatever is not the engine's fault.
fn dream<E: Engine>(
    mut session: Session<E>,
    remix: &Remix,
    mut another: impl FnMut(&EngineError) -> Option<Result<E, EngineError>>,
    stopped: impl Fn() -> bool,
    bar: &ProgressBar,
) -> Result<Dreamt> {
    let (mut begun, mut octave_finished) = (false, false);
    let dreamt = loop {
        let stopped = stopped();
        if stopped && !begun {
            break Dreamt { picture: None, scores: Vec::new(), ending: Ending::Stopped };
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
            Ok(None) => block_on(session.finish())
                .map(|picture| if remix.is_neutral() { picture } else { session.remix(remix) }),
            Err(error) => Err(error),
        };
        let error = match ended {
            Ok(picture) => {
                let ending = if stopped { Ending::Stopped } else { Ending::Finished };
                let scores = block_on(session.scores()).unwrap_or_default();
                break Dreamt { picture: Some(picture), scores, ending };
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
            break Dreamt { picture, scores: Vec::new(), ending: Ending::Failed(error) };
        }
    };
    bar.finish_and_clear();
    Ok(dreamt)
}

#[cfg(test)]
#[path = "dream_tests.rs"]
mod tests;
