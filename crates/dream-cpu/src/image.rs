//! Kernels around the network: image to network input, gradient to image. Images are planar,
//! `[channels, height, width]`.

use dream_graph::{ADAM_DECAY, ADAM_EPSILON, Preprocessing, Tile};

use crate::elementwise::store;

/// Keeps the division finite where the gradient is zero everywhere.
const EPSILON: f32 = 1e-20;

/// What a tile sees of an image that is rolled under it: in each of its rows, elements of one row
/// of a plane, from one column on round the image.
pub(crate) struct Window {
    plane: usize,
    width: usize,
    columns: usize,
    rows: Vec<Row>,
}

/// A row of the image, by its first element, and the column that is seen first.
struct Row {
    start: usize,
    column: usize,
}

impl Window {
    /// The window of a tile of size `window` on an image of size `size` rolled by `shift` = (right,
    /// down).
    pub fn new(size: [usize; 2], window: [usize; 2], tile: &Tile, shift: [i32; 2]) -> Self {
        let [height, width] = size;
        let row = |y| {
            let [row, column] = tile.sees(size, shift, [y, 0]);
            Row { start: row * width, column }
        };
        let rows = (0..window[0]).map(row).collect();
        Self { plane: height * width, width, columns: window[1], rows }
    }

    /// Elements of a plane of the tile.
    fn len(&self) -> usize {
        self.rows.len() * self.columns
    }

    /// For each element of a plane of the tile its place in a plane of the image.
    fn places(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().flat_map(|row| {
            let round = (0..self.width).cycle().skip(row.column).take(self.columns);
            round.map(|column| row.start + column)
        })
    }
}

/// Network input of the window.
pub(crate) fn roll_in(
    window: &Window,
    preprocessing: &Preprocessing,
    image: &[f32],
    out: &mut [f32],
) {
    let planes = image.chunks_exact(window.plane).zip(out.chunks_exact_mut(window.len()));
    for (channel, (image, out)) in planes.enumerate() {
        for (out, place) in out.iter_mut().zip(window.places()) {
            *out = preprocessing.to_input(channel, image[place]);
        }
    }
}

/// Gradient at the image from the gradient at the window's network input, scaled because a level
/// counts `scale` in network units.
pub(crate) fn roll_out(
    window: &Window,
    preprocessing: &Preprocessing,
    gradient: &[f32],
    out: &mut [f32],
    accumulate: bool,
) {
    if !accumulate {
        out.fill(0.0);
    }
    let planes = gradient.chunks_exact(window.len()).zip(out.chunks_exact_mut(window.plane));
    for (channel, (gradient, out)) in planes.enumerate() {
        for (g, place) in gradient.iter().zip(window.places()) {
            out[place] += g * preprocessing.scale[channel];
        }
    }
}

/// x where the tile owns the position, 0 elsewhere. x is `[planes, size]`; its rows and columns are
/// `stride` pixels apart.
pub(crate) fn crop(
    size: [usize; 2],
    stride: [usize; 2],
    tile: &Tile,
    x: &[f32],
    out: &mut [f32],
    accumulate: bool,
) {
    let owned = |axis: usize, i: usize| {
        let pixel = i64::from(tile.origin[axis]) + (i * stride[axis]) as i64;
        (tile.first[axis].into()..tile.end[axis].into()).contains(&pixel)
    };
    let rows: Vec<bool> = (0..size[0]).map(|y| owned(0, y)).collect();
    let columns: Vec<bool> = (0..size[1]).map(|x| owned(1, x)).collect();
    let masks = rows.iter().flat_map(|&row| columns.iter().map(move |&column| row && column));
    let masked = x.iter().zip(masks.cycle()).map(|(&x, own)| if own { x } else { 0.0 });
    store(out, accumulate, masked);
}

/// `step_size · g / (size + ε)`.
pub(crate) fn step(step_size: f32, g: &[f32], size: f32, out: &mut [f32], accumulate: bool) {
    let factor = step_size / (size + EPSILON);
    store(out, accumulate, g.iter().map(|g| factor * g));
}

