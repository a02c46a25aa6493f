//! Kernels around the network: image to network input, gradient to image, and the ascent.

use dream_graph::{Dispatch, EngineError, Preprocessing, Source};

use crate::{
    shaders::Shader,
    uniforms::{AbsSumsParams, AscendParams, CropParams, MeanAbsParams, RollParams},
    work::Work,
};

use super::{
    INVOCATIONS, STRETCH, from_scratch, input, into_scratch, offset, operand, out_offset, work,
};

/// Elements of a partial sum of absolute values, about.
const SUMMED: usize = 128;
/// Partial sums at most; one workgroup adds them up.
const MOST_SUMS: usize = 1 << 14;

/// Reads the gradient at a layer.
pub(super) fn crop(
    dispatch: &Dispatch,
    size: [usize; 2],
    stride: [usize; 2],
) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let count = dispatch.write.len;
    let params = CropParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        height: size[0] as u32,
        width: size[1] as u32,
        stride_y: stride[0] as u32,
        stride_x: stride[1] as u32,
        accumulate: dispatch.accumulate.into(),
    };
    Ok(vec![work(dispatch, Shader::Crop, &params, vec![input(x)], count)])
}

/// Reads the image, or, for [`Shader::RollOut`], the gradient at the network's input.
pub(super) fn roll(
    dispatch: &Dispatch,
    shader: Shader,
    size: [usize; 2],
    tile: [usize; 2],
    preprocessing: &Preprocessing,
) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let count = dispatch.write.len;
    let ([mean_0, mean_1, mean_2], [scale_0, scale_1, scale_2]) =
        (preprocessing.mean, preprocessing.scale);
    let params = RollParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        height: size[0] as u32,
        width: size[1] as u32,
        tile_height: tile[0] as u32,
        tile_width: tile[1] as u32,
        mean_0,
        mean_1,
        mean_2,
        scale_0,
        scale_1,
        scale_2,
        accumulate: dispatch.accumulate.into(),
    };
    Ok(vec![work(dispatch, shader, &params, vec![input(x)], count)])
}

/// Reads g: first partial sums, then their mean.
pub(super) fn mean_abs(dispatch: &Dispatch) -> Result<Vec<Work>, EngineError> {
    let g = operand(dispatch, 0)?;
    let (count, sums) = partial_sums(g);
    let add = AbsSumsParams { count: count as u32, x_offset: offset(g), sums: sums as u32 };
    let add = work(dispatch, Shader::AbsSums, &add, vec![input(g)], sums);
    Ok(vec![into_scratch(add, sums), add_up(dispatch, sums, 1.0 / count as f32)])
}

/// Elements of an operand, and the partial sums in which to add them up.
pub(super) fn partial_sums(x: &Source) -> (usize, usize) {
    let count = match x {
        Source::View(view) => view.len,
        Source::Constant(data) => data.len(),
    };
    (count, count.div_ceil(SUMMED).next_multiple_of(INVOCATIONS).min(MOST_SUMS))
}

/// `factor` times the sum of the partial sums in scratch.
pub(super) fn add_up(dispatch: &Dispatch, sums: usize, factor: f32) -> Work {
    let params = MeanAbsParams {
        out_offset: out_offset(dispatch),
        sums: sums as u32,
        factor,
        accumulate: dispatch.accumulate.into(),
    };
    work(dispatch, Shader::MeanAbs, &params, vec![from_scratch(sums)], INVOCATIONS)
}

/// Reads g, mean|g|.
pub(super) fn ascend(dispatch: &Dispatch) -> Result<Vec<Work>, EngineError> {
    let (g, mean) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    // The levels, without what rounding left over behind them.
    let count = dispatch.write.len / 2;
    let params = AscendParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        g_offset: offset(g),
        mean_offset: offset(mean),
        zero: 0,
    };
    let reads = vec![input(g), input(mean)];
    Ok(vec![work(dispatch, Shader::Ascend, &params, reads, count.div_ceil(STRETCH))])
}
