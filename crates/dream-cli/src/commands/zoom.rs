//! `dream zoom`: a journey into a dream. Every frame is the one before it, moved a little and
//! dreamed anew.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use dream_motion::{FPS, FRAMES, Journey, Keyframe, ROTATION, Step, ZOOM, moved};
use dream_protocol::Recipe;

use crate::{
    console::Console,
    options::{Asked, explain, put, within},
    series::{Series, SeriesOptions},
};

/// Zoom into a dream, frame by frame
#[derive(Args, Debug)]
pub struct Arguments {
    /// The picture to begin with; with --start, nothing but its size counts, and it may be left out
    #[arg(required_unless_present = "start")]
    input: Option<PathBuf>,
    /// What changes on the way: the JSON file that the page saves; flags override it
    #[arg(long, value_name = "FILE", conflicts_with = "recipe")]
    journey: Option<PathBuf>,
    #[arg(long, value_name = "N", value_parser = within::<u32>(FRAMES),
        help = explain("How many frames", &FRAMES))]
    frames: Option<u32>,
    #[arg(long, value_name = "N", value_parser = within::<f32>(FPS),
        help = explain("Frames a second, for flashes and for GIFs", &FPS))]
    fps: Option<f32>,
    #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = within::<f32>(ZOOM),
        help = explain("Share of the picture that is cut away from one frame to the next", &ZOOM))]
    zoom: Option<f32>,
    #[arg(long, value_name = "D", allow_negative_numbers = true, value_parser = within::<f32>(ROTATION),
        help = explain("Degrees clockwise from one frame to the next", &ROTATION))]
    rotation: Option<f32>,
    /// What stays where it is, as parts of width and height [default: 0.5,0.5]
    #[arg(long, value_name = "X,Y", value_parser = center)]
    center: Option<[f32; 2]>,
    #[command(flatten)]
    series: SeriesOptions,
}

/// Makes the frames.
///
/// # Errors
/// Bad input of any kind, or an engine that fails; frames that were finished are kept.
pub fn run(arguments: &Arguments, console: &Console) -> Result<ExitCode> {
    let mut notes = Vec::new();
    let picture = arguments.series.dreaming.picture(arguments.input.as_deref(), &mut notes)?;
    let mut journey = match &arguments.journey {
        Some(file) => read(file)?,
        None => Journey::default(),
    };
    let Asked { model, recipe, materials } =
        arguments.series.dreaming.asked(Some(journey.settings), &mut notes)?;
    journey.settings = recipe.settings.clone();
    arguments.put_into(&mut journey);
    journey.check()?;
    for layer in journey.keyframes.iter().filter_map(|key| key.layer.as_deref()) {
        let known = model.layers().iter().any(|it| it.name == layer);
        ensure!(known, "the model has no layer {layer}; `dream layers` lists them all");
    }
    if let Some(of) = journey.model.take_if(|of| of.sha256 != recipe.model.sha256) {
        let (name, other) = (of.name, &recipe.model.name);
        notes.push(format!("The journey was made with the model {name}, but this is {other}."));
    }
    notes.iter().for_each(|note| console.note(note));
    let Journey { frames: count, fps, .. } = journey;
    let mut series = Series::new(&arguments.series, (model, materials), (count, fps), console)?;
    let mut start = Some(picture);
    for frame in 0..count {
        let Step { movement, settings } = journey.step(frame);
        let Some(last) = start.take() else { break };
        let recipe = Recipe { settings, ..recipe.clone() };
        start = series.next(&moved(&last, &movement), &recipe)?;
    }
    series.finish()
}

impl Arguments {
    /// What the flags say, in place of what the journey says.
    fn put_into(&self, journey: &mut Journey) {
        let Self { frames, fps, zoom, rotation, center, .. } = *self;
        put(frames, &mut journey.frames);
        put(fps, &mut journey.fps);
        if journey.keyframes.is_empty() {
            journey.keyframes.push(Keyframe::default());
        }
        for key in &mut journey.keyframes {
            key.zoom = zoom.or(key.zoom);
            key.rotation = rotation.or(key.rotation);
            key.center = center.or(key.center);
        }
    }
}

fn read(file: &Path) -> Result<Journey> {
    let failed = || format!("cannot read a journey from {}", file.display());
    let text = fs::read_to_string(file).with_context(failed)?;
    serde_json::from_str(&text).with_context(failed)
}

fn center(text: &str) -> Result<[f32; 2], String> {
    let part = |text: &str| match text.trim().parse::<f32>() {
        Ok(part) if (0.0..=1.0).contains(&part) => Ok(part),
        _ => Err(format!("{text} is no number from 0 to 1")),
    };
    match text.split_once(',') {
        Some((x, y)) => Ok([part(x)?, part(y)?]),
        None => Err("give two numbers, separated by a comma".to_owned()),
    }
}
