//! Minimal filtering against the definition of what it computes.

use dream_graph::WindowGeometry;

use super::*;
use crate::plan::slice;

fn geometry(
    kernel: usize,
    channels: [usize; 2],
    input: [usize; 2],
    padding: usize,
) -> ConvGeometry {
    let window = WindowGeometry {
        input,
        output: input.map(|length| length + 2 * padding + 1 - kernel),
        kernel: [kernel; 2],
        stride: [1; 2],
        dilation: [1; 2],
        before: [padding; 2],
        after: [padding; 2],
    };
    ConvGeometry { in_channels: channels[0], out_channels: channels[1], groups: 1, window }
}

/// Values between −1 and 1 that repeat late.
fn noise(len: usize, seed: usize) -> Vec<f32> {
    (0..len).map(|i| ((i * 7919 + seed * 104_729) % 2003) as f32 / 1001.0 - 1.0).collect()
}

/// What the definition says, for weights `[out, in, kernel, kernel]`.
fn direct(filter: &Filter, x: &[f32], weight: &[f32]) -> Vec<f32> {
    let ([inputs, rows, columns], [outputs, height, width]) = (filter.input, filter.output);
    let (side, area) = (filter.kernel, filter.kernel * filter.kernel);
    let at = |c: usize, i: usize, j: usize, k: usize, l: usize| {
        let row = (i + k).checked_add_signed(-filter.before[0]).filter(|&row| row < rows)?;
        let column =
            (j + l).checked_add_signed(-filter.before[1]).filter(|&column| column < columns)?;
        Some(f64::from(x[(c * rows + row) * columns + column]))
    };
    let mut y = Vec::new();
    for o in 0..outputs {
        for (i, j) in (0..height).flat_map(|i| (0..width).map(move |j| (i, j))) {
            let mut sum = 0.0;
            for c in 0..inputs {
                for (place, w) in weight[(o * inputs + c) * area..][..area].iter().enumerate() {
                    sum += f64::from(*w) * at(c, i, j, place / side, place % side).unwrap_or(0.0);
                }
            }
            y.push(sum as f32);
        }
    }
    y
}

fn minimal(filter: &Filter, x: &[f32], weight: &[f32]) -> Vec<f32> {
    let op = filter.clone().op(weight).expect("an operator");
    let [channels, height, width] = filter.input;
    let x = Tensor::from_shape(&[1, channels, height, width], x).expect("an image");
    let y = op.eval(&EvalContext::out_of_plan(), tvec![x.into_tvalue()]).expect("a result");
    slice(&y[0]).expect("numbers").to_vec()
}

/// The largest difference over the largest value.
fn away(actual: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(actual.len(), expected.len());
    let largest = |values: &mut dyn Iterator<Item = f32>| values.fold(0.0, f32::max);
    largest(&mut actual.iter().zip(expected).map(|(a, e)| (a - e).abs()))
        / largest(&mut expected.iter().map(|e| e.abs()))
}

#[test]
fn equals_the_definition_at_any_size_and_padding() {
    // Smaller than a tile along one axis, odd, even with tiles, more than a strip.
    let sizes = [[5, 70], [13, 9], [8, 12], [57, 50]];
    let cases = [3, 5].into_iter().flat_map(|kernel| (0..4).map(move |padding| (kernel, padding)));
    for ((kernel, padding), size) in cases.flat_map(|case| sizes.map(|size| (case, size))) {
        let geometry = geometry(kernel, [16, 17], size, padding);
        let filter = Filter::gradient(&geometry).expect("one that pays");
        let ([inputs, height, width], outputs) = (filter.input, filter.output[0]);
        let (x, weight) =
            (noise(inputs * height * width, 1), noise(inputs * outputs * kernel * kernel, 2));
        let y = minimal(&filter, &x, &weight);
        let error = away(&y, &direct(&filter, &x, &weight));
        assert!(error < 3e-6, "{filter:?}: {error}");

        let [top, left] = filter.before;
        let shifted = Filter { before: [top, left + 1], ..filter };
        let error = away(&y, &direct(&shifted, &x, &weight));
        assert!(error > 0.1, "{shifted:?}: another padding is noticed");
    }
}

#[test]
fn what_it_cannot_do_or_would_not_be_faster_is_left_to_tract() {
    let plain = geometry(3, [16, 16], [8, 8], 1);
    assert!(Filter::gradient(&plain).is_some());
    let with = |change: fn(&mut ConvGeometry)| {
        let mut changed = plain;
        change(&mut changed);
        Filter::gradient(&changed)
    };
    assert_eq!(with(|it| it.groups = 2), None);
    assert_eq!(with(|it| (it.in_channels, it.out_channels) = (512, 512)), None);
    assert_eq!(with(|it| it.window.stride = [1, 2]), None);
    assert_eq!(with(|it| it.window.dilation = [2, 1]), None);
    assert_eq!(with(|it| it.window.kernel = [3, 1]), None);
    assert_eq!(with(|it| it.window.kernel = [7, 7]), None);
    assert_eq!(with(|it| it.in_channels = 3), None);
    assert_eq!(with(|it| it.window.input = [4, 4]), None);
}
