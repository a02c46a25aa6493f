//! Element-wise functions in tract's terms.

use dream_graph::Unary;
use tract_onnx::tract_core::{
    ops::{
        binary::TypedBinOp,
        logic::{Iff, comp_lt},
        math,
        nn::{gelu_approximate::gelu_approximate, hard_swish, leaky_relu, sigmoid, silu::silu},
    },
    prelude::*,
};

use super::Wiring;

impl Wiring {
    pub(super) fn unary(&mut self, unary: Unary, x: OutletId) -> TractResult<OutletId> {
        match unary {
            Unary::Relu => self.with(math::max(), x, 0.0),
            Unary::LeakyRelu { alpha } => self.step(leaky_relu(alpha), &[x]),
            Unary::Clip { min, max } => self.clip(x, min, max),
            Unary::Sigmoid => self.step(sigmoid(), &[x]),
            Unary::HardSigmoid { alpha, beta } => {
                let y = self.with(math::mul(), x, alpha)?;
                let y = self.with(math::add(), y, beta)?;
                self.clip(y, 0.0, 1.0)
            }
            Unary::HardSwish => self.step(hard_swish(), &[x]),
            Unary::Silu => self.step(silu(), &[x]),
            Unary::Elu { alpha } => self.elu(x, alpha),
            Unary::Selu { alpha, gamma } => {
                let y = self.elu(x, alpha)?;
                self.with(math::mul(), y, gamma)
            }
            Unary::Tanh => self.step(math::tanh(), &[x]),
            Unary::Softplus => self.softplus(x),
            Unary::Softsign => {
                let size = self.step(math::abs(), &[x])?;
                let size = self.with(math::add(), size, 1.0)?;
                self.step(math::div(), &[x, size])
            }
            Unary::Mish => {
                let y = self.softplus(x)?;
                let y = self.step(math::tanh(), &[y])?;
                self.step(math::mul(), &[x, y])
            }
            Unary::Erf => self.step(math::erf(), &[x]),
            Unary::Gelu => {
                let y = self.with(math::mul(), x, std::f32::consts::FRAC_1_SQRT_2)?;
                let y = self.step(math::erf(), &[y])?;
                let y = self.with(math::add(), y, 1.0)?;
                let half = self.with(math::mul(), x, 0.5)?;
                self.step(math::mul(), &[half, y])
            }
            Unary::GeluTanh => self.step(gelu_approximate(false), &[x]),
            Unary::Neg => self.step(math::neg(), &[x]),
            Unary::Abs => self.step(math::abs(), &[x]),
            Unary::Exp => self.step(math::exp(), &[x]),
            Unary::Log => self.step(math::ln(), &[x]),
            Unary::Sqrt => self.step(math::sqrt(), &[x]),
            Unary::Reciprocal => self.step(math::recip(), &[x]),
            Unary::Pow { exponent } => self.with(math::pow(), x, exponent),
        }
    }

    /// An operation with a number as its second operand.
    fn with(&mut self, op: TypedBinOp, x: OutletId, number: f32) -> TractResult<OutletId> {
        let number = self.scalar(number)?;
        self.broadcast(op, &[x, number])
    }

    fn clip(&mut self, x: OutletId, min: f32, max: f32) -> TractResult<OutletId> {
        let y = self.with(math::max(), x, min)?;
        self.with(math::min(), y, max)
    }

    fn elu(&mut self, x: OutletId, alpha: f32) -> TractResult<OutletId> {
        let y = self.step(math::exp(), &[x])?;
        let y = self.with(math::sub(), y, 1.0)?;
        let y = self.with(math::mul(), y, alpha)?;
        let zero = self.scalar(0.0)?;
        let positive = self.broadcast(TypedBinOp(comp_lt(), None), &[zero, x])?;
        self.step(Iff, &[positive, x, y])
    }

    fn softplus(&mut self, x: OutletId) -> TractResult<OutletId> {
        let y = self.step(math::exp(), &[x])?;
        let y = self.with(math::add(), y, 1.0)?;
        self.step(math::ln(), &[y])
    }
}
