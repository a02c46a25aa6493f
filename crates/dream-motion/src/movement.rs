//! How a picture is moved from one frame of a journey to the next.

use dream_protocol::Picture;
use serde::{Deserialize, Serialize};

use crate::Journey;

/// A movement from one frame to the next.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Movement {
    /// Share of the picture that is cut away; below 0 it shrinks.
    pub zoom: f32,
    /// Degrees clockwise.
    pub rotation: f32,
    /// What stays where it is: from left to right and from top to bottom, 0 to 1.
    pub center: [f32; 2],
}

impl Default for Movement {
    fn default() -> Self {
        Self::NONE
    }
}

impl Movement {
    /// Everything stays where it is.
    pub const NONE: Self = Self { zoom: 0.0, rotation: 0.0, center: [0.5; 2] };
}

/// Where a pixel (x, y) comes from: `matrix · (x, y) + offset`.
#[derive(Clone, Copy, Debug)]
struct Affine {
    matrix: [[f64; 2]; 2],
    offset: [f64; 2],
}

impl Affine {
    const IDENTITY: Self = Self { matrix: [[1.0, 0.0], [0.0, 1.0]], offset: [0.0; 2] };

    /// The zoom of the DeepDream notebook (2015), which is `(1 − s)·p + s·c` for the point c that
    /// stays, and a turn about the same point.
    fn new(movement: &Movement, size: [usize; 2]) -> Self {
        let kept = 1.0 - f64::from(movement.zoom);
        let (sin, cos) = f64::from(movement.rotation).to_radians().sin_cos();
        // Where a clockwise turn takes a pixel from lies counterclockwise of it.
        let matrix = [[kept * cos, kept * sin], [-kept * sin, kept * cos]];
        let center = [0, 1].map(|axis| f64::from(movement.center[axis]) * size[axis] as f64);
        let turned = product(&matrix, center);
        Self { matrix, offset: [0, 1].map(|axis| center[axis] - turned[axis]) }
    }

    /// This one after `other` as seen from the result: the picture is moved by `self` first.
    fn then(&self, other: &Self) -> Self {
        let columns = [0, 1].map(|column| {
            product(&self.matrix, [other.matrix[0][column], other.matrix[1][column]])
        });
        let offset = product(&self.matrix, other.offset);
        Self {
            matrix: [0, 1].map(|row| [columns[0][row], columns[1][row]]),
            offset: [0, 1].map(|axis| offset[axis] + self.offset[axis]),
        }
    }

    fn of(&self, point: [f64; 2]) -> [f64; 2] {
        let [x, y] = product(&self.matrix, point);
        [x + self.offset[0], y + self.offset[1]]
    }
}

fn product(matrix: &[[f64; 2]; 2], [x, y]: [f64; 2]) -> [f64; 2] {
    matrix.map(|[a, b]| a * x + b * y)
}

/// The picture, moved once. It is resampled bilinearly; what comes in from outside is the picture's
/// own mirror image.
pub fn moved(picture: &Picture, movement: &Movement) -> Picture {
    if movement.zoom == 0.0 && movement.rotation == 0.0 {
        return picture.clone();
    }
    resampled(picture, &Affine::new(movement, sides(picture)))
}

/// The picture as the movements of the frames up to `frame` leave it, without any dream, resampled
/// once: what a frame of a journey will show, before it is dreamed.
pub fn composed(picture: &Picture, journey: &Journey, frame: u32) -> Picture {
    let size = sides(picture);
    let steps = (1..=frame).map(|frame| Affine::new(&journey.step(frame).movement, size));
    resampled(picture, &steps.fold(Affine::IDENTITY, |whole, step| whole.then(&step)))
}

fn sides(picture: &Picture) -> [usize; 2] {
    [picture.width as usize, picture.height as usize]
}

fn resampled(picture: &Picture, affine: &Affine) -> Picture {
    let [width, height] = sides(picture);
    let mut rgba = Vec::with_capacity(picture.rgba.len());
    for y in 0..height {
        for x in 0..width {
            let [x, y] = affine.of([x as f64, y as f64]);
            let (columns, right) = neighbours(x, width);
            let (rows, down) = neighbours(y, height);
            for channel in 0..4 {
                let at = |row: usize, column: usize| {
                    f32::from(picture.rgba[4 * (row * width + column) + channel])
                };
                let line = |row| mix(at(row, columns[0]), at(row, columns[1]), right);
                rgba.push((mix(line(rows[0]), line(rows[1]), down) + 0.5) as u8);
            }
        }
    }
    Picture { rgba, ..*picture }
}

