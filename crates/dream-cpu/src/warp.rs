//! Images turned and scaled about their middle, and the transpose of that. Planar `[3, height,
//! width]`; both are gathers.

use dream_graph::{Surface, inverse, turned};

/// The turned image, bilinear; beyond the edges of a sheet lies one level per channel.
pub(crate) fn warp(
    (size, surface): ([usize; 2], Surface),
    outside: [f32; 3],
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
                let place = surface.place(size, [row, column]);
                place.map_or(outside[channel], |[row, column]| image[row * width + column])
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
    (size, surface): ([usize; 2], Surface),
    turn: [f32; 2],
    gradient: &[f32],
    out: &mut [f32],
    accumulate: bool,
) {
    let [height, width] = size;
    if !accumulate {
        out.fill(0.0);
    }
    let copies = copies(size, surface, turn);
    let radius = std::f32::consts::SQRT_2 / turn[0].hypot(turn[1]);
    let plane = height * width;
    for i in 0..plane {
        let pixel = [i / width, i % width];
        for copy in &copies {
            let place = surface.copy(size, pixel, *copy).map(|place| place as f32);
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

/// How many images down and to the right the copies lie on a plane that the image fills, as far as
/// the turned image shows them.
fn copies(size: [usize; 2], surface: Surface, [cosine, sine]: [f32; 2]) -> Vec<[i64; 2]> {
    let [height, width] = size.map(|side| side as f32);
    let reach = |across: f32, side: f32| match surface {
        Surface::Sheet => 0,
        Surface::Torus | Surface::Sphere => {
            ((across / side - 1.0) / 2.0).ceil().max(0.0) as i64 + 1
        }
    };
    let rows = reach(sine.abs() * width + cosine.abs() * height, height);
    let columns = reach(cosine.abs() * width + sine.abs() * height, width);
    // Beyond a pole they lie half an image further to the left.
    let last = columns + i64::from(surface == Surface::Sphere);
    let row = |row: i64| (-columns..=last).map(move |column| [row, column]);
    (-rows..=rows).flat_map(row).collect()
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
            for surface in [Surface::Sheet, Surface::Torus, Surface::Sphere] {
                for size in [SIZE, [SIZE[1], SIZE[0]]] {
                    let mut turned = vec![0.0; x.len()];
                    warp((size, surface), [0.0; 3], turn, &x, &mut turned);
                    let mut back = vec![0.0; y.len()];
                    warp_grad((size, surface), turn, &y, &mut back, false);
                    let (left, right) = (dot(&turned, &y), dot(&x, &back));
                    assert!(
                        (left - right).abs() < 1e-4,
                        "{turn:?}, {surface:?}: {left} and {right}"
                    );
                    let other = [turn[0], turn[1] + 0.2];
                    warp_grad((size, surface), other, &y, &mut back, false);
                    assert!((left - dot(&x, &back)).abs() > 1e-2, "another turn is as good");
                }
            }
        }
    }

    #[test]
    fn nothing_moves_at_rest_and_a_half_turn_reverses() {
        let x = numbers(3);
        let mut out = vec![0.0; x.len()];
        warp((SIZE, Surface::Sheet), [7.0; 3], [1.0, 0.0], &x, &mut out);
        assert_eq!(out, x);
        warp((SIZE, Surface::Sheet), [7.0; 3], [-1.0, 0.0], &x, &mut out);
        let plane = SIZE[0] * SIZE[1];
        let reversed: Vec<f32> =
            x.chunks(plane).flat_map(|plane| plane.iter().rev().copied()).collect();
        assert!(out.iter().zip(&reversed).all(|(a, e)| (a - e).abs() < 1e-5));
        warp((SIZE, Surface::Sheet), [7.0, 8.0, 9.0], [3.0, 0.0], &x, &mut out);
        assert_eq!([out[0], out[plane], out[2 * plane]], [7.0, 8.0, 9.0], "beyond the edges");
    }
}
