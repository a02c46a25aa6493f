//! Element-wise functions of one operand and their gradients, multiples, constants.

use std::{ops::Range, sync::Arc};

use dream_graph::{Dispatch, EngineError, Source, Unary};

use crate::{
    shaders::Shader,
    uniforms::{FillParams, ScaleChannelsParams, ScaleParams, UnaryParams},
    work::{Input, Work},
};

use super::{STRETCH, input, offset, operand, out_offset, work};

/// The shaders' numbers of functions: those whose derivative takes a few operations come first, and
/// among them those that do so themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Function {
    Relu,
    LeakyRelu,
    Clip,
    HardSigmoid,
    HardSwish,
    Softsign,
    Neg,
    Abs,
    Sqrt,
    Reciprocal,
    Sigmoid,
    Tanh,
    Exp,
    Log,
    Silu,
    Elu,
    Softplus,
    Mish,
    Erf,
    Gelu,
    GeluTanh,
    Pow,
}

/// Reads x.
pub(super) fn unary(dispatch: &Dispatch, unary: Unary) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let cheap = function(unary).0 <= Function::Reciprocal;
    let shader = if cheap { Shader::Unary } else { Shader::UnaryExp };
    Ok(vec![apply(dispatch, shader, unary, x, None)])
}

/// Reads dy and x or y.
pub(super) fn unary_grad(dispatch: &Dispatch, unary: Unary) -> Result<Vec<Work>, EngineError> {
    let (dy, x) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    let shader = match function(unary).0 {
        Function::Relu => Shader::ReluGrad,
        cheap if cheap <= Function::Log => Shader::UnaryGrad,
        _ => Shader::UnaryExpGrad,
    };
    Ok(vec![apply(dispatch, shader, unary, x, Some(dy))])
}

/// Reads x.
pub(super) fn scale(dispatch: &Dispatch, factor: f32) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let count = dispatch.write.len;
    let params = ScaleParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        factor,
        accumulate: dispatch.accumulate.into(),
    };
    let reads = vec![input(x)];
    Ok(vec![work(dispatch, Shader::Scale, &params, reads, count.div_ceil(STRETCH))])
}

/// Reads x.
pub(super) fn scale_channels(
    dispatch: &Dispatch,
    factors: &Arc<[f32]>,
    summands: Option<&Arc<[f32]>>,
    plane: usize,
) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let count = dispatch.write.len;
    let params = ScaleChannelsParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        plane: plane as u32,
        accumulate: dispatch.accumulate.into(),
    };
    let zeros = || Input::Words(vec![0; factors.len()]);
    let summands = summands.map_or_else(zeros, |summands| Input::Constant(summands.clone()));
    let reads = vec![input(x), Input::Constant(factors.clone()), summands];
    Ok(vec![work(dispatch, Shader::ScaleChannels, &params, reads, count)])
}

/// Reads nothing.
pub(super) fn fill(
    dispatch: &Dispatch,
    range: Range<usize>,
    value: f32,
) -> Result<Vec<Work>, EngineError> {
    let count = dispatch.write.len;
    let params = FillParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        start: range.start as u32,
        end: range.end as u32,
        value,
        accumulate: dispatch.accumulate.into(),
    };
    Ok(vec![work(dispatch, Shader::Fill, &params, vec![], count.div_ceil(STRETCH))])
}

fn apply(
    dispatch: &Dispatch,
    shader: Shader,
    unary: Unary,
    x: &Source,
    dy: Option<&Source>,
) -> Work {
    let count = dispatch.write.len;
    let (function, a, b) = function(unary);
    let params = UnaryParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        dy_offset: dy.map_or(0, offset),
        function: function as u32,
        a,
        b,
        accumulate: dispatch.accumulate.into(),
    };
    let reads = dy.into_iter().chain([x]).map(input).collect();
    work(dispatch, shader, &params, reads, count.div_ceil(STRETCH))
}

/// A function as the shaders know it, and its constants a and b.
fn function(unary: Unary) -> (Function, f32, f32) {
    let plain = |function| (function, 0.0, 0.0);
    match unary {
        Unary::Relu => plain(Function::Relu),
        Unary::LeakyRelu { alpha } => (Function::LeakyRelu, alpha, 0.0),
        // WGSL promises no infinities.
        Unary::Clip { min, max } => {
            let finite = |limit: f32| limit.clamp(f32::MIN, f32::MAX);
            (Function::Clip, finite(min), finite(max))
        }
        Unary::Sigmoid => plain(Function::Sigmoid),
        Unary::HardSigmoid { alpha, beta } => (Function::HardSigmoid, alpha, beta),
        Unary::HardSwish => plain(Function::HardSwish),
        Unary::Silu => plain(Function::Silu),
        Unary::Elu { alpha } => (Function::Elu, alpha, 1.0),
        Unary::Selu { alpha, gamma } => (Function::Elu, alpha, gamma),
        Unary::Tanh => plain(Function::Tanh),
        Unary::Softplus => plain(Function::Softplus),
        Unary::Softsign => plain(Function::Softsign),
        Unary::Mish => plain(Function::Mish),
        Unary::Erf => plain(Function::Erf),
        Unary::Gelu => plain(Function::Gelu),
        Unary::GeluTanh => plain(Function::GeluTanh),
        Unary::Neg => plain(Function::Neg),
        Unary::Abs => plain(Function::Abs),
        Unary::Exp => plain(Function::Exp),
        Unary::Log => plain(Function::Log),
        Unary::Sqrt => plain(Function::Sqrt),
        Unary::Reciprocal => plain(Function::Reciprocal),
        Unary::Pow { exponent } => (Function::Pow, exponent, 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Tier;

    const ALL: [Function; 22] = [
        Function::Relu,
        Function::LeakyRelu,
        Function::Clip,
        Function::HardSigmoid,
        Function::HardSwish,
        Function::Softsign,
        Function::Neg,
        Function::Abs,
        Function::Sqrt,
        Function::Reciprocal,
        Function::Sigmoid,
        Function::Tanh,
        Function::Exp,
        Function::Log,
        Function::Silu,
        Function::Elu,
        Function::Softplus,
        Function::Mish,
        Function::Erf,
        Function::Gelu,
        Function::GeluTanh,
        Function::Pow,
    ];

    /// The line of WGSL that gives a function its number.
    fn line(function: Function, number: usize) -> String {
        let mut name = String::new();
        for letter in format!("{function:?}").chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_uppercase());
        }
        format!("\nconst {name} = {number}u;\n")
    }

    #[test]
    fn shaders_give_functions_the_same_numbers() {
        for (number, function) in ALL.into_iter().enumerate() {
            assert_eq!(function as usize, number);
            let simple = function <= Function::Reciprocal;
            let forward = if simple { Shader::Unary } else { Shader::UnaryExp };
            let simple = function <= Function::Log;
            let backward = if simple { Shader::UnaryGrad } else { Shader::UnaryExpGrad };
            // The rectifier's gradient is a shader of its own.
            let backward = (function != Function::Relu).then_some(backward);
            for shader in [Some(forward), backward].into_iter().flatten() {
                let text = shader.source(Tier::Discrete);
                assert!(text.contains(&line(function, number)), "{function:?} {shader:?}");
                assert!(!text.contains(&line(function, number + 1)), "{function:?} {shader:?}");
            }
        }
    }
}
