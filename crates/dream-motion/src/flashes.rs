//! A guard against flashes that could harm people with photosensitive epilepsy, after WCAG 2.2,
//! success criterion 2.3.1: at most three flashes in any one second.
//!
//! A flash is a pair of opposing changes of a tenth of the most luminance, where the darker state is
//! below 0.8, or a pair of opposing changes to or from a saturated red by more than 20; of at least
//! a quarter of the field of view. The field here is the picture.

use std::collections::VecDeque;

use dream_protocol::Picture;

use crate::cells::{Cell, cells};

/// Flashes that a second may have.
pub const FLASHES: u32 = 3;
/// Share of the picture that makes a flash.
const AREA: f32 = 0.25;
/// Changes of relative luminance that count, and below which darker states.
const LIGHTER: f32 = 0.1;
const DARK: f32 = 0.8;
/// Changes of red that count.
const REDDER: f32 = 20.0;
/// How much of a frame's change is left when it is damped, from most to least; the last is none.
const DAMPED: [f32; 5] = [0.5, 0.25, 0.12, 0.06, 0.0];

/// Watches frames as they are shown.
#[derive(Clone, Debug)]
pub struct FlashGuard {
    calm: bool,
    light: Watch,
    red: Watch,
    shown: Option<Picture>,
    worst: u32,
    damped: u32,
}

/// Whether a value of a cell rises or falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// What one kind of value has done so far.
#[derive(Clone, Debug, Default)]
struct Watch {
    cells: Vec<Turning>,
    /// Which way the picture went last, and when it did so in the last second.
    way: Option<Way>,
    changes: VecDeque<f64>,
}

/// One cell: the value furthest along the way that it went last, and whether it went that way since
/// the whole picture turned.
#[derive(Clone, Copy, Debug)]
struct Turning {
    lowest: Cell,
    highest: Cell,
    way: Option<Way>,
}

impl FlashGuard {
    /// A guard; a calm one gives back frames that are damped where they would flash too often.
    pub fn new(calm: bool) -> Self {
        Self {
            calm,
            light: Watch::default(),
            red: Watch::default(),
            shown: None,
            worst: 0,
            damped: 0,
        }
    }

    /// The frame to show at that time, in seconds, which never goes back.
    pub fn pass(&mut self, frame: Picture, seconds: f64) -> Picture {
        let same_size =
            |shown: &&Picture| (shown.width, shown.height) == (frame.width, frame.height);
        let Some(before) = self.shown.as_ref().filter(same_size) else {
            return self.show(frame, seconds);
        };
        if !self.calm || self.after(&frame, seconds).flashes() <= FLASHES {
            return self.show(frame, seconds);
        }
        let damped = DAMPED.iter().map(|&share| mixed(before, &frame, share));
        let calm = damped.into_iter().find(|it| self.after(it, seconds).flashes() <= FLASHES);
        // Showing what was shown is no change.
        let calm = calm.unwrap_or_else(|| before.clone());
        self.damped += 1;
        self.show(calm, seconds)
    }

    /// Flashes in the last second.
    pub fn flashes(&self) -> u32 {
        self.light.flashes().max(self.red.flashes())
    }

    /// Most flashes in any second so far.
    pub fn worst(&self) -> u32 {
        self.worst
    }

    /// Frames that were damped so far.
    pub fn damped(&self) -> u32 {
        self.damped
    }

    fn show(&mut self, frame: Picture, seconds: f64) -> Picture {
        self.measure(&frame, seconds);
        self.worst = self.worst.max(self.flashes());
        if self.calm {
            self.shown = Some(frame.clone());
        }
        frame
    }

    /// What would be measured if that frame were shown.
    fn after(&self, frame: &Picture, seconds: f64) -> Self {
        let (light, red) = (self.light.clone(), self.red.clone());
        let mut after = Self { light, red, shown: None, ..*self };
        after.measure(frame, seconds);
        after
    }

    fn measure(&mut self, frame: &Picture, seconds: f64) {
        let cells = cells(frame);
        self.light.see(
            &cells,
            seconds,
            |low, high| low.luminance < DARK && high.luminance - low.luminance >= LIGHTER,
            |cell| cell.luminance,
        );
        self.red.see(
            &cells,
            seconds,
            |low, high| (low.saturated || high.saturated) && high.red - low.red > REDDER,
            |cell| cell.red,
        );
    }
}

impl Watch {
    /// Pairs of changes in the last second.
    fn flashes(&self) -> u32 {
        self.changes.len() as u32 / 2
    }

    fn see(
        &mut self,
        cells: &[Cell],
        seconds: f64,
        differ: impl Fn(&Cell, &Cell) -> bool,
        value: impl Fn(&Cell) -> f32,
    ) {
        if self.cells.is_empty() {
            let begin = |&cell: &Cell| Turning { lowest: cell, highest: cell, way: None };
            self.cells = cells.iter().map(begin).collect();
        }
        for (turning, cell) in self.cells.iter_mut().zip(cells) {
            turning.see(cell, &differ, &value);
        }
        while self.changes.front().is_some_and(|&then| then <= seconds - 1.0) {
            self.changes.pop_front();
        }
        for way in [Way::Up, Way::Down] {
            let gone = self.cells.iter().filter(|cell| cell.way == Some(way)).count();
            if self.way != Some(way) && gone as f32 >= AREA * self.cells.len() as f32 {
                // The first change of all is half a flash at most.
                self.way = Some(way);
                self.changes.push_back(seconds);
                self.cells.iter_mut().for_each(|cell| cell.way = None);
            }
        }
    }
}

