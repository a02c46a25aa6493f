//! Masks: where a dream may change its picture, painted with a soft brush or loaded.

use dream_protocol::{Picture, Range};

/// Width of the brush in percent of the picture's longer side.
pub const SIZE: Range = Range { name: "Brush size", min: 1.0, max: 50.0, step: 1.0, default: 12.0 };
/// How much of the brush is soft, from its edge inwards, in percent.
pub const FEATHER: Range =
    Range { name: "Feather", min: 0.0, max: 100.0, step: 5.0, default: 50.0 };
/// Longest side of a painted mask; it is soft, and scaled to the dream.
const SIDE: u32 = 512;

/// How the mask is painted, and whether it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brush {
    /// Whether the mask is shown on the picture.
    pub shown: bool,
    /// Whether touching the picture paints.
    pub paints: bool,
    /// Whether it takes away.
    pub erases: bool,
    /// See [`SIZE`].
    pub size: f64,
    /// See [`FEATHER`].
    pub feather: f64,
}

impl Default for Brush {
    fn default() -> Self {
        let (size, feather) = (SIZE.default, FEATHER.default);
        Self { shown: false, paints: false, erases: false, size, feather }
    }
}

/// How far each pixel may change: 0 not at all, 255 all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strengths {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Row by row.
    pub values: Vec<u8>,
}

impl Strengths {
    /// The same strength everywhere, in the shape of a picture.
    pub fn even(width: u32, height: u32, strength: u8) -> Self {
        let longest = width.max(height).max(1);
        let fit = |side: u32| match longest > SIDE {
            true => (u64::from(side) * u64::from(SIDE) / u64::from(longest)).max(1) as u32,
            false => side.max(1),
        };
        let (width, height) = (fit(width), fit(height));
        Self { width, height, values: vec![strength; (width * height) as usize] }
    }

    /// The strengths of a mask that is a picture: its light, as far as it is opaque.
    pub fn of(picture: &Picture) -> Self {
        let Picture { width, height, ref rgba } = *picture;
        let strength = |pixel: &[u8]| {
            let [red, green, blue, alpha] = [0, 1, 2, 3].map(|at| u32::from(pixel[at]));
            ((299 * red + 587 * green + 114 * blue) / 1000 * alpha / 255) as u8
        };
        Self { width, height, values: rgba.chunks_exact(4).map(strength).collect() }
    }

    /// The mask as a picture.
    pub fn picture(&self) -> Picture {
        let rgba = self.values.iter().flat_map(|&it| [it, it, it, 255]).collect();
        Picture { width: self.width, height: self.height, rgba }
    }

    /// What lies over the picture where the dream may change it.
    pub fn overlay(&self) -> Picture {
        let rgba =
            self.values.iter().flat_map(|&it| [0xff, 0x4f, 0xa0, (u16::from(it) * 6 / 10) as u8]);
        Picture { width: self.width, height: self.height, rgba: rgba.collect() }
    }

    /// What could change no longer can, and the other way round.
    pub fn inverted(mut self) -> Self {
        self.values.iter_mut().for_each(|it| *it = 255 - *it);
        self
    }

    /// A stroke of the brush between two places, each 0 to 1 across and down, with a pressure from 0
    /// to 1. However often it goes over a place, it does not get stronger than one stroke.
    pub fn stroke(&mut self, from: [f64; 2], to: [f64; 2], brush: &Brush, pressure: f64) {
        let sides = [f64::from(self.width), f64::from(self.height)];
        let radius = (sides[0].max(sides[1]) * brush.size / 200.0).max(0.5);
        let [from, to] = [from, to].map(|at| [at[0] * sides[0], at[1] * sides[1]]);
        let along = [to[0] - from[0], to[1] - from[1]];
        let square = along[0] * along[0] + along[1] * along[1];
        let soft = (radius * brush.feather / 100.0).max(1e-6);
        let span = |axis: usize| {
            let (low, high) =
                (from[axis].min(to[axis]) - radius, from[axis].max(to[axis]) + radius);
            low.floor().max(0.0) as usize..high.ceil().clamp(0.0, sides[axis]) as usize
        };
        for y in span(1) {
            for x in span(0) {
                let at = [x as f64 + 0.5 - from[0], y as f64 + 0.5 - from[1]];
                let part = match square {
                    0.0 => 0.0,
                    square => ((at[0] * along[0] + at[1] * along[1]) / square).clamp(0.0, 1.0),
                };
                let distance = (at[0] - part * along[0]).hypot(at[1] - part * along[1]);
                let inside = ((radius - distance) / soft).clamp(0.0, 1.0);
                let full = pressure * 255.0;
                let strength = (inside * inside * (3.0 - 2.0 * inside) * full).round() as u8;
                let value = &mut self.values[y * self.width as usize + x];
                *value = match brush.erases {
                    true => (*value).min(255 - strength),
                    false => (*value).max(strength),
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(brush: Brush) -> Strengths {
        let mut mask = Strengths::even(40, 20, 0);
        mask.stroke([0.25, 0.5], [0.75, 0.5], &brush, 1.0);
        mask
    }

    #[test]
    fn a_stroke_is_full_in_its_middle_and_soft_at_its_edge() {
        let brush = Brush { size: 20.0, feather: 50.0, ..Brush::default() };
        let mut mask = painted(brush);
        let at = |mask: &Strengths, x: usize, y: usize| mask.values[y * 40 + x];
        assert_eq!([at(&mask, 20, 10), at(&mask, 20, 2), at(&mask, 1, 10)], [255, 0, 0]);
        assert!((1..255).contains(&at(&mask, 20, 12)), "{}", at(&mask, 20, 12));
        let once = mask.clone();
        mask.stroke([0.25, 0.5], [0.75, 0.5], &brush, 1.0);
        assert_eq!(mask, once, "twice is as once");
        let eraser = Brush { erases: true, ..brush };
        mask.stroke([0.5, 0.5], [0.5, 0.5], &eraser, 0.4);
        assert_eq!([at(&mask, 20, 10), at(&mask, 10, 10)], [153, 255], "lightly erased");
        mask.stroke([0.5, 0.5], [0.5, 0.5], &eraser, 1.0);
        assert_eq!([at(&mask, 20, 10), at(&mask, 10, 10)], [0, 255]);
        let hard = painted(Brush { feather: 0.0, ..brush });
        assert!(hard.values.iter().all(|it| [0, 255].contains(it)));
    }

    #[test]
    fn strengths_survive_as_pictures_and_turn_round() {
        let mask = painted(Brush::default());
        assert_eq!(Strengths::of(&mask.picture()), mask);
        assert_ne!(mask.clone().inverted(), mask);
        assert_eq!(mask.clone().inverted().inverted(), mask);
        let clear = Picture { width: 1, height: 1, rgba: vec![255, 255, 255, 0] };
        assert_eq!(Strengths::of(&clear).values, [0]);
    }

    #[test]
    fn masks_have_the_shape_of_the_picture() {
        let sides = |mask: Strengths| [mask.width, mask.height];
        assert_eq!(sides(Strengths::even(4096, 1024, 0)), [512, 128]);
        assert_eq!(sides(Strengths::even(120, 90, 0)), [120, 90]);
        assert_eq!(sides(Strengths::even(9000, 3, 0)), [512, 1]);
    }
}
