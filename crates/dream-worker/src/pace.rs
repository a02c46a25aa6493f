//! Time: breaths between bursts, and clocks.

use std::time::Duration;

use gloo_timers::future::TimeoutFuture;
use web_time::Instant;

/// Shortest time between two previews within an octave.
const PREVIEW_PAUSE: Duration = Duration::from_millis(250);

/// Lets waiting messages in: a macrotask, because a microtask would run before them.
pub async fn breathe() {
    TimeoutFuture::new(0).await;
}

/// Measures a dream and paces its previews.
#[derive(Default)]
pub struct Clock {
    before: Duration,
    running_since: Option<Instant>,
    last_preview: Option<Instant>,
}

impl Clock {
    /// Runs from now on.
    pub fn start(&mut self) {
        self.running_since = Some(Instant::now());
    }

    /// Stands still until it is started again.
    pub fn stop(&mut self) {
        self.before = self.elapsed();
        self.running_since = None;
    }

    /// Seconds that it has run.
    pub fn seconds(&self) -> f64 {
        self.elapsed().as_secs_f64()
    }

    /// Whether it is time for a preview: always at the end of an octave, else a few times a second.
    pub fn preview_due(&mut self, octave_ended: bool) -> bool {
        let due = octave_ended || self.last_preview.is_none_or(|at| at.elapsed() >= PREVIEW_PAUSE);
        if due {
            self.last_preview = Some(Instant::now());
        }
        due
    }

    fn elapsed(&self) -> Duration {
        self.before + self.running_since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}