/// A step of Adam upwards; the moments lie behind what is climbed.
pub(crate) fn adam(rate: f32, g: &[f32], climbed: &mut [f32]) {
    let (climbed, moments) = climbed.split_at_mut(g.len());
    let (firsts, seconds) = moments.split_at_mut(g.len());
    let moments = firsts.iter_mut().zip(seconds);
    for ((x, (first, second)), g) in climbed.iter_mut().zip(moments).zip(g) {
        *first = ADAM_DECAY[0] * *first + (1.0 - ADAM_DECAY[0]) * g;
        *second = ADAM_DECAY[1] * *second + (1.0 - ADAM_DECAY[1]) * g * g;
        *x += rate * *first / (second.sqrt() + ADAM_EPSILON);
    }
}

/// `image + step_size · g / (size + ε)`, limited to 0–255. `image` holds the levels and behind
/// them what rounding them left over, which the next step adds first (Kahan 1965).
pub(crate) fn ascend(step_size: f32, g: &[f32], size: f32, image: &mut [f32]) {
    let factor = step_size / (size + EPSILON);
    let (levels, rests) = image.split_at_mut(g.len());
    for ((level, rest), g) in levels.iter_mut().zip(rests).zip(g) {
        let step = *rest + factor * g;
        let moved = *level + step;
        let limited = moved.clamp(0.0, 255.0);
        *rest = if limited == moved { step - (moved - *level) } else { 0.0 };
        *level = limited;
    }
}

#[cfg(test)]
mod tests {
    use dream_graph::{ColorLayout, Surface};

    use super::*;

    const BGR: Preprocessing =
        Preprocessing { layout: ColorLayout::Bgr, mean: [9.0, 0.0, -4.0], scale: [0.5, 2.0, 1.0] };

    fn numbers(seed: u32, count: usize) -> Vec<f32> {
        (0..count).map(|i| ((i as f32 + 1.0) * (seed as f32 + 0.37)).sin()).collect()
    }

    fn dot(a: &[f32], b: &[f32]) -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    }

    #[test]
    fn gradients_come_out_by_the_transpose_of_the_way_in() {
        // Windows within the image, over one pole, and over everything several times.
        let windows = [([2, 3], [1, 2]), ([6, 9], [-4, -3]), ([23, 31], [-9, -12])];
        for (surface, size) in [
            (Surface::Sheet, [5, 8]),
            (Surface::Torus, [5, 8]),
            (Surface::Sphere, [5, 8]),
            (Surface::Sphere, [4, 7]),
        ] {
            for (window, origin) in windows {
                let count = |size: [usize; 2]| 3 * size[0] * size[1];
                let (x, y) = (numbers(1, count(size)), numbers(2, count(window)));
                let tile = Tile { surface, origin, ..Tile::WHOLE };
                let place = Window::new(size, window, &tile, [3, 2]);
                let [mut seen, mut black] = [0, 1].map(|_| vec![0.0; count(window)]);
                roll_in(&place, &BGR, &x, &mut seen);
                roll_in(&place, &BGR, &vec![0.0; x.len()], &mut black);
                let slopes: Vec<f32> = seen.iter().zip(&black).map(|(a, b)| a - b).collect();
                let back = |place: &Window| {
                    let mut back = vec![0.0; x.len()];
                    roll_out(place, &BGR, &y, &mut back, false);
                    dot(&x, &back)
                };
                let (there, again) = (dot(&slopes, &y), back(&place));
                assert!((there - again).abs() < 1e-4, "{surface:?} {window:?}: {there}, {again}");
                let other = back(&Window::new(size, window, &tile, [3, 1]));
                assert!((there - other).abs() > 1e-2, "another shift is as good");
            }
        }
    }

    #[test]
    fn beyond_a_pole_lies_the_other_half_of_its_row() {
        let image: Vec<f32> = (0..3 * 24).map(|i| i as f32).collect();
        let plain = Preprocessing { mean: [0.0; 3], scale: [1.0; 3], ..BGR };
        let seen = |surface| {
            let tile = Tile { surface, origin: [-2, 4], ..Tile::WHOLE };
            let mut out = vec![0.0; 3 * 3 * 4];
            roll_in(&Window::new([4, 6], [3, 4], &tile, [0; 2]), &plain, &image, &mut out);
            out[..12].to_vec()
        };
        let rows = [[7.0, 8.0, 9.0, 10.0], [1.0, 2.0, 3.0, 4.0], [4.0, 5.0, 0.0, 1.0]];
        assert_eq!(seen(Surface::Sphere), rows.concat());
        let rows = [[16.0, 17.0, 12.0, 13.0], [22.0, 23.0, 18.0, 19.0], [4.0, 5.0, 0.0, 1.0]];
        assert_eq!(seen(Surface::Torus), rows.concat());
    }
}
