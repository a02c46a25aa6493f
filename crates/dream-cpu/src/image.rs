//! Kernels around the network: image to network input, gradient to image. Images are planar,
//! `[channels, height, width]`.

use dream_graph::{ADAM_DECAY, ADAM_EPSILON, Preprocessing, Tile};

use crate::elementwise::store;

/// Keeps the division finite where the gradient is zero everywhere.
const EPSILON: f32 = 1e-20;

/// Where a tile lies on an image: row `y` of the tile is row `rows[y]` of the image, which is
/// rolled under it; so for columns.
pub(crate) struct Window {
    plane: usize,
    width: usize,
    rows: Vec<usize>,
    columns: Vec<usize>,
}

impl Window {
    /// The window of a tile of size `window` on an image of size `size` rolled by `shift` = (right,
    /// down).
    pub fn new(
        size: [usize; 2],
        window: [usize; 2],
        origin: [i32; 2],
        [right, down]: [i32; 2],
    ) -> Self {
        let places = |axis: usize, shift: i32| -> Vec<usize> {
            let first = i64::from(origin[axis]) - i64::from(shift);
            let place = |i: usize| (first + i as i64).rem_euclid(size[axis] as i64) as usize;
            (0..window[axis]).map(place).collect()
        };
        let [rows, columns] = [places(0, down), places(1, right)];
        Self { plane: size[0] * size[1], width: size[1], rows, columns }
    }

    /// Elements of a plane of the tile.
    fn len(&self) -> usize {
        self.rows.len() * self.columns.len()
    }

    /// Each row of a plane of the tile: its elements, and where its row of the image begins.
    fn rows(&self) -> impl Iterator<Item = (std::ops::Range<usize>, usize)> {
        let columns = self.columns.len();
        let row =
            move |(y, row): (usize, &usize)| (y * columns..(y + 1) * columns, row * self.width);
        self.rows.iter().enumerate().map(row)
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
        for (range, start) in window.rows() {
            for (out, column) in out[range].iter_mut().zip(&window.columns) {
                *out = preprocessing.to_input(channel, image[start + column]);
            }
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
        for (range, start) in window.rows() {
            for (g, column) in gradient[range].iter().zip(&window.columns) {
                out[start + column] += g * preprocessing.scale[channel];
            }
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
