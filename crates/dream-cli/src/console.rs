//! What the user sees: results on stdout; notes, the progress bar and errors on stderr.

use std::io::{ErrorKind, Write, stdout};

use anyhow::Result;
use dream_protocol::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// Positions of the progress bar: a dream is measured by its fraction done.
const POSITIONS: u64 = 1000;

/// The stderr side: says notes and draws progress unless asked to be quiet.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    quiet: bool,
}

impl Console {
    /// A console that may be told to be quiet.
    pub fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Says something that the user should know.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            eprintln!("note: {text}");
        }
    }

    /// A progress bar; invisible where stderr is not a terminal.
    pub fn bar(&self) -> ProgressBar {
        if self.quiet {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:30} {msg}");
        let bar = ProgressBar::new(POSITIONS);
        match style {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }
}

/// Shows how far a dream is.
pub fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_position((progress.fraction * POSITIONS as f64) as u64);
    bar.set_message(in_words(progress));
}

/// Writes a result to stdout. A reader that has seen enough (`| head`) is no error.
///
/// # Errors
/// Stdout that cannot be written, a full disk for example.
pub fn print(result: &str) -> Result<()> {
    let mut stdout = stdout().lock();
    match stdout.write_all(result.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes an error with its causes on one line to stderr.
pub fn complain(error: &anyhow::Error) {
    eprintln!("dream: {}", on_one_line(&format!("{error:#}")));
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn in_words(progress: &Progress) -> String {
    let Progress { octave, octaves, iteration, iterations, .. } = progress;
    let speed = progress.pixels_per_second / 1e6;
    let stage = format!("octave {octave} of {octaves}, iteration {iteration} of {iterations}");
    match progress.seconds_left {
        Some(left) => format!("{stage}, {speed:.2} Mpx/s, {} left", clock(left)),
        None => format!("{stage}, {speed:.2} Mpx/s"),
    }
}

/// Seconds as people say them: `48 s`, `3 min 20 s`, `2 h 5 min`.
pub fn clock(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..10 => format!("{seconds:.1} s"),
        10..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_do() {
        assert_eq!(clock(0.04), "0.0 s");
        assert_eq!(clock(9.46), "9.5 s");
        assert_eq!(clock(59.4), "59 s");
        assert_eq!(clock(59.6), "1 min 0 s");
        assert_eq!(clock(3725.0), "1 h 2 min");
    }

    #[test]
    fn errors_stay_on_one_line() {
        assert_eq!(on_one_line("bad file: I/O\n  error \n"), "bad file: I/O error");
    }

    #[test]
    fn progress_names_stage_speed_and_time_left() {
        let mut progress = Progress {
            octave: 2,
            octaves: 4,
            iteration: 7,
            iterations: 10,
            fraction: 0.3,
            seconds: 3.0,
            seconds_left: Some(12.0),
            pixels_per_second: 1_234_567.0,
        };
        assert_eq!(in_words(&progress), "octave 2 of 4, iteration 7 of 10, 1.23 Mpx/s, 12 s left");
        progress.seconds_left = None;
        assert_eq!(in_words(&progress), "octave 2 of 4, iteration 7 of 10, 1.23 Mpx/s");
    }
}
