//! Local response normalisation, forward and backward.
//!
//! tract's own works element by element with a general power and takes most of GoogLeNet's forward
//! pass; this one works on blocks of pixels that stay in the cache and vectorise, and takes its
//! place in tract's plans.

use dream_graph::{LrnGeometry, LrnSpec};
use tract_onnx::tract_core::internal::*;

use crate::elementwise::store;

/// Pixels handled together.
const BLOCK: usize = 64;

/// `y = x·s^-b` with `s = k + a/n · Σ x²` over the channels of a window.
fn lrn(geometry: &LrnGeometry, x: &[f32], y: &mut [f32]) {
    let [channels, height, width] = geometry.image;
    let plane = height * width;
    for start in (0..plane).step_by(BLOCK) {
        let len = BLOCK.min(plane - start);
        for c in 0..channels {
            let s = denominators(geometry, x, c, start, len);
            let powers = inverse_powers(&s, geometry.spec.beta);
            let row = c * plane + start..c * plane + start + len;
            for ((y, x), power) in y[row.clone()].iter_mut().zip(&x[row]).zip(powers) {
                *y = x * power;
            }
        }
    }
}

/// `dx = dy·s^-b − (2ab/n) · x · Σ dy·x·s^(-b-1)`, the sum over the channels whose window holds
/// this one.
pub(crate) fn lrn_grad(
    geometry: &LrnGeometry,
    dy: &[f32],
    x: &[f32],
    dx: &mut [f32],
    accumulate: bool,
) {
    let [channels, height, width] = geometry.image;
    let (plane, spec) = (height * width, geometry.spec);
    let (below, above) = reach(&spec);
    let coupling = 2.0 * spec.alpha / spec.size as f32 * spec.beta;
    let (mut powers, mut terms) = (vec![0.0; channels * BLOCK], vec![0.0; channels * BLOCK]);
    for start in (0..plane).step_by(BLOCK) {
        let len = BLOCK.min(plane - start);
        let row = |c: usize| c * plane + start..c * plane + start + len;
        for c in 0..channels {
            let s = denominators(geometry, x, c, start, len);
            let block = c * BLOCK..c * BLOCK + len;
            let own = inverse_powers(&s, spec.beta);
            powers[block.clone()].copy_from_slice(&own[..len]);
            let inputs = dy[row(c)].iter().zip(&x[row(c)]).zip(own).zip(s);
            for (term, (((dy, x), power), s)) in terms[block].iter_mut().zip(inputs) {
                *term = dy * x * power / s;
            }
        }
        for c in 0..channels {
            let mut sum = [0.0; BLOCK];
            for neighbour in c.saturating_sub(above)..(c + below + 1).min(channels) {
                let terms = &terms[neighbour * BLOCK..][..len];
                sum.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
            }
            let operands = dy[row(c)].iter().zip(&x[row(c)]).zip(&powers[c * BLOCK..]).zip(&sum);
            let values = operands.map(|(((dy, x), power), sum)| dy * power - coupling * x * sum);
            store(&mut dx[row(c)], accumulate, values);
        }
    }
}

/// `s` for a block of one channel's pixels.
fn denominators(
    geometry: &LrnGeometry,
    x: &[f32],
    channel: usize,
    start: usize,
    len: usize,
) -> [f32; BLOCK] {
    let [channels, height, width] = geometry.image;
    let (below, above) = reach(&geometry.spec);
    let mut s = [0.0; BLOCK];
    for neighbour in channel.saturating_sub(below)..(channel + above + 1).min(channels) {
        let row = &x[neighbour * height * width + start..][..len];
        s.iter_mut().zip(row).for_each(|(s, x)| *s += x * x);
    }
    let LrnSpec { size, alpha, bias, .. } = geometry.spec;
    s.map(|s| bias + alpha * s / size as f32)
}

/// Channels of a window before and behind its own.
fn reach(spec: &LrnSpec) -> (usize, usize) {
    (spec.size.saturating_sub(1) / 2, spec.size / 2)
}

/// `s^-beta`; the exponents that networks use go by square roots, which vectorise.
fn inverse_powers(s: &[f32; BLOCK], beta: f32) -> [f32; BLOCK] {
    if beta == 0.75 {
        s.map(|s| 1.0 / (s.sqrt() * s.sqrt().sqrt()))
    } else if beta == 0.5 {
        s.map(|s| 1.0 / s.sqrt())
    } else {
        s.map(|s| s.powf(-beta))
    }
}

/// The operator in tract's plans.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lrn(pub LrnSpec);

impl Eq for Lrn {}

impl Op for Lrn {
    fn name(&self) -> StaticName {
        "Lrn".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Lrn {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = args_1!(inputs);
        let &[1, channels, height, width] = input.shape() else {
            bail!("LRN needs an image, not {:?}", input.shape())
        };
        let geometry = self.0.geometry([channels, height, width]);
        let mut output = Tensor::zero::<f32>(input.shape())?;
        let x = input.try_as_plain_ram()?.as_slice::<f32>()?;
        lrn(&geometry, x, output.try_as_plain_ram_mut()?.as_slice_mut::<f32>()?);
        Ok(tvec!(output.into_tvalue()))
    }
}

impl TypedOp for Lrn {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[0].without_value()))
    }
}
