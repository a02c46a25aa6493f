//! `dream film`: dreams on every picture of a film, and carries what was dreamed from one to the
//! next.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Args;
use dream_motion::{BLEND, Carry, FPS};
use dream_protocol::Picture;

use crate::{
    console::Console,
    frames,
    options::{Asked, explain, within},
    series::{Series, SeriesOptions},
};

/// Dream on a film, frame by frame
#[derive(Args, Debug)]
pub struct Arguments {
    /// The film: a folder of pictures, pictures in their order, or an animated GIF
    #[arg(required = true)]
    input: Vec<PathBuf>,
    #[arg(long, value_name = "N", value_parser = within::<f32>(FPS),
        default_value_t = FPS.default as f32,
        help = "Frames a second, for flashes and for GIFs, 1 to 60")]
    fps: f32,
    #[arg(long, value_name = "S", value_parser = within::<f32>(BLEND),
        help = explain("Share of what was dreamed that goes on with the next frame", &BLEND))]
    blend: Option<f32>,
    #[command(flatten)]
    series: SeriesOptions,
}

/// Makes the frames.
///
/// # Errors
/// Bad input of any kind, or an engine that fails; frames that were finished are kept.
pub fn run(arguments: &Arguments, console: &Console) -> Result<ExitCode> {
    let mut notes = Vec::new();
    let film = frames::film(&arguments.input, &mut notes)?;
    let Asked { model, recipe, materials } = arguments.series.dreaming.asked(None, &mut notes)?;
    notes.iter().for_each(|note| console.note(note));
    let length = (film.len() as u32, arguments.fps);
    let mut series = Series::new(&arguments.series, (model, materials), length, console)?;
    let mut carry = Carry::new(arguments.blend.unwrap_or(BLEND.default as f32));
    let mut size = None;
    for picture in film {
        // Dreams have the working size; what they are carried to must have it too.
        let picture = match size {
            Some(size) => frames::resized(picture, size)?,
            None => picture,
        };
        let start = if size.is_some() { carry.next(picture.clone()) } else { picture.clone() };
        let Some(Picture { width, height, rgba }) = series.next(&start, &recipe)? else { break };
        if size.is_none() {
            size = Some([width, height]);
            carry.next(frames::resized(picture, [width, height])?);
        }
        carry.dreamt(rgba);
    }
    series.finish()
}
