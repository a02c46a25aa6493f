//! Kernels that change the image, and those that turn it before the network sees it.

use dream_graph::{ADAM_DECAY, ADAM_EPSILON, Dispatch, EngineError, Surface};

use crate::{
    shaders::Shader,
    uniforms::{AdamParams, AscendParams, StepParams, WarpGradParams, WarpParams, surface_number},
    work::Work,
};

use super::{STRETCH, input, offset, operand, out_offset, work};

/// Reads the image.
pub(super) fn warp(
    dispatch: &Dispatch,
    [height, width]: [usize; 2],
    surface: Surface,
    [outside_0, outside_1, outside_2]: [f32; 3],
) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let count = dispatch.write.len;
    let params = WarpParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        height: height as u32,
        width: width as u32,
        outside_0,
        outside_1,
        outside_2,
        surface: surface_number(surface),
    };
    Ok(vec![work(dispatch, Shader::Warp, &params, vec![input(x)], count)])
}

/// Reads the gradient at the turned image.
pub(super) fn warp_grad(
    dispatch: &Dispatch,
    [height, width]: [usize; 2],
    surface: Surface,
) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let count = dispatch.write.len;
    let params = WarpGradParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        height: height as u32,
        width: width as u32,
        surface: surface_number(surface),
        accumulate: dispatch.accumulate.into(),
    };
    Ok(vec![work(dispatch, Shader::WarpGrad, &params, vec![input(x)], count)])
}

/// Reads g and its size.
pub(super) fn step(dispatch: &Dispatch) -> Result<Vec<Work>, EngineError> {
    let (g, size) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    let count = dispatch.write.len;
    let params = StepParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        g_offset: offset(g),
        size_offset: offset(size),
        accumulate: dispatch.accumulate.into(),
    };
    let reads = vec![input(g), input(size)];
    Ok(vec![work(dispatch, Shader::Step, &params, reads, count.div_ceil(STRETCH))])
}

/// Reads g.
pub(super) fn adam(dispatch: &Dispatch) -> Result<Vec<Work>, EngineError> {
    let g = operand(dispatch, 0)?;
    // What climbs, without the moments behind it.
    let count = dispatch.write.len / 3;
    let [decay_first, decay_second] = ADAM_DECAY;
    let params = AdamParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        g_offset: offset(g),
        decay_first,
        decay_second,
        epsilon: ADAM_EPSILON,
    };
    Ok(vec![work(dispatch, Shader::Adam, &params, vec![input(g)], count.div_ceil(STRETCH))])
}

/// Reads g and its size.
pub(super) fn ascend(dispatch: &Dispatch) -> Result<Vec<Work>, EngineError> {
    let (g, size) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    // The levels, without what rounding left over behind them.
    let count = dispatch.write.len / 2;
    let params = AscendParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        g_offset: offset(g),
        size_offset: offset(size),
        zero: 0,
    };
    let reads = vec![input(g), input(size)];
    Ok(vec![work(dispatch, Shader::Ascend, &params, reads, count.div_ceil(STRETCH))])
}
