//! Sums and maxima over axes. Long ones are split into parts, so that few outputs still keep a
//! device busy; a second pass over the parts finishes them.

use dream_graph::{Dispatch, EngineError, Reduction, Shape};

use crate::{
    shaders::Shader,
    uniforms::{ReduceMaxGradParams, ReduceParams},
    work::{Input, Work},
};

use super::{
    from_scratch, input, into_scratch, offset, operand, out_offset,
    strided::{Axis, broadcast_strides, count, merged, strides, tabulate},
    work,
};

/// Invocations that keep a large device busy.
const BUSY: usize = 1 << 14;
/// Terms of a part at least.
const SHORTEST_PART: usize = 32;
/// Parts of a sum at most; one invocation adds them up.
const MOST_PARTS: usize = 128;

/// How the parts of sums lie in scratch.
pub(super) struct Parts {
    /// Sums.
    pub outputs: usize,
    /// Parts of each.
    pub parts: usize,
    /// Elements from one sum to the next.
    pub output_step: usize,
    /// Elements from one part to the next.
    pub part_step: usize,
}

/// Reads x.
pub(super) fn reduce(
    dispatch: &Dispatch,
    kind: Reduction,
    shape: &Shape,
    axes: &[usize],
) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let [kept, reduced] = split(&groups(shape, axes));
    let (outputs, terms) = (dispatch.write.len, count(&reduced));
    let factor = if kind == Reduction::Mean { 1.0 / terms as f32 } else { 1.0 };
    let parts = parts(outputs, terms);
    let (mut params, table) = params([&kept, &reduced], outputs, kind == Reduction::Max);
    params.x_offset = offset(x);
    let reads = vec![input(x), Input::Words(table)];
    if parts == 1 {
        let params = ReduceParams { factor, ..into_output(params, dispatch) };
        return Ok(vec![work(dispatch, Shader::Reduce, &params, reads, outputs)]);
    }
    let invocations = outputs * parts;
    let params = ReduceParams { count: invocations as u32, parts: parts as u32, ..params };
    let first = work(dispatch, Shader::Reduce, &params, reads, invocations);
    let layout = Parts { outputs, parts, output_step: parts, part_step: 1 };
    let largest = kind == Reduction::Max;
    Ok(vec![into_scratch(first, invocations), gather(dispatch, layout, largest, factor)])
}

/// Reads dy, x: first where each group is largest, then dy goes there.
pub(super) fn reduce_max_grad(
    dispatch: &Dispatch,
    shape: &Shape,
    axes: &[usize],
) -> Result<Vec<Work>, EngineError> {
    let (dy, x) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    let walk = groups(shape, axes);
    let [kept, reduced] = split(&walk);
    let outputs = count(&kept);
    let (find, table) = params([&kept, &reduced], outputs, true);
    let find = ReduceParams { x_offset: offset(x), ..find };
    let reads = vec![input(x), Input::Words(table)];
    let find = work(dispatch, Shader::ReduceMaxPosition, &find, reads, outputs);

    let mut table = vec![];
    let to_group = |axis: &Axis<2>| Axis { length: axis.length, steps: [axis.steps[1]] };
    let walk: Vec<Axis<1>> = walk.iter().map(to_group).collect();
    let (inner_axes, [step]) = tabulate(&walk, &mut table);
    let count = dispatch.write.len;
    let params = ReduceMaxGradParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        dy_offset: offset(dy),
        inner_axes,
        step,
        accumulate: dispatch.accumulate.into(),
    };
    let reads = vec![input(dy), from_scratch(outputs), Input::Words(table)];
    let send = work(dispatch, Shader::ReduceMaxGrad, &params, reads, count);
    Ok(vec![into_scratch(find, outputs), send])
}

/// Parts into which each of `outputs` sums of `terms` terms is split.
pub(super) fn parts(outputs: usize, terms: usize) -> usize {
    let parts = (BUSY / outputs.max(1)).min(terms / SHORTEST_PART).min(MOST_PARTS);
    if parts < 4 { 1 } else { parts }
}

/// Finishes what lies in scratch in parts: `factor` times the sum, or the maximum, of each
/// output's.
pub(super) fn gather(dispatch: &Dispatch, layout: Parts, largest: bool, factor: f32) -> Work {
    let Parts { outputs, parts, output_step, part_step } = layout;
    let kept = [Axis { length: outputs, steps: [output_step] }];
    let reduced = [Axis { length: parts, steps: [part_step] }];
    let (params, table) = params([&kept, &reduced], outputs, largest);
    let params = ReduceParams { factor, ..into_output(params, dispatch) };
    let reads = vec![from_scratch(outputs * parts), Input::Words(table)];
    work(dispatch, Shader::Reduce, &params, reads, outputs)
}

/// The walk over x of `shape`: steps of x, and of the outputs of a reduction over `axes`.
fn groups(shape: &[usize], axes: &[usize]) -> Vec<Axis<2>> {
    let kept: Vec<usize> =
        shape.iter().enumerate().map(|(i, &n)| if axes.contains(&i) { 1 } else { n }).collect();
    merged(shape, [&strides(shape), &broadcast_strides(&kept, shape)])
}

/// The axes that a reduction keeps and those that it reduces, with the steps of x.
fn split(walk: &[Axis<2>]) -> [Vec<Axis<1>>; 2] {
    [false, true].map(|reduced| {
        let chosen = walk.iter().filter(|axis| (axis.steps[1] == 0) == reduced);
        chosen.map(|axis| Axis { length: axis.length, steps: [axis.steps[0]] }).collect()
    })
}

/// Parameters and table of whole reductions over `reduced`, written from the first element on.
fn params(
    [kept, reduced]: [&[Axis<1>]; 2],
    outputs: usize,
    largest: bool,
) -> (ReduceParams, Vec<u32>) {
    let mut table = vec![];
    let (kept_axes, [kept_step]) = tabulate(kept, &mut table);
    let (reduced_axes, [reduced_step]) = tabulate(reduced, &mut table);
    let params = ReduceParams {
        count: outputs as u32,
        out_offset: 0,
        x_offset: 0,
        parts: 1,
        reduced: count(reduced) as u32,
        kept_axes,
        kept_step,
        reduced_axes,
        reduced_step,
        largest: largest.into(),
        factor: 1.0,
        accumulate: 0,
    };
    (params, table)
}

fn into_output(params: ReduceParams, dispatch: &Dispatch) -> ReduceParams {
    let accumulate = dispatch.accumulate.into();
    ReduceParams { out_offset: out_offset(dispatch), accumulate, ..params }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reduced_axes_stay_apart_from_kept_ones() {
        let walk = groups(&[1, 6, 5, 7], &[2, 3]);
        let [kept, reduced] = split(&walk);
        assert_eq!(kept, [Axis { length: 6, steps: [35] }]);
        assert_eq!(reduced, [Axis { length: 35, steps: [1] }]);
        let [kept, reduced] = split(&groups(&[2, 3, 4], &[1]));
        assert_eq!(kept, [Axis { length: 2, steps: [12] }, Axis { length: 4, steps: [1] }]);
        assert_eq!(reduced, [Axis { length: 3, steps: [4] }]);
    }

    #[test]
    fn only_long_sums_with_few_outputs_are_split() {
        assert_eq!(parts(1024, 49), 1);
        assert_eq!(parts(1 << 20, 1 << 10), 1);
        assert_eq!(parts(32, 12544), 128);
        assert_eq!(parts(1, 1 << 20), 128);
    }
}
