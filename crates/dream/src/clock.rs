//! How far a dream is, how long it takes, and how many iterations fit between two breaths.

use dream_protocol::Progress;
use web_time::Instant;

/// Seconds that a burst should take: short enough for a page and a system to stay responsive.
const BURST: f64 = 0.1;

/// Counts pixel iterations, the unit in which octaves compare, and the time they take.
pub(crate) struct Clock {
    pixels: Vec<f64>,
    /// Pixel iterations done.
    done: f64,
    started: Option<Instant>,
    burst_started: Option<Instant>,
    /// Seconds per pixel iteration of the last burst.
    pace: Option<f64>,
    /// Seconds and pixel iterations at the end of the octave's first burst, which carries its
    /// preparation; later ones tell its pace.
    first_burst: (f64, f64),
}

impl Clock {
    pub fn new(sizes: &[[usize; 2]]) -> Self {
        Self {
            pixels: sizes.iter().map(|[height, width]| (height * width) as f64).collect(),
            done: 0.0,
            started: None,
            burst_started: None,
            pace: None,
            first_burst: (0.0, 0.0),
        }
    }

    /// Begins to count, if it has not yet.
    pub fn start(&mut self) {
        self.started.get_or_insert_with(Instant::now);
    }

    /// Begins a burst, and says how many of the remaining iterations it should have.
    pub fn burst(&mut self, octave: usize, remaining: u32) -> u32 {
        self.burst_started = Some(Instant::now());
        let fitting = self.pace.map_or(1.0, |pace| BURST / (pace * self.pixels[octave]).max(1e-9));
        (fitting as u32).clamp(1, remaining.max(1))
    }

    /// Ends a burst of `count` iterations, `iteration` of the octave's `iterations` being done.
    pub fn progress(
        &mut self,
        octave: usize,
        [iteration, iterations]: [u32; 2],
        count: u32,
    ) -> Progress {
        let burst = self.burst_started.map_or(0.0, |started| started.elapsed().as_secs_f64());
        self.pace = Some(burst / (f64::from(count) * self.pixels[octave]));
        let seconds = self.started.map_or(0.0, |started| started.elapsed().as_secs_f64());
        self.done += self.pixels[octave] * f64::from(count);
        let done = self.done;
        let here = self.pixels[octave] * f64::from(iterations.saturating_sub(iteration));
        let later = self.pixels[octave + 1..].iter().sum::<f64>() * f64::from(iterations);
        let left = here + later;
        // A browser still compiles what runs then: nobody can tell by it how long the rest takes.
        let begun = done == self.pixels[octave] * f64::from(count);
        let first = iteration == count || begun;
        if first {
            self.first_burst = (seconds, done);
        }
        let (since, before) = self.first_burst;
        let pace = if first {
            done / seconds.max(1e-9)
        } else {
            (done - before) / (seconds - since).max(1e-9)
        };
        Progress {
            octave: octave as u32 + 1,
            octaves: self.pixels.len() as u32,
            iteration,
            iterations,
            fraction: done / (done + left),
            seconds,
            seconds_left: (!begun || left == 0.0).then_some(left / pace),
            pixels_per_second: pace,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_grow_to_their_time_and_never_past_the_end() {
        let mut clock = Clock::new(&[[10, 10], [20, 20]]);
        clock.start();
        assert_eq!(clock.burst(0, 40), 1);
        clock.pace = Some(1e-4);
        assert_eq!(clock.burst(0, 40), 10);
        assert_eq!(clock.burst(1, 40), 2);
        assert_eq!(clock.burst(0, 3), 3);
        clock.pace = Some(1.0);
        assert_eq!(clock.burst(0, 40), 1);
    }

    #[test]
    fn progress_counts_pixels_not_octaves() {
        let mut clock = Clock::new(&[[10, 10], [20, 20]]);
        clock.start();
        let begun = clock.progress(0, [4, 4], 4);
        assert_eq!((begun.fraction, begun.seconds_left), (0.2, None));
        let end = clock.progress(1, [4, 4], 4);
        assert_eq!((end.fraction, end.octave, end.seconds_left), (1.0, 2, Some(0.0)));
    }

    #[test]
    fn iterations_that_are_added_on_the_way_are_still_to_do() {
        let mut clock = Clock::new(&[[10, 10]]);
        clock.start();
        assert_eq!(clock.progress(0, [4, 8], 4).fraction, 0.5);
        assert_eq!(clock.progress(0, [5, 20], 1).fraction, 0.25);
    }
}
