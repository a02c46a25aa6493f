//! Matrix products. Tiles of the output go to invocations; long sums over few tiles are split.

use dream_graph::{Dispatch, EngineError, MatMulSpec, Shape, broadcast};

use crate::{
    device::{ENGINE, Tier},
    shaders::Shader,
    uniforms::MatMulParams,
    work::{Input, Work},
};

use super::{
    input, into_scratch, offset, operand, out_offset,
    reduce::{Parts, gather},
    strided::{broadcast_strides, merged, tabulate},
    work,
};

/// Rows and columns of the output that one invocation computes.
const TILE: usize = 4;
/// Invocations that keep a large device busy.
const BUSY: usize = 1 << 12;
/// Terms of a part of a sum at least.
const SHORTEST_PART: usize = 32;

/// Reads a, b.
pub(super) fn matmul(
    dispatch: &Dispatch,
    spec: MatMulSpec,
    operands: &[Shape; 2],
    tier: Tier,
) -> Result<Vec<Work>, EngineError> {
    let fail = |reason| EngineError::Node { engine: ENGINE, node: dispatch.node.clone(), reason };
    let ([batch_a @ .., a0, a1], [batch_b @ .., b0, b1]) = (&operands[0][..], &operands[1][..])
    else {
        return Err(fail(format!("{operands:?} are not matrices")));
    };
    let (a, b) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    let (m, k, a_row, a_column) =
        if spec.trans_a { (*a1, *a0, 1, *a1) } else { (*a0, *a1, *a1, 1) };
    let (n, b_row, b_column) = if spec.trans_b { (*b0, 1, *b1) } else { (*b1, *b1, 1) };

    let batch_shape = broadcast(batch_a, batch_b).map_err(fail)?;
    let batch: usize = batch_shape.iter().product();
    let steps = |own: &[usize], matrix: usize| -> Vec<usize> {
        broadcast_strides(own, &batch_shape).into_iter().map(|step| step * matrix).collect()
    };
    let mut table = vec![];
    let axes = merged(&batch_shape, [&steps(batch_a, a0 * a1), &steps(batch_b, b0 * b1)]);
    let (inner_axes, [a_step, b_step]) = tabulate(&axes, &mut table);

    let tiles = m.div_ceil(TILE) * n.div_ceil(TILE) * batch;
    let part_length = k.div_ceil(parts(tiles, k, tier));
    let parts = k.div_ceil(part_length);
    let whole = parts == 1;
    let params = MatMulParams {
        count: (tiles * parts) as u32,
        out_offset: if whole { out_offset(dispatch) } else { 0 },
        a_offset: offset(a),
        b_offset: offset(b),
        m: m as u32,
        n: n as u32,
        k: k as u32,
        batch: batch as u32,
        part_length: part_length as u32,
        a_row: a_row as u32,
        a_column: a_column as u32,
        b_row: b_row as u32,
        b_column: b_column as u32,
        inner_axes,
        a_step,
        b_step,
        alpha: spec.alpha,
        accumulate: u32::from(whole && dispatch.accumulate),
    };
    let reads = vec![input(a), input(b), Input::Words(table)];
    let outputs = batch * m * n;
    let flops = 2.0 * (outputs * k) as f64;
    let product = work(dispatch, Shader::MatMul, &params, reads, tiles * parts);
    let product = Work { flops, ..product };
    if whole {
        return Ok(vec![product]);
    }
    let layout = Parts { outputs, parts, output_step: 1, part_step: outputs };
    Ok(vec![into_scratch(product, outputs * parts), gather(dispatch, layout, false, 1.0)])
}

/// Parts into which the sums over k are split at most.
fn parts(tiles: usize, k: usize, tier: Tier) -> usize {
    match tier {
        Tier::Software { .. } => 1,
        Tier::Integrated | Tier::Discrete => (BUSY / tiles).min(k / SHORTEST_PART).max(1),
    }
}
