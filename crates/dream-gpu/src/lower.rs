//! Lowers a dispatch to work: picks shaders, fills their uniforms and tables, names what they read.
//!
//! `lower/` holds one file per family of kernels. Sizes go into uniforms and tables only, so that
//! the shaders never change.

mod broadcast;
mod climb;
mod conv;
mod elementwise;
mod image;
mod matmul;
mod norm;
mod objective;
mod pass;
mod pool;
mod reduce;
mod remap;
mod strided;
mod winograd;

use dream_graph::{Dispatch, EngineError, Kernel, Source};

use crate::{
    device::{ENGINE, Tier},
    shaders::Shader,
    uniforms::Uniform,
    work::{Input, Place, Work},
};

/// Invocations of a workgroup of a flat kernel; `common.wgsl` knows it too.
const INVOCATIONS: usize = 64;
/// Workgroups along one dimension of a grid that every device allows.
const MOST_GROUPS: usize = 65535;
/// Elements that one invocation handles where a kernel does little with each.
const STRETCH: usize = 4;

/// What decides which shaders a device is given.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    /// Its kind.
    pub tier: Tier,
    /// Bytes that it binds in one piece.
    pub largest: u64,
}

/// The work that carries out a dispatch, in order.
///
/// # Errors
/// A kernel whose operands this engine cannot bind.
pub(crate) fn lower(dispatch: &Dispatch, target: Target) -> Result<Vec<Work>, EngineError> {
    let tier = target.tier;
    match &dispatch.kernel {
        Kernel::Conv { geometry, weight, bias, relu } => {
            conv::conv(dispatch, geometry, weight, bias.as_ref(), *relu, tier)
        }
        Kernel::ConvGrad { geometry, weight, .. } => {
            conv::conv_grad(dispatch, geometry, weight, target)
        }
        Kernel::MaxPool(geometry) => pool::max_pool(dispatch, geometry),
        Kernel::MaxPoolGrad { geometry, .. } => pool::max_pool_grad(dispatch, geometry, tier),
        Kernel::AvgPool(geometry) => pool::avg_pool(dispatch, geometry),
        Kernel::AvgPoolGrad(geometry) => pool::avg_pool_grad(dispatch, geometry),
        Kernel::Lrn(geometry) => norm::lrn(dispatch, geometry, tier),
        Kernel::LrnGrad { geometry, .. } => norm::lrn_grad(dispatch, geometry, tier),
        Kernel::Unary(unary) => elementwise::unary(dispatch, *unary),
        Kernel::UnaryGrad(unary) => elementwise::unary_grad(dispatch, *unary),
        Kernel::Binary { op, output, operands } => {
            broadcast::binary(dispatch, *op, output, operands)
        }
        Kernel::BinaryGrad { op, side, output, operands } => {
            broadcast::binary_grad(dispatch, *op, *side, output, operands)
        }
        Kernel::Reduce { kind, shape, axes } => reduce::reduce(dispatch, *kind, shape, axes),
        Kernel::ReduceMaxGrad { shape, axes } => reduce::reduce_max_grad(dispatch, shape, axes),
        Kernel::Softmax { outer, length, inner } => {
            norm::softmax(dispatch, [*outer, *length, *inner])
        }
        Kernel::SoftmaxGrad { outer, length, inner } => {
            norm::softmax_grad(dispatch, [*outer, *length, *inner])
        }
        Kernel::LayerNorm { rows, epsilon, scale, bias } => {
            norm::layer_norm(dispatch, *rows, *epsilon, scale, bias)
        }
        Kernel::LayerNormGrad { rows, epsilon, scale } => {
            norm::layer_norm_grad(dispatch, *rows, *epsilon, scale)
        }
        Kernel::ScaleChannels { factors, summands, plane } => {
            elementwise::scale_channels(dispatch, factors, summands.as_ref(), *plane)
        }
        Kernel::Remap { maps } => remap::remap(dispatch, maps),
        Kernel::Permute { shape, perm } => broadcast::permute(dispatch, shape, perm),
        Kernel::Broadcast { from, to, factor } => broadcast::broadcast(dispatch, from, to, *factor),
        Kernel::MatMul { spec, operands } => matmul::matmul(dispatch, *spec, operands, tier),
        Kernel::Scale { factor } => elementwise::scale(dispatch, *factor),
        Kernel::Fill { start, end, value } => elementwise::fill(dispatch, *start..*end, *value),
        Kernel::Neuron { grid, channel, place, value } => {
            objective::neuron(dispatch, grid, *channel, *place, *value)
        }
        Kernel::Match { channels, positions, guides, factor } => {
            objective::best_match(dispatch, [*channels, *positions, *guides], *factor)
        }
        Kernel::Direction { channels, grid, cells, power, factor } => {
            objective::direction(dispatch, *channels, grid, *cells, [*power, *factor])
        }
        Kernel::Mask { grid, cells, .. } => objective::mask(dispatch, grid, *cells),
        Kernel::Dot { factor } => objective::dot(dispatch, *factor),
        Kernel::Redirect => objective::redirect(dispatch),
        Kernel::Record => objective::record(dispatch),
        Kernel::Normalise { factor } => objective::normalise(dispatch, *factor),
        Kernel::Crop { size, stride, .. } => image::crop(dispatch, *size, *stride),
        Kernel::RollIn { size, tile, preprocessing } => {
            image::roll(dispatch, Shader::RollIn, *size, *tile, preprocessing)
        }
        Kernel::RollOut { size, tile, preprocessing } => {
            image::roll(dispatch, Shader::RollOut, *size, *tile, preprocessing)
        }
        Kernel::Statistic(statistic) => image::statistic(dispatch, *statistic),
        Kernel::Smooth { shape, axis, factor, surface } => {
            image::smooth(dispatch, shape, *axis, *factor, *surface)
        }
        Kernel::Warp { size, surface, outside } => climb::warp(dispatch, *size, *surface, *outside),
        Kernel::WarpGrad { size, surface } => climb::warp_grad(dispatch, *size, *surface),
        Kernel::Step => climb::step(dispatch),
        Kernel::Adam => climb::adam(dispatch),
        Kernel::Ascend => climb::ascend(dispatch),
    }
}

