//! Kernels in which shapes differ without sums: functions of two operands, permuted and repeated
//! axes; and the gradients of the former, which do sum.

use dream_graph::{Binary, Dispatch, EngineError, Shape};

use crate::{
    shaders::Shader,
    uniforms::{BinaryGradParams, BinaryParams, StridedParams},
    work::{Input, Work},
};

use super::{
    STRETCH, input, into_scratch, offset, operand, out_offset,
    reduce::{Parts, gather, parts},
    strided::{Axis, broadcast_strides, count, merged, strides, tabulate},
    work,
};

/// Reads a, b.
pub(super) fn binary(
    dispatch: &Dispatch,
    op: Binary,
    output: &Shape,
    operands: &[Shape; 2],
) -> Result<Vec<Work>, EngineError> {
    let (a, b) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    let [a_strides, b_strides] = [0, 1].map(|i| broadcast_strides(&operands[i], output));
    let mut table = vec![];
    let axes = merged(output, [&a_strides, &b_strides]);
    let (inner_axes, [a_step, b_step]) = tabulate(&axes, &mut table);
    let count = dispatch.write.len;
    let params = BinaryParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        a_offset: offset(a),
        b_offset: offset(b),
        inner_axes,
        a_step,
        b_step,
        function: match op {
            Binary::Add => 0,
            Binary::Sub => 1,
            Binary::Mul => 2,
            Binary::Div => 3,
            Binary::Max => 4,
            Binary::Min => 5,
        },
        accumulate: dispatch.accumulate.into(),
    };
    let reads = vec![input(a), input(b), Input::Words(table)];
    Ok(vec![work(dispatch, Shader::Binary, &params, reads, count.div_ceil(STRETCH))])
}

/// Reads dy, and a and b where the derivative depends on them.
pub(super) fn binary_grad(
    dispatch: &Dispatch,
    op: Binary,
    side: usize,
    output: &Shape,
    operands: &[Shape; 2],
) -> Result<Vec<Work>, EngineError> {
    let dy = operand(dispatch, 0)?;
    // A binding cannot be empty: where a and b are not given, dy stands in, unread.
    let given = dispatch.reads.len() > 1;
    let (a, b) = if given { (operand(dispatch, 1)?, operand(dispatch, 2)?) } else { (dy, dy) };
    let [a_strides, b_strides] = [0, 1].map(|i| broadcast_strides(&operands[i], output));
    let axes: Vec<Axis<3>> = merged(output, [&strides(output), &a_strides, &b_strides]);
    let (summed, own): (Vec<_>, Vec<_>) =
        axes.into_iter().partition(|axis| axis.steps[1 + side] == 0);

    let (outputs, terms) = (dispatch.write.len, count(&summed));
    let parts = parts(outputs, terms);
    let whole = parts == 1;
    let mut table = vec![];
    let (own_axes, [own_dy_step, own_a_step, own_b_step]) = tabulate(&own, &mut table);
    let (summed_axes, [summed_dy_step, summed_a_step, summed_b_step]) =
        tabulate(&summed, &mut table);
    let params = BinaryGradParams {
        count: (outputs * parts) as u32,
        out_offset: if whole { out_offset(dispatch) } else { 0 },
        dy_offset: offset(dy),
        a_offset: offset(a),
        b_offset: offset(b),
        parts: parts as u32,
        summed: terms as u32,
        own_axes,
        own_dy_step,
        own_a_step,
        own_b_step,
        summed_axes,
        summed_dy_step,
        summed_a_step,
        summed_b_step,
        derivative: derivative(op, side),
        accumulate: u32::from(whole && dispatch.accumulate),
    };
    let reads = vec![input(dy), input(a), input(b), Input::Words(table)];
    let sums = work(dispatch, Shader::BinaryGrad, &params, reads, outputs * parts);
    if whole {
        return Ok(vec![sums]);
    }
    let layout = Parts { outputs, parts, output_step: parts, part_step: 1 };
    Ok(vec![into_scratch(sums, outputs * parts), gather(dispatch, layout, false, 1.0)])
}

/// Reads x.
pub(super) fn permute(
    dispatch: &Dispatch,
    shape: &Shape,
    perm: &[usize],
) -> Result<Vec<Work>, EngineError> {
    let own = strides(shape);
    let output: Vec<usize> = perm.iter().map(|&axis| shape[axis]).collect();
    let steps: Vec<usize> = perm.iter().map(|&axis| own[axis]).collect();
    strided(dispatch, &merged(&output, [&steps]), 1.0)
}

/// Reads x.
pub(super) fn broadcast(
    dispatch: &Dispatch,
    shape: &Shape,
    to: &Shape,
    factor: f32,
) -> Result<Vec<Work>, EngineError> {
    strided(dispatch, &merged(to, [&broadcast_strides(shape, to)]), factor)
}

fn strided(dispatch: &Dispatch, axes: &[Axis<1>], factor: f32) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let mut table = vec![];
    let (inner_axes, [step]) = tabulate(axes, &mut table);
    let count = dispatch.write.len;
    let params = StridedParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        inner_axes,
        step,
        factor,
        accumulate: dispatch.accumulate.into(),
    };
    let reads = vec![input(x), Input::Words(table)];
    Ok(vec![work(dispatch, Shader::Strided, &params, reads, count.div_ceil(STRETCH))])
}

/// The number of a derivative in `binary_grad.wgsl`.
fn derivative(op: Binary, side: usize) -> u32 {
    match (op, side) {
        (Binary::Add, _) | (Binary::Sub, 0) => 0,
        (Binary::Sub, _) => 1,
        (Binary::Mul, 0) => 2,
        (Binary::Mul, _) => 3,
        (Binary::Div, 0) => 4,
        (Binary::Div, _) => 5,
        (Binary::Max, 0) => 6,
        (Binary::Max, _) => 7,
        (Binary::Min, 0) => 8,
        (Binary::Min, _) => 9,
    }
}