impl Turning {
    fn see(
        &mut self,
        cell: &Cell,
        differ: &impl Fn(&Cell, &Cell) -> bool,
        value: &impl Fn(&Cell) -> f32,
    ) {
        if value(cell) > value(&self.highest) {
            self.highest = *cell;
        }
        if value(cell) < value(&self.lowest) {
            self.lowest = *cell;
        }
        if value(cell) > value(&self.lowest) && differ(&self.lowest, cell) {
            (self.way, self.lowest, self.highest) = (Some(Way::Up), *cell, *cell);
        } else if value(cell) < value(&self.highest) && differ(cell, &self.highest) {
            (self.way, self.lowest, self.highest) = (Some(Way::Down), *cell, *cell);
        }
    }
}

fn mixed(before: &Picture, after: &Picture, share: f32) -> Picture {
    let levels = before.rgba.iter().zip(&after.rgba);
    let mix = |(&a, &b): (&u8, &u8)| {
        let (a, b) = (f32::from(a), f32::from(b));
        (a + share * (b - a) + 0.5) as u8
    };
    Picture { rgba: levels.map(mix).collect(), ..*after }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `share` of the picture in one colour, the rest in middle grey.
    fn picture(color: [u8; 3], share: f32) -> Picture {
        let rows = (48.0 * share) as usize;
        let [r, g, b] = color;
        let pixels = (0..48 * 48)
            .flat_map(|i| if i / 48 < rows { [r, g, b, 255] } else { [99, 99, 99, 255] });
        Picture { width: 48, height: 48, rgba: pixels.collect() }
    }

    /// Two seconds of 20 frames each that change colour every `hold` frames.
    fn shown(
        guard: &mut FlashGuard,
        colors: [[u8; 3]; 2],
        share: f32,
        hold: usize,
    ) -> Vec<Picture> {
        let frame = |i: usize| picture(colors[i / hold % 2], share);
        (0..40).map(|i| guard.pass(frame(i), i as f64 / 20.0)).collect()
    }

    const BLACK: [u8; 3] = [0; 3];
    const WHITE: [u8; 3] = [255; 3];
    const RED: [u8; 3] = [255, 0, 0];
    /// As light as red.
    const GREY: [u8; 3] = [127; 3];

    fn worst(colors: [[u8; 3]; 2], share: f32, hold: usize) -> u32 {
        let mut guard = FlashGuard::new(false);
        shown(&mut guard, colors, share, hold);
        guard.worst()
    }

    #[test]
    fn flashes_are_pairs_of_changes_in_a_second() {
        assert_eq!(worst([BLACK, WHITE], 1.0, 1), 10);
        assert_eq!(worst([BLACK, WHITE], 1.0, 2), 5);
        assert_eq!(worst([BLACK, WHITE], 1.0, 10), 1);
        assert_eq!(worst([BLACK, BLACK], 1.0, 1), 0);
    }

    #[test]
    fn small_parts_and_small_changes_do_not_count() {
        assert_eq!(worst([BLACK, WHITE], 0.2, 1), 0);
        assert!(worst([BLACK, WHITE], 0.3, 1) > FLASHES);
        assert_eq!(worst([[100; 3], [120; 3]], 1.0, 1), 0);
        // Both are lighter than 0.8.
        assert_eq!(worst([[232; 3], [255; 3]], 1.0, 1), 0);
    }

    #[test]
    fn red_counts_by_itself() {
        assert!(worst([RED, GREY], 1.0, 1) > FLASHES);
        assert_eq!(worst([[200, 200, 0], GREY], 0.0, 1), 0);
    }

    #[test]
    fn a_calm_guard_keeps_below_the_limit_and_changes_nothing_else() {
        let mut guard = FlashGuard::new(true);
        let calm = shown(&mut guard, [BLACK, WHITE], 1.0, 1);
        assert!(guard.worst() <= FLASHES && guard.damped() > 10, "{guard:?}");
        let mut again = FlashGuard::new(false);
        for (i, frame) in calm.into_iter().enumerate() {
            again.pass(frame, i as f64 / 20.0);
        }
        assert!(again.worst() <= FLASHES, "as measured from outside: {}", again.worst());

        let mut slow = FlashGuard::new(true);
        let same = shown(&mut slow, [BLACK, WHITE], 1.0, 10);
        assert_eq!(slow.damped(), 0);
        assert!(
            same.iter().enumerate().all(|(i, it)| *it == picture([BLACK, WHITE][i / 10 % 2], 1.0))
        );
    }

    #[test]
    fn slow_swings_over_many_frames_are_seen_too() {
        let mut guard = FlashGuard::new(false);
        for i in 0..60 {
            let level = (127.0 + 120.0 * (std::f64::consts::TAU * f64::from(i) / 10.0).sin()) as u8;
            guard.pass(picture([level; 3], 1.0), f64::from(i) / 60.0);
        }
        assert!((5..=7).contains(&guard.worst()), "{}", guard.worst());
    }
}
