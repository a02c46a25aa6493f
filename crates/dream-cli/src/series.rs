//! Frames, one after another: dreamed or kept from an earlier run, shown to the guard, kept.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Args;
use dream_motion::{FLASHES, FlashGuard};
use dream_onnx::Model;
use dream_protocol::{Picture, Recipe};
use indicatif::ProgressBar;

use crate::{
    console::Console,
    dreamer::Dreamer,
    frames::Frames,
    interrupt::{self, Interrupt},
    options::DreamingOptions,
};

/// Where a series goes and how its frames are dreamed: what all commands that make one take.
#[derive(Args, Debug)]
pub struct SeriesOptions {
    /// Folder for the frames as PNG, or a .gif; frames that are in the folder already are kept
    #[arg(short, long, value_name = "DIR|FILE")]
    output: PathBuf,
    /// Damp frames where they would flash more than three times a second
    #[arg(long)]
    calm: bool,
    #[command(flatten)]
    pub dreaming: DreamingOptions,
}

/// A series of frames that is being made.
pub struct Series<'a> {
    dreamer: Dreamer<'a>,
    frames: Frames,
    /// Frames a second.
    fps: f32,
    /// How many there will be.
    count: u32,
    guard: FlashGuard,
    calm: bool,
    made: u32,
    bar: ProgressBar,
    console: &'a Console,
    interrupt: Interrupt,
}

impl<'a> Series<'a> {
    /// An empty one.
    ///
    /// # Errors
    /// A place that cannot be written, or a system that does not let it listen for Ctrl-C.
    pub fn new(
        options: &SeriesOptions,
        (model, materials): (Model, Vec<Picture>),
        (count, fps): (u32, f32),
        console: &'a Console,
    ) -> Result<Self> {
        let calm = options.calm;
        let frames = Frames::new(&options.output, fps)?;
        let dreamer = Dreamer::new(model, materials, options.dreaming.engine.choice, console);
        let (guard, interrupt, bar) = (FlashGuard::new(calm), Interrupt::listen()?, console.bar());
        bar.set_length(count.into());
        Ok(Self { dreamer, frames, fps, count, guard, calm, made: 0, bar, console, interrupt })
    }

    /// The next frame as it is shown, dreamed from `start`, or kept from an earlier run. `None`
    /// where it was interrupted.
    ///
    /// # Errors
    /// Engines that fail, files that cannot be written, and frames of other settings in their place.
    pub fn next(&mut self, start: &Picture, recipe: &Recipe) -> Result<Option<Picture>> {
        let frame = self.made;
        self.bar.set_position(frame.into());
        self.bar.set_message(format!("frame {} of {}", frame + 1, self.count));
        let kept = self.frames.kept(frame, recipe)?;
        let is_kept = kept.is_some();
        let dream = match kept {
            Some(kept) => Some(kept),
            None => self.dreamer.dream(start, &recipe.settings, &self.interrupt)?,
        };
        let Some(dream) = dream else { return Ok(None) };
        let shown = self.guard.pass(dream, f64::from(frame) / f64::from(self.fps));
        if !is_kept {
            self.frames.keep(frame, shown.clone(), recipe)?;
        }
        self.made += 1;
        Ok(Some(shown))
    }

    /// Ends the series and tells what it has become.
    ///
    /// # Errors
    /// A file that cannot be written, or no frame at all.
    pub fn finish(self) -> Result<ExitCode> {
        self.bar.finish_and_clear();
        let (made, count, worst) = (self.made, self.count, self.guard.worst());
        if self.guard.damped() > 0 {
            let damped = self.guard.damped();
            self.console.note(&format!("Damped {damped} frames that would have flashed."));
        } else if worst > FLASHES && !self.calm {
            self.console.note(&format!(
                "It flashes up to {worst} times a second, which can harm people with \
                 photosensitive epilepsy; --calm damps it."
            ));
        }
        let place = self.frames.finish()?;
        if made < count {
            self.console.note(&format!("Stopped after {made} of {count} frames, in {place}."));
            return Ok(ExitCode::from(interrupt::EXIT_CODE));
        }
        self.console.note(&format!("All {count} frames are in {place}."));
        Ok(ExitCode::SUCCESS)
    }
}
