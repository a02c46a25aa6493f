//! Poolings and their gradients.

use dream_graph::{Dispatch, EngineError, PoolGeometry, Source};

use crate::{
    device::Tier,
    shaders::Shader,
    uniforms::PoolParams,
    work::{Input, Work},
};

use super::{
    from_scratch, in_fours, input, into_scratch, offset, operand, out_offset, rectifier, work,
};

/// Reads x.
pub(super) fn max_pool(
    dispatch: &Dispatch,
    geometry: &PoolGeometry,
) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let params = params(dispatch, geometry, outputs(geometry), Some(x), None);
    let fours = fours(outputs(geometry), geometry.window.output);
    let [shader, _, _] = shaders(geometry);
    Ok(vec![work(dispatch, shader, &params, vec![input(x)], fours)])
}

/// Reads dy, x: first where each window is largest, then each position gathers from its windows.
pub(super) fn max_pool_grad(
    dispatch: &Dispatch,
    geometry: &PoolGeometry,
    tier: Tier,
) -> Result<Vec<Work>, EngineError> {
    let (dy, x) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    let (windows, pixels) = (outputs(geometry), dispatch.write.len);
    let find = params(dispatch, geometry, windows, Some(x), None);
    let all = fours(windows, geometry.window.output);
    let [_, shader, gradient] = shaders(geometry);
    let find = work(dispatch, shader, &find, vec![input(x)], all);
    let (rectified, rectifier_offset, rectifier) = rectifier(dispatch)?;
    let gather = params(dispatch, geometry, pixels, None, Some(dy));
    let gather = PoolParams { rectified, rectifier_offset, ..gather };
    let (gradient, gather) = row_variant(gradient, gather, tier);
    let reads = vec![input(dy), from_scratch(windows), rectifier];
    let [height, width] = geometry.window.input;
    let all = geometry.channels * height.div_ceil(2) * width.div_ceil(4);
    let gather = work(dispatch, gradient, &gather, reads, all);
    Ok(vec![into_scratch(find, windows), gather])
}

/// Reads x.
pub(super) fn avg_pool(
    dispatch: &Dispatch,
    geometry: &PoolGeometry,
) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let count = outputs(geometry);
    let params = params(dispatch, geometry, count, Some(x), None);
    let reads = vec![input(x), shares(geometry)];
    Ok(vec![work(dispatch, Shader::AvgPool, &params, reads, count)])
}

/// Reads dy.
pub(super) fn avg_pool_grad(
    dispatch: &Dispatch,
    geometry: &PoolGeometry,
) -> Result<Vec<Work>, EngineError> {
    let dy = operand(dispatch, 0)?;
    let count = dispatch.write.len;
    let params = params(dispatch, geometry, count, None, Some(dy));
    let reads = vec![input(dy), shares(geometry)];
    Ok(vec![work(dispatch, Shader::AvgPoolGrad, &params, reads, count)])
}

/// The shaders that find the largest element of each window, and where it is, and that gather the
/// gradient. The usual windows have their own, without loops.
fn shaders(geometry: &PoolGeometry) -> [Shader; 3] {
    let window = &geometry.window;
    match (window.kernel, window.stride, window.dilation) {
        ([3, 3], [1, 1], [1, 1]) => {
            [Shader::MaxPool3, Shader::MaxPoolPosition3, Shader::MaxPoolGrad3]
        }
        ([3, 3], [2, 2], [1, 1]) => {
            [Shader::MaxPool3By2, Shader::MaxPoolPosition3By2, Shader::MaxPoolGrad3By2]
        }
        _ => [Shader::MaxPool, Shader::MaxPoolPosition, Shader::MaxPoolGrad],
    }
}

/// The shader that stores four neighbours of a row at once, if there is one and rows are fours. That is
/// faster on software adapters.
fn row_variant(shader: Shader, params: PoolParams, tier: Tier) -> (Shader, PoolParams) {
    let PoolParams { width, out_offset, rectifier_offset, .. } = params;
    let fours = in_fours([width, out_offset, rectifier_offset]);
    let (shader, [_, out_offset, rectifier_offset]) = match (shader, tier, fours) {
        (Shader::MaxPoolGrad3, Tier::Software { .. }, Some(fours)) => {
            (Shader::MaxPoolGrad3Fours, fours)
        }
        (Shader::MaxPoolGrad3By2, Tier::Software { .. }, Some(fours)) => {
            (Shader::MaxPoolGrad3By2Fours, fours)
        }
        _ => return (shader, params),
    };
    (shader, PoolParams { out_offset, rectifier_offset, ..params })
}

/// Invocations that handle four neighbours of a row each.
fn fours(elements: usize, [_, width]: [usize; 2]) -> usize {
    elements / width.max(1) * width.div_ceil(4)
}

fn outputs(geometry: &PoolGeometry) -> usize {
    let [rows, columns] = geometry.window.output;
    geometry.channels * rows * columns
}

/// What each window's sum is multiplied by to be a mean, [rows, columns].
fn shares(geometry: &PoolGeometry) -> Input {
    let [rows, columns] = geometry.window.output;
    let share = |i: usize| 1.0 / geometry.divisor(i / columns, i % columns) as f32;
    Input::Words((0..rows * columns).map(|i| share(i).to_bits()).collect())
}

fn params(
    dispatch: &Dispatch,
    geometry: &PoolGeometry,
    count: usize,
    x: Option<&Source>,
    dy: Option<&Source>,
) -> PoolParams {
    let window = &geometry.window;
    let ([height, width], [rows, columns]) = (window.input, window.output);
    PoolParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: x.map_or(0, offset),
        dy_offset: dy.map_or(0, offset),
        height: height as u32,
        width: width as u32,
        rows: rows as u32,
        columns: columns as u32,
        kernel_h: window.kernel[0] as u32,
        kernel_w: window.kernel[1] as u32,
        stride_h: window.stride[0] as u32,
        stride_w: window.stride[1] as u32,
        dilation_h: window.dilation[0] as u32,
        dilation_w: window.dilation[1] as u32,
        before_h: window.before[0] as u32,
        before_w: window.before[1] as u32,
        accumulate: dispatch.accumulate.into(),
        rectified: 0,
        rectifier_offset: 0,
    }
}
