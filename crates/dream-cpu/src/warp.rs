//! Images turned and scaled about their middle, and the transpose of that. Planar `[3, height,
//! width]`; both are gathers.

use dream_graph::{inverse, turned};

/// The turned image: bilinear, with a level per channel beyond the edges, or on a circle.
pub(crate) fn warp(
    size: [usize; 2],
    outside: Option<[f32; 3]>,
    turn: [f32; 2],
    image: &[f32],
    out: &mut [f32],
) {
    let [height, width] = size;
    let planes = image.chunks_exact(height * width).zip(out.chunks_exact_mut(height * width));
    for (channel, (image, out)) in planes.enumerate() {
        for (i, out) in out.iter_mut().enumerate() {
            let from = turned(turn, size, [(i / width) as f32, (i % width) as f32]);
            let low = from.map(f32::floor);
            let high = [0, 1].map(|axis| from[axis] - low[axis]);
            let level = |row: i64, column: i64| {
                let at = place([row, column], size, outside.is_none());
                at.map_or_else(|| outside.map_or(0.0, |levels| levels[channel]), |at| image[at])
            };
            let [row, column] = low.map(|low| low as i64);
            *out = (1.0 - high[0]) * (1.0 - high[1]) * level(row, column)
                + (1.0 - high[0]) * high[1] * level(row, column + 1)
                + high[0] * (1.0 - high[1]) * level(row + 1, column)
                + high[0] * high[1] * level(row + 1, column + 1);
        }
    }
}

/// The gradient at the image: each pixel gathers from the pixels of the turned image that were
/// taken from it.
pub(crate) fn warp_grad(
    size: [usize; 2],
    wrap: bool,
    turn: [f32; 2],
    gradient: &[f32],
    out: &mut [f32],
    accumulate: bool,
) {
    let [height, width] = size;
    if !accumulate {
        out.fill(0.0);
    }
    let copies = copies(size, wrap, turn);
    let radius = std::f32::consts::SQRT_2 / turn[0].hypot(turn[1]);
    let plane = height * width;
    for i in 0..plane {
        let pixel = [i / width, i % width];
        for copy in &copies {
            let place = [0, 1].map(|axis| (pixel[axis] as i64 + copy[axis]) as f32);
            let middle = inverse(turn, size, place);
            let range = |axis: usize| {
                let first = (middle[axis] - radius).ceil().max(0.0) as usize;
                first
                    ..((middle[axis] + radius).floor() + 1.0).clamp(0.0, size[axis] as f32) as usize
            };
            for row in range(0) {
                for column in range(1) {
                    let from = turned(turn, size, [row as f32, column as f32]);
                    let near = |axis: usize| (1.0 - (from[axis] - place[axis]).abs()).max(0.0);
                    let weight = near(0) * near(1);
                    if weight > 0.0 {
                        for channel in 0..out.len() / plane {
                            let from = channel * plane + row * width + column;
                            out[channel * plane + i] += weight * gradient[from];
                        }
                    }
                }
            }
        }
    }
}

/// Where a pixel lies, if it does.
fn place(at: [i64; 2], size: [usize; 2], wrap: bool) -> Option<usize> {
    let [row, column] = [0, 1].map(|axis| {
        let side = size[axis] as i64;
        (wrap || (0..side).contains(&at[axis])).then(|| at[axis].rem_euclid(side) as usize)
    });
    Some(row? * size[1] + column?)
}

/// By how much the copies of the image on a plane that it fills are moved, as far as the turned
/// image shows them.
fn copies(size: [usize; 2], wrap: bool, [cosine, sine]: [f32; 2]) -> Vec<[i64; 2]> {
    let [height, width] = size.map(|side| side as f32);
    let reach = |across: f32, side: f32| match wrap {
        true => ((across / side - 1.0) / 2.0).ceil().max(0.0) as i64 + 1,
        false => 0,
    };
    let rows = reach(sine.abs() * width + cosine.abs() * height, height);
    let columns = reach(cosine.abs() * width + sine.abs() * height, width);
    let row = move |row: i64| (-columns..=columns).map(move |column| [row, column]);
    let copies = (-rows..=rows).flat_map(row);
    copies.map(|[row, column]| [row * size[0] as i64, column * size[1] as i64]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: [usize; 2] = [9, 14];

    fn numbers(seed: u32) -> Vec<f32> {
        (0..3 * SIZE[0] * SIZE[1])
            .map(|i| ((i as f32 + 1.0) * (seed as f32 + 0.37)).sin())
            .collect()
    }

    fn dot(a: &[f32], b: &[f32]) -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    }

    #[test]
    fn the_gradient_is_the_transpose() {
        let (x, y) = (numbers(1), numbers(2));
        for turn in [[1.0, 0.0], [0.9, 0.3], [1.2, -0.4], [0.5, 0.0], [-0.7, 0.7]] {
            for wrap in [false, true] {
                let mut turned = vec![0.0; x.len()];
                warp(SIZE, (!wrap).then_some([0.0; 3]), turn, &x, &mut turned);
                let mut back = vec![0.0; y.len()];
                warp_grad(SIZE, wrap, turn, &y, &mut back, false);
                let (left, right) = (dot(&turned, &y), dot(&x, &back));
                assert!((left - right).abs() < 1e-4, "{turn:?}, {wrap}: {left} and {right}");
                let other = [turn[0], turn[1] + 0.2];
                warp_grad(SIZE, wrap, other, &y, &mut back, false);
                assert!((left - dot(&x, &back)).abs() > 1e-2, "another turn is as good");
            }
        }
    }

    #[test]
    fn nothing_moves_at_rest_and_a_half_turn_reverses() {
        let x = numbers(3);
        let mut out = vec![0.0; x.len()];
        warp(SIZE, Some([7.0; 3]), [1.0, 0.0], &x, &mut out);
        assert_eq!(out, x);
        warp(SIZE, Some([7.0; 3]), [-1.0, 0.0], &x, &mut out);
        let plane = SIZE[0] * SIZE[1];
        let reversed: Vec<f32> =
            x.chunks(plane).flat_map(|plane| plane.iter().rev().copied()).collect();
        assert!(out.iter().zip(&reversed).all(|(a, e)| (a - e).abs() < 1e-5));
        warp(SIZE, Some([7.0, 8.0, 9.0]), [3.0, 0.0], &x, &mut out);
        assert_eq!([out[0], out[plane], out[2 * plane]], [7.0, 8.0, 9.0], "beyond the edges");
    }
}
