//! Normalisations: across channels (LRN), softmax, layer normalisation, and their gradients.

use std::sync::Arc;

use dream_graph::{Dispatch, EngineError, LrnGeometry, Source};

use crate::{
    device::Tier,
    shaders::Shader,
    uniforms::{LayerNormParams, LrnParams, SoftmaxParams},
    work::{Input, Work},
};

use super::{
    INVOCATIONS, from_scratch, in_fours, input, into_scratch, offset, operand, out_offset,
    rectifier, work,
};

/// Channels of an invocation, and how far windows usually reach: `lrn_window.wgsl` knows them too.
const RUN: usize = 8;
const REACH: u32 = 2;

/// Reads x.
pub(super) fn lrn(
    dispatch: &Dispatch,
    geometry: &LrnGeometry,
    tier: Tier,
) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let params = lrn_params(dispatch, geometry, x, None);
    let shaders = [Shader::Lrn, Shader::LrnFours, Shader::LrnFar];
    let (shader, params) = lrn_variant(params, shaders, tier);
    Ok(vec![work(dispatch, shader, &params, vec![input(x)], params.count as usize)])
}

/// Reads dy, x. For large windows first what each element contributes to its neighbours, then their
/// sums.
pub(super) fn lrn_grad(
    dispatch: &Dispatch,
    geometry: &LrnGeometry,
    tier: Tier,
) -> Result<Vec<Work>, EngineError> {
    let (dy, x) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    let len = dispatch.write.len;
    let (rectified, rectifier_offset, rectifier) = rectifier(dispatch)?;
    let params = lrn_params(dispatch, geometry, x, Some(dy));
    let params = LrnParams { rectified, rectifier_offset, ..params };
    let shaders = [Shader::LrnGrad, Shader::LrnGradFours, Shader::LrnGradFar];
    let (shader, params) = lrn_variant(params, shaders, tier);
    let count = params.count as usize;
    let gradient = |terms| {
        let reads = vec![input(x), input(dy), terms, rectifier];
        work(dispatch, shader, &params, reads, count)
    };
    if shader != Shader::LrnGradFar {
        return Ok(vec![gradient(input(dy))]);
    }
    let terms = work(dispatch, Shader::LrnTerms, &params, vec![input(x), input(dy)], count);
    Ok(vec![into_scratch(terms, len), gradient(from_scratch(len))])
}

/// Which of the shaders for each pixel, for four at once and for windows that reach far is to be taken,
/// and its uniform. Four at once are faster on software adapters; others have pixels enough.
fn lrn_variant(
    params: LrnParams,
    [each, fours, far]: [Shader; 3],
    tier: Tier,
) -> (Shader, LrnParams) {
    let LrnParams { plane, x_offset, dy_offset, out_offset, rectifier_offset, .. } = params;
    if params.below.max(params.above) > REACH {
        return (far, params);
    }
    let divided = in_fours([plane, x_offset, dy_offset, out_offset, rectifier_offset]);
    let divided = divided.filter(|_| matches!(tier, Tier::Software { .. }));
    let Some([plane, x_offset, dy_offset, out_offset, rectifier_offset]) = divided else {
        return (each, params);
    };
    let count = params.count / 4;
    let params =
        LrnParams { count, plane, x_offset, dy_offset, out_offset, rectifier_offset, ..params };
    (fours, params)
}

/// Reads x of shape [outer, length, inner].
pub(super) fn softmax(dispatch: &Dispatch, shape: [usize; 3]) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    Ok(vec![rows(dispatch, Shader::Softmax, shape, x, None)])
}

/// Reads dy, y of shape [outer, length, inner].
pub(super) fn softmax_grad(
    dispatch: &Dispatch,
    shape: [usize; 3],
) -> Result<Vec<Work>, EngineError> {
    let (dy, y) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    Ok(vec![rows(dispatch, Shader::SoftmaxGrad, shape, y, Some(dy))])
}

/// Reads x.
pub(super) fn layer_norm(
    dispatch: &Dispatch,
    rows: usize,
    epsilon: f32,
    scale: &Arc<[f32]>,
    bias: &Arc<[f32]>,
) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let params = layer_norm_params(dispatch, rows, scale.len(), epsilon, x, None);
    let reads = vec![input(x), Input::Constant(scale.clone()), Input::Constant(bias.clone())];
    Ok(vec![work(dispatch, Shader::LayerNorm, &params, reads, rows * INVOCATIONS)])
}

/// Reads dy, x.
pub(super) fn layer_norm_grad(
    dispatch: &Dispatch,
    rows: usize,
    epsilon: f32,
    scale: &Arc<[f32]>,
) -> Result<Vec<Work>, EngineError> {
    let (dy, x) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    let params = layer_norm_params(dispatch, rows, scale.len(), epsilon, x, Some(dy));
    let reads = vec![input(dy), input(x), Input::Constant(scale.clone())];
    Ok(vec![work(dispatch, Shader::LayerNormGrad, &params, reads, rows * INVOCATIONS)])
}

fn lrn_params(
    dispatch: &Dispatch,
    geometry: &LrnGeometry,
    x: &Source,
    dy: Option<&Source>,
) -> LrnParams {
    let ([channels, height, width], spec) = (geometry.image, geometry.spec);
    let alpha = spec.alpha / spec.size as f32;
    LrnParams {
        count: (channels.div_ceil(RUN) * height * width) as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        dy_offset: dy.map_or(0, offset),
        channels: channels as u32,
        plane: (height * width) as u32,
        below: (spec.size.saturating_sub(1) / 2) as u32,
        above: (spec.size / 2) as u32,
        bias: spec.bias,
        alpha,
        beta: spec.beta,
        coupling: 2.0 * alpha * spec.beta,
        accumulate: dispatch.accumulate.into(),
        rectified: 0,
        rectifier_offset: 0,
    }
}

fn rows(
    dispatch: &Dispatch,
    shader: Shader,
    [outer, length, inner]: [usize; 3],
    x: &Source,
    dy: Option<&Source>,
) -> Work {
    let params = SoftmaxParams {
        count: (outer * inner) as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        dy_offset: dy.map_or(0, offset),
        length: length as u32,
        inner: inner as u32,
        accumulate: dispatch.accumulate.into(),
    };
    let reads = dy.into_iter().chain([x]).map(input).collect();
    work(dispatch, shader, &params, reads, outer * inner)
}

fn layer_norm_params(
    dispatch: &Dispatch,
    rows: usize,
    length: usize,
    epsilon: f32,
    x: &Source,
    dy: Option<&Source>,
) -> LayerNormParams {
    LayerNormParams {
        rows: rows as u32,
        length: length as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        dy_offset: dy.map_or(0, offset),
        epsilon,
        accumulate: dispatch.accumulate.into(),
    }
}
