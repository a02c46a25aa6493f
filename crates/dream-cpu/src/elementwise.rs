//! Element-wise kernels: functions of one operand and their gradients, scaling.

use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI};

use dream_graph::Unary;

/// Writes values to `out`, or adds them.
pub(crate) fn store(out: &mut [f32], accumulate: bool, values: impl Iterator<Item = f32>) {
    if accumulate {
        out.iter_mut().zip(values).for_each(|(out, value)| *out += value);
    } else {
        out.iter_mut().zip(values).for_each(|(out, value)| *out = value);
    }
}

/// Leaves of a gradient what a rectifier with output y lets through.
pub(crate) fn rectify(y: &[f32], gradient: &mut [f32]) {
    let elements = gradient.iter_mut().zip(y);
    elements.for_each(|(gradient, y)| *gradient = if *y > 0.0 { *gradient } else { 0.0 });
}

/// `factor · x`
pub(crate) fn scale(factor: f32, x: &[f32], out: &mut [f32], accumulate: bool) {
    store(out, accumulate, x.iter().map(|x| factor * x));
}

/// Each channel of `[channels, plane]` times its factor.
pub(crate) fn scale_channels(
    factors: &[f32],
    plane: usize,
    x: &[f32],
    out: &mut [f32],
    accumulate: bool,
) {
    let channels = out.chunks_exact_mut(plane).zip(x.chunks_exact(plane)).zip(factors);
    for ((out, x), &factor) in channels {
        scale(factor, x, out, accumulate);
    }
}

/// A function of one operand.
pub(crate) fn unary(unary: Unary, x: &[f32], out: &mut [f32], accumulate: bool) {
    let mut each = |function: &dyn Fn(f32) -> f32| {
        store(out, accumulate, x.iter().map(|&x| function(x)));
    };
    let elu = |x: f32, alpha: f32| if x > 0.0 { x } else { alpha * x.exp_m1() };
    let hard_sigmoid = |x: f32, alpha: f32, beta: f32| (alpha * x + beta).clamp(0.0, 1.0);
    match unary {
        Unary::Relu => each(&|x| x.max(0.0)),
        Unary::LeakyRelu { alpha } => each(&|x| if x > 0.0 { x } else { alpha * x }),
        Unary::Clip { min, max } => each(&|x| x.max(min).min(max)),
        Unary::Sigmoid => each(&sigmoid),
        Unary::HardSigmoid { alpha, beta } => each(&|x| hard_sigmoid(x, alpha, beta)),
        Unary::HardSwish => each(&|x| x * hard_sigmoid(x, 1.0 / 6.0, 0.5)),
        Unary::Silu => each(&|x| x * sigmoid(x)),
        Unary::Elu { alpha } => each(&|x| elu(x, alpha)),
        Unary::Selu { alpha, gamma } => each(&|x| gamma * elu(x, alpha)),
        Unary::Tanh => each(&f32::tanh),
        Unary::Softplus => each(&softplus),
        Unary::Softsign => each(&|x| x / (1.0 + x.abs())),
        Unary::Mish => each(&|x| x * softplus(x).tanh()),
        Unary::Erf => each(&libm::erff),
        Unary::Gelu => each(&|x| 0.5 * x * (1.0 + libm::erff(x * FRAC_1_SQRT_2))),
        Unary::GeluTanh => {
            let c = (2.0 / PI).sqrt();
            each(&|x| 0.5 * x * (1.0 + (c * (x + 0.044_715 * x * x * x)).tanh()));
        }
        Unary::Neg => each(&|x| -x),
        Unary::Abs => each(&f32::abs),
        Unary::Exp => each(&f32::exp),
        Unary::Log => each(&f32::ln),
        Unary::Sqrt => each(&f32::sqrt),
        Unary::Reciprocal => each(&f32::recip),
        Unary::Pow { exponent } => each(&|x| x.powf(exponent)),
    }
}

/// dy times the derivative, which each function states in terms of its input or output `v`, as
/// [`Unary::saves_output`] says.
pub(crate) fn unary_grad(unary: Unary, dy: &[f32], v: &[f32], out: &mut [f32], accumulate: bool) {
    let mut each = |derivative: &dyn Fn(f32) -> f32| {
        store(out, accumulate, dy.iter().zip(v).map(|(dy, &v)| dy * derivative(v)));
    };
    match unary {
        // The one that counts for speed: a select, not a product, so that it vectorises.
        Unary::Relu => {
            let masked = dy.iter().zip(v).map(|(&dy, &y)| if y > 0.0 { dy } else { 0.0 });
            store(out, accumulate, masked);
        }
        Unary::LeakyRelu { alpha } => each(&|x| if x > 0.0 { 1.0 } else { alpha }),
        Unary::Clip { min, max } => each(&|x| f32::from(x >= min && x <= max)),
        Unary::Sigmoid => each(&|y| y * (1.0 - y)),
        Unary::HardSigmoid { alpha, beta } => each(&|x| {
            let y = alpha * x + beta;
            if y > 0.0 && y < 1.0 { alpha } else { 0.0 }
        }),
        Unary::HardSwish => each(&|x| match x {
            x if x <= -3.0 => 0.0,
            x if x >= 3.0 => 1.0,
            x => x / 3.0 + 0.5,
        }),
        Unary::Silu => each(&|x| {
            let s = sigmoid(x);
            s * (1.0 + x * (1.0 - s))
        }),
        Unary::Elu { alpha } => each(&|x| if x > 0.0 { 1.0 } else { alpha * x.exp() }),
        Unary::Selu { alpha, gamma } => {
            each(&|x| gamma * if x > 0.0 { 1.0 } else { alpha * x.exp() });
        }
        Unary::Tanh => each(&|y| 1.0 - y * y),
        Unary::Softplus => each(&sigmoid),
        Unary::Softsign => each(&|x| (1.0 + x.abs()).powi(-2)),
        Unary::Mish => each(&|x| {
            let t = softplus(x).tanh();
            t + x * (1.0 - t * t) * sigmoid(x)
        }),
        Unary::Erf => each(&|x| FRAC_2_SQRT_PI * (-x * x).exp()),
        Unary::Gelu => each(&|x| {
            let cumulative = 0.5 * (1.0 + libm::erff(x * FRAC_1_SQRT_2));
            cumulative + x * (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
        }),
        Unary::GeluTanh => each(&|x| {
            let c = (2.0 / PI).sqrt();
            let t = (c * (x + 0.044_715 * x * x * x)).tanh();
            0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * c * (1.0 + 3.0 * 0.044_715 * x * x)
        }),
        Unary::Neg => each(&|_| -1.0),
        Unary::Abs => each(&|x| {
            if x > 0.0 {
                1.0
            } else if x < 0.0 {
                -1.0
            } else {
                0.0
            }
        }),
        Unary::Exp => each(&|y| y),
        Unary::Log => each(&|x| 1.0 / x),
        Unary::Sqrt => each(&|y| 0.5 / y),
        Unary::Reciprocal => each(&|x| -1.0 / (x * x)),
        Unary::Pow { exponent } => each(&|x| exponent * x.powf(exponent - 1.0)),
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

fn softplus(x: f32) -> f32 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}
