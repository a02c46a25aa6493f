//! Pictures as light: what flow, flashes and stillness are seen in.

use dream_protocol::Picture;

/// Weights of red, green and blue in luma (ITU-R BT.601).
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// A plane of numbers, rows top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plane {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` numbers.
    pub values: Vec<f32>,
}

impl Plane {
    /// All zero.
    pub fn zero(width: usize, height: usize) -> Self {
        Self { width, height, values: vec![0.0; width * height] }
    }

    /// The luma of a picture, levels 0–255, as means over squares of `side` pixels.
    pub fn luma(picture: &Picture, side: usize) -> Self {
        let (from, height) = (picture.width as usize, picture.height as usize);
        let mut plane = Self::zero(from.div_ceil(side), height.div_ceil(side));
        let mut counts = vec![0.0f32; plane.values.len()];
        for (i, pixel) in picture.rgba.chunks_exact(4).enumerate() {
            let to = i / from / side * plane.width + i % from / side;
            plane.values[to] += (0..3).map(|c| LUMA[c] * f32::from(pixel[c])).sum::<f32>();
            counts[to] += 1.0;
        }
        plane.values.iter_mut().zip(counts).for_each(|(value, count)| *value /= count);
        plane
    }

    /// Half the size: means of four.
    pub fn half(&self) -> Self {
        let mut half = Self::zero(self.width.div_ceil(2), self.height.div_ceil(2));
        for y in 0..half.height {
            for x in 0..half.width {
                let [x0, y0] = [2 * x, 2 * y];
                let (x1, y1) = ((x0 + 1).min(self.width - 1), (y0 + 1).min(self.height - 1));
                let four = [[x0, y0], [x1, y0], [x0, y1], [x1, y1]];
                let sum: f32 = four.iter().map(|[x, y]| self.values[y * self.width + x]).sum();
                half.values[y * half.width + x] = sum / 4.0;
            }
        }
        half
    }

    /// The value at a place between four pixels; outside, that of the nearest pixel.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let clamp = |place: f32, length: usize| {
            let place = place.clamp(0.0, (length - 1) as f32);
            let first = (place as usize).min(length.saturating_sub(2));
            (first, (first + 1).min(length - 1), place - first as f32)
        };
        let (left, right, u) = clamp(x, self.width);
        let (top, bottom, v) = clamp(y, self.height);
        let line = |row: usize| {
            let row = &self.values[row * self.width..][..self.width];
            row[left] + u * (row[right] - row[left])
        };
        let (upper, lower) = (line(top), line(bottom));
        upper + v * (lower - upper)
    }

    /// Means over squares of `2 * radius + 1` pixels, cut at the edges.
    pub fn box_blurred(&self, radius: usize) -> Self {
        let lines = self.values.chunks_exact(self.width);
        let rows = lines.flat_map(|row| running_means(row, radius)).collect();
        let rows = Self { values: rows, ..*self }.transposed();
        let lines = rows.values.chunks_exact(rows.width);
        let both = lines.flat_map(|row| running_means(row, radius)).collect();
        Self { values: both, ..rows }.transposed()
    }

    fn transposed(&self) -> Self {
        let Self { width, height, .. } = *self;
        let places = (0..width).flat_map(|x| (0..height).map(move |y| y * width + x));
        Self { width: height, height: width, values: places.map(|i| self.values[i]).collect() }
    }
}

fn running_means(line: &[f32], radius: usize) -> Vec<f32> {
    let mut sums = vec![0.0f64; line.len() + 1];
    for (i, value) in line.iter().enumerate() {
        sums[i + 1] = sums[i] + f64::from(*value);
    }
    let mean = |i: usize| {
        let (from, to) = (i.saturating_sub(radius), (i + radius + 1).min(line.len()));
        ((sums[to] - sums[from]) / (to - from) as f64) as f32
    };
    (0..line.len()).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luma_is_averaged_over_squares_that_may_be_cut() {
        let grey = |level: u8| [level, level, level, 255];
        let rgba = [grey(10), grey(20), grey(90)].concat();
        let plane = Plane::luma(&Picture { width: 3, height: 1, rgba }, 2);
        assert_eq!((plane.width, plane.height), (2, 1));
        assert!((plane.values[0] - 15.0).abs() < 1e-3 && (plane.values[1] - 90.0).abs() < 1e-3);
    }

    #[test]
    fn box_blur_keeps_what_is_even_and_spreads_a_point() {
        let mut plane = Plane { width: 7, height: 5, values: vec![3.0; 35] };
        assert!(plane.box_blurred(2).values.iter().all(|value| (value - 3.0).abs() < 1e-6));
        plane.values[2 * 7 + 3] += 9.0;
        let blurred = plane.box_blurred(1);
        assert!((blurred.values[2 * 7 + 3] - 4.0).abs() < 1e-5);
        assert!((blurred.values[2 * 7 + 5] - 3.0).abs() < 1e-5);
    }

    #[test]
    fn between_pixels_it_is_bilinear() {
        let plane = Plane { width: 2, height: 2, values: vec![0.0, 4.0, 8.0, 12.0] };
        assert_eq!(plane.at(0.5, 0.5), 6.0);
        assert_eq!(plane.at(-3.0, 9.0), 8.0);
    }
}