/// An operand of a dispatch.
pub(crate) fn operand(dispatch: &Dispatch, index: usize) -> Result<&Source, EngineError> {
    dispatch.reads.get(index).ok_or_else(|| EngineError::Node {
        engine: ENGINE,
        node: dispatch.node.clone(),
        reason: format!("{} lacks an operand", dispatch.kernel.name()),
    })
}

/// What rectifies the gradient that a dispatch writes, as its shader's uniform and last binding say
/// it: whether there is anything, where it begins, and its binding, or another that is not read.
fn rectifier(dispatch: &Dispatch) -> Result<(u32, u32, Input), EngineError> {
    if dispatch.kernel.rectified() {
        let y = operand(dispatch, dispatch.reads.len() - 1)?;
        Ok((1, offset(y), input(y)))
    } else {
        Ok((0, 0, input(operand(dispatch, 0)?)))
    }
}

/// An operand as a binding.
pub(crate) fn input(source: &Source) -> Input {
    match source {
        Source::View(view) => Input::Place(Place::Buffer(view.buffer)),
        Source::Constant(data) => Input::Constant(data.clone()),
    }
}

/// First element of an operand in its binding.
pub(crate) fn offset(source: &Source) -> u32 {
    match source {
        Source::View(view) => view.offset as u32,
        Source::Constant(_) => 0,
    }
}

/// What a dispatch writes.
pub(crate) fn place(dispatch: &Dispatch) -> Place {
    Place::Buffer(dispatch.write.buffer)
}

/// A uniform's words.
pub(crate) fn words<U: Uniform>(params: &U) -> Vec<u32> {
    bytemuck::pod_collect_to_vec(bytemuck::bytes_of(params))
}

/// Work of `invocations` invocations that writes the dispatch's output.
fn work<U: Uniform>(
    dispatch: &Dispatch,
    shader: Shader,
    params: &U,
    reads: Vec<Input>,
    invocations: usize,
) -> Work {
    Work {
        node: dispatch.node.clone(),
        shader,
        params: params.words(),
        write: place(dispatch),
        reads,
        groups: groups(invocations),
        flops: 0.0,
    }
}

/// The same work, writing `words` words of scratch instead.
fn into_scratch(work: Work, words: usize) -> Work {
    Work { write: Place::Scratch { index: 0, words }, ..work }
}

/// What [`into_scratch`] left.
fn from_scratch(words: usize) -> Input {
    Input::Place(Place::Scratch { index: 0, words })
}

/// First element of what a dispatch writes.
fn out_offset(dispatch: &Dispatch) -> u32 {
    dispatch.write.offset as u32
}

/// Lengths and offsets in fours, if all of them are multiples of four.
fn in_fours<const N: usize>(lengths: [u32; N]) -> Option<[u32; N]> {
    let whole = lengths.iter().all(|length| length.is_multiple_of(4));
    whole.then(|| lengths.map(|length| length / 4))
}

/// The grid of a flat kernel: rows of workgroups as equal as they go, each no longer than allowed.
fn groups(invocations: usize) -> [u32; 3] {
    let all = invocations.div_ceil(INVOCATIONS).max(1);
    let rows = all.div_ceil(MOST_GROUPS);
    [all.div_ceil(rows) as u32, rows as u32, 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_cover_all_invocations_within_limits() {
        for count in [0, 1, 64, 65, 64 * 65535, 64 * 65535 + 1, 1 << 31] {
            let [x, y, z] = groups(count).map(|n| n as usize);
            assert!(
                x * y * z * INVOCATIONS >= count && x <= MOST_GROUPS && y <= MOST_GROUPS,
                "{count}"
            );
            assert!((x - 1) * y * INVOCATIONS < count.max(1), "{count} wastes workgroups");
        }
    }
}