/// The pixels on both sides of a place on an axis of `length` that goes on as its own mirror image,
/// and how far it lies from the first to the second.
fn neighbours(place: f64, length: usize) -> ([usize; 2], f32) {
    let first = place.floor();
    let mirrored = |place: f64| {
        let place = (place as i64).rem_euclid(2 * length as i64) as usize;
        place.min(2 * length - 1 - place)
    };
    ([mirrored(first), mirrored(first + 1.0)], (place - first) as f32)
}

fn mix(from: f32, to: f32, share: f32) -> f32 {
    from + share * (to - from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red grows to the right, green downwards.
    fn ramps(width: u32, height: u32) -> Picture {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| [x, y]));
        let rgba = pixels.flat_map(|[x, y]| [2 * x as u8, 2 * y as u8, 7, 255]).collect();
        Picture { width, height, rgba }
    }

    fn pixel(picture: &Picture, x: u32, y: u32) -> [f32; 2] {
        let at = 4 * (y * picture.width + x) as usize;
        [0, 1].map(|channel| f32::from(picture.rgba[at + channel]))
    }

    #[test]
    fn zoom_is_that_of_the_notebook() {
        // scipy.ndimage.affine_transform(frame, [1 - s, 1 - s, 1], [h·s/2, w·s/2, 0], order=1)
        let (width, height, s) = (100, 60, 0.05);
        let zoomed = moved(&ramps(width, height), &Movement { zoom: s, ..Movement::NONE });
        for [x, y] in [[0, 0], [10, 50], [99, 59], [50, 30]] {
            let from = [[x, width], [y, height]]
                .map(|[at, side]| (1.0 - s) * at as f32 + side as f32 * s / 2.0);
            let error = [0, 1].map(|i| (pixel(&zoomed, x, y)[i] - 2.0 * from[i]).abs());
            assert!(error.iter().all(|error| *error <= 0.51), "{x} {y}: {error:?}");
        }
        let same = pixel(&ramps(width, height), 0, 0);
        assert_ne!(pixel(&zoomed, 0, 0), same, "it has moved");
    }

    #[test]
    fn a_positive_rotation_is_clockwise_about_the_center() {
        let turn = Movement { rotation: 90.0, ..Movement::NONE };
        let turned = moved(&ramps(40, 40), &turn);
        // What was on the left is at the top.
        assert_eq!(pixel(&turned, 25, 5), [10.0, 2.0 * 15.0]);
        let back = moved(&turned, &Movement { rotation: -90.0, ..turn });
        assert_eq!(pixel(&back, 25, 5), [50.0, 10.0]);
    }

    #[test]
    fn what_is_outside_is_the_mirror_image() {
        let out = Movement { zoom: -0.5, center: [0.0, 0.0], ..Movement::NONE };
        let shrunk = moved(&ramps(40, 40), &out);
        let close = |x: u32, inside: u32| {
            let difference = (pixel(&shrunk, x, 0)[0] - 2.0 * inside as f32).abs();
            assert!(difference <= 1.0, "{x}: {difference}");
        };
        close(20, 30);
        close(30, 79 - 45);
    }

    #[test]
    fn composed_movements_are_the_movements_one_by_one() {
        let journey = Journey {
            keyframes: vec![crate::Keyframe {
                zoom: Some(0.04),
                rotation: Some(6.0),
                center: Some([0.4, 0.6]),
                ..crate::Keyframe::default()
            }],
            ..Journey::default()
        };
        let start = ramps(80, 80);
        let one_by_one = (1..=4)
            .fold(start.clone(), |picture, frame| moved(&picture, &journey.step(frame).movement));
        let at_once = composed(&start, &journey, 4);
        let worst = |other: &Picture| {
            let middle = (20..60).flat_map(|y| (20..60).map(move |x| [x, y]));
            let differences = middle.flat_map(|[x, y]| {
                let (a, b) = (pixel(&at_once, x, y), pixel(other, x, y));
                [(a[0] - b[0]).abs(), (a[1] - b[1]).abs()]
            });
            differences.fold(0.0, f32::max)
        };
        assert!(worst(&one_by_one) <= 2.0, "{}", worst(&one_by_one));
        assert!(worst(&start) > 5.0, "the control has not moved");
        assert_eq!(composed(&start, &journey, 0), start);
    }
}
