//! Kernels in which shapes differ: functions of two operands, their gradients, those of reductions.

use dream_graph::{Binary, Shape};

use crate::{
    elementwise::store,
    layout::{strides, walk},
};

/// A function of two operands, broadcast against each other.
pub(crate) fn binary(
    op: Binary,
    output: &Shape,
    operands: &[Shape; 2],
    [a, b]: [&[f32]; 2],
    out: &mut [f32],
    accumulate: bool,
) {
    let [a_steps, b_steps] = [0, 1].map(|i| broadcast_strides(&operands[i], output));
    let mut values = Vec::with_capacity(out.len());
    let mut each = |function: fn(f32, f32) -> f32| {
        walk(output, [&a_steps, &b_steps], |[at_a, at_b]| values.push(function(a[at_a], b[at_b])));
    };
    match op {
        Binary::Add => each(|a, b| a + b),
        Binary::Sub => each(|a, b| a - b),
        Binary::Mul => each(|a, b| a * b),
        Binary::Div => each(|a, b| a / b),
        Binary::Max => each(f32::max),
        Binary::Min => each(f32::min),
    }
    store(out, accumulate, values.into_iter());
}

/// Gradient of a binary function at operand `side`, summed over the axes along which that operand
/// was broadcast. `reads` are dy, a and b; a sum or difference does not look at a and b.
pub(crate) fn binary_grad(
    op: Binary,
    side: usize,
    output: &Shape,
    operands: &[Shape; 2],
    [dy, a, b]: [&[f32]; 3],
    dx: &mut [f32],
    accumulate: bool,
) {
    if !accumulate {
        dx.fill(0.0);
    }
    let [a_steps, b_steps] = [0, 1].map(|i| broadcast_strides(&operands[i], output));
    let own = [&a_steps, &b_steps][side].clone();
    let dy_steps = strides(output);
    let steps = [dy_steps.as_slice(), &own, &a_steps, &b_steps];
    let mut each = |derivative: &dyn Fn(f32, f32) -> f32| {
        walk(output, steps, |[i, to, at_a, at_b]| dx[to] += dy[i] * derivative(a[at_a], b[at_b]));
    };
    match (op, side) {
        (Binary::Mul, 0) => each(&|_, b| b),
        (Binary::Mul, _) => each(&|a, _| a),
        (Binary::Div, 0) => each(&|_, b| 1.0 / b),
        (Binary::Div, _) => each(&|a, b| -a / (b * b)),
        (Binary::Max, 0) => each(&|a, b| f32::from(a >= b)),
        (Binary::Max, _) => each(&|a, b| f32::from(a < b)),
        (Binary::Min, 0) => each(&|a, b| f32::from(a <= b)),
        (Binary::Min, _) => each(&|a, b| f32::from(a > b)),
        (Binary::Add, _) | (Binary::Sub, 0) => walk(output, steps, |[i, to, ..]| dx[to] += dy[i]),
        (Binary::Sub, _) => walk(output, steps, |[i, to, ..]| dx[to] -= dy[i]),
    }
}

/// Repeats x along the axes where `from` is 1.
pub(crate) fn broadcast(
    from: &Shape,
    to: &Shape,
    factor: f32,
    x: &[f32],
    out: &mut [f32],
    accumulate: bool,
) {
    if !accumulate {
        out.fill(0.0);
    }
    let (own, steps) = (strides(to), broadcast_strides(from, to));
    walk(to, [&own, &steps], |[i, place]| out[i] += factor * x[place]);
}

/// Sends dy to the first largest x of each reduced group.
pub(crate) fn reduce_max_grad(
    shape: &Shape,
    axes: &[usize],
    dy: &[f32],
    x: &[f32],
    dx: &mut [f32],
    accumulate: bool,
) {
    if !accumulate {
        dx.fill(0.0);
    }
    let kept: Shape =
        shape.iter().enumerate().map(|(i, &n)| if axes.contains(&i) { 1 } else { n }).collect();
    let (own, steps) = (strides(shape), broadcast_strides(&kept, shape));
    let mut best: Vec<Option<usize>> = vec![None; dy.len()];
    walk(shape, [&own, &steps], |[i, group]| {
        if best[group].is_none_or(|place| x[i] > x[place]) {
            best[group] = Some(i);
        }
    });
    for (dy, place) in dy.iter().zip(best) {
        if let Some(place) = place {
            dx[place] += dy;
        }
    }
}

/// Strides of `shape` laid over `output` as NumPy broadcasts: 0 along repeated axes.
fn broadcast_strides(shape: &[usize], output: &[usize]) -> Vec<usize> {
    let missing = output.len() - shape.len();
    let own = strides(shape);
    let step = |axis: usize| if shape[axis] == 1 { 0 } else { own[axis] };
    (0..output.len()).map(|axis| axis.checked_sub(missing).map_or(0, step)).collect()
}
