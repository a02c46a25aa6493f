//! The operators of a network, without sizes.
//!
//! A specification ([`ConvSpec`], [`PoolSpec`], [`LrnSpec`]) says what an operator does to an image
//! of any size; `geometry.rs` works out what that means for one size.

use std::sync::Arc;

use crate::{axis_map::AxisMap, graph::Shape};

/// What a node computes. Tensors are row-major f32; images are `[1, channels, height, width]`.
#[derive(Clone, Debug)]
pub enum Op {
    /// Two-dimensional convolution (a correlation, as everywhere in this field).
    Conv(Conv),
    /// Largest value of each window.
    MaxPool(PoolSpec),
    /// Mean of each window.
    AvgPool(PoolSpec),
    /// Local response normalisation across channels.
    Lrn(LrnSpec),
    /// One function applied to every element.
    Unary(Unary),
    /// Two operands, broadcast against each other as NumPy does.
    Binary(Binary),
    /// Batch normalisation at inference: `x * scale[c] + shift[c]`, channels on axis 1.
    BatchNorm {
        /// Factor per channel.
        scale: Arc<[f32]>,
        /// Summand per channel.
        shift: Arc<[f32]>,
    },
    /// Operands side by side along an axis.
    Concat {
        /// The axis.
        axis: usize,
    },
    /// Slicing, padding, resizing, expanding, picking: one linear map per axis.
    Remap {
        /// One map per axis of the input.
        maps: Vec<AxisMap>,
        /// Value of output positions that no input position reaches (padding).
        fill: f32,
    },
    /// Axes in another order: output axis `i` is input axis `perm[i]`.
    Transpose {
        /// The permutation.
        perm: Vec<usize>,
    },
    /// The same elements under another shape.
    Reshape {
        /// The new shape, without wildcards.
        shape: Shape,
    },
    /// `alpha * op(a) · op(b) (+ beta * c)` on the last two axes, the others broadcast.
    /// Operands a, b and optionally c.
    MatMul(MatMulSpec),
    /// Sum, mean or maximum over axes.
    Reduce {
        /// Which of them.
        kind: Reduction,
        /// The axes, sorted.
        axes: Vec<usize>,
        /// Whether reduced axes stay with length 1.
        keep_dims: bool,
    },
    /// Exponentials that sum to one along an axis.
    Softmax {
        /// The axis.
        axis: usize,
    },
    /// Normalisation to zero mean and unit variance over the axes from `axis` on, then
    /// `* scale + bias` (both of the shape of those axes, flattened).
    LayerNorm {
        /// First normalised axis.
        axis: usize,
        /// Added to the variance.
        epsilon: f32,
        /// Factor per normalised element.
        scale: Arc<[f32]>,
        /// Summand per normalised element.
        bias: Arc<[f32]>,
    },
    /// The operand itself: Identity, Dropout, Cast, quantise–dequantise.
    Identity,
}

/// A convolution with its constant weights.
#[derive(Clone, Debug)]
pub struct Conv {
    /// What it does to an image of any size.
    pub spec: ConvSpec,
    /// `[out_channels, in_channels / groups, kernel_h, kernel_w]`.
    pub weight: Arc<[f32]>,
    /// `[out_channels]`.
    pub bias: Option<Arc<[f32]>>,
}

/// A convolution without sizes. Pairs are (vertical, horizontal).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvSpec {
    /// Channels read.
    pub in_channels: usize,
    /// Channels written.
    pub out_channels: usize,
    /// Both channel counts are split into this many independent convolutions.
    pub groups: usize,
    /// Window.
    pub window: WindowSpec,
}

/// A pooling without sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSpec {
    /// Window.
    pub window: WindowSpec,
    /// Whether the last window may reach past the padded edge.
    pub ceil_mode: bool,
    /// Whether padded positions count in a mean.
    pub count_include_pad: bool,
}

/// A sliding window. Pairs are (vertical, horizontal).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowSpec {
    /// Positions of the window.
    pub kernel: [usize; 2],
    /// Distance between windows.
    pub stride: [usize; 2],
    /// Distance between a window's positions.
    pub dilation: [usize; 2],
    /// Rows and columns added around the image.
    pub padding: Padding,
}

/// Rows and columns added around an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// As many as stated.
    Explicit {
        /// Above and left.
        before: [usize; 2],
        /// Below and right.
        after: [usize; 2],
    },
    /// As many as make the output `ceil(input / stride)`; an odd one below and right.
    SameUpper,
    /// The same, an odd one above and left.
    SameLower,
}

/// Local response normalisation: `y = x / (bias + alpha / size * Σ x²)^beta` over a window of
/// `size` channels (Krizhevsky et al. 2012, section 3.3, in ONNX's parametrisation).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LrnSpec {
    /// Channels in the window.
    pub size: usize,
    /// Factor of the mean square.
    pub alpha: f32,
    /// Exponent.
    pub beta: f32,
    /// Constant in the denominator.
    pub bias: f32,
}

/// Element-wise functions of one operand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unary {
    /// `max(x, 0)`
    Relu,
    /// `x` where positive, `alpha * x` elsewhere.
    LeakyRelu {
        /// Slope of the negative part.
        alpha: f32,
    },
    /// `x` limited to a range.
    Clip {
        /// Lower limit.
        min: f32,
        /// Upper limit.
        max: f32,
    },
    /// `1 / (1 + e^-x)`
    Sigmoid,
    /// `alpha * x + beta` limited to 0–1.
    HardSigmoid {
        /// Slope.
        alpha: f32,
        /// Value at 0.
        beta: f32,
    },
    /// `x * HardSigmoid(x; 1/6, 1/2)`
    HardSwish,
    /// `x * sigmoid(x)`
    Silu,
    /// `x` where positive, `alpha * (e^x - 1)` elsewhere.
    Elu {
        /// Limit of the negative part.
        alpha: f32,
    },
    /// `gamma * Elu(x; alpha)`
    Selu {
        /// Limit of the negative part before scaling.
        alpha: f32,
        /// Scale.
        gamma: f32,
    },
    /// Hyperbolic tangent.
    Tanh,
    /// `ln(1 + e^x)`
    Softplus,
    /// `x / (1 + |x|)`
    Softsign,
    /// `x * tanh(softplus(x))`
    Mish,
    /// Gauss error function.
    Erf,
    /// `x * Φ(x)`, exact.
    Gelu,
    /// `x * Φ(x)`, by the tanh approximation.
    GeluTanh,
    /// `-x`
    Neg,
    /// `|x|`
    Abs,
    /// `e^x`
    Exp,
    /// Natural logarithm.
    Log,
    /// Square root.
    Sqrt,
    /// `1 / x`
    Reciprocal,
    /// `x` to a constant power.
    Pow {
        /// The power.
        exponent: f32,
    },
}

/// Element-wise functions of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`
    Div,
    /// The larger; where equal, the gradient is `a`'s.
    Max,
    /// The smaller; where equal, the gradient is `a`'s.
    Min,
}

/// How a matrix product reads its operands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MatMulSpec {
    /// Whether `a` is transposed.
    pub trans_a: bool,
    /// Whether `b` is transposed.
    pub trans_b: bool,
    /// Factor of the product.
    pub alpha: f32,
    /// Factor of the third operand.
    pub beta: f32,
}

/// What a [`Op::Reduce`] does with the reduced elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// Their maximum; the gradient goes to the first in scan order.
    Max,
}

impl Op {
    /// The operator's name in messages, ONNX's where there is one.
    pub fn name(&self) -> &'static str {
        match self {
            Op::Conv(_) => "Conv",
            Op::MaxPool(_) => "MaxPool",
            Op::AvgPool(_) => "AveragePool",
            Op::Lrn(_) => "LRN",
            Op::Unary(unary) => unary.name(),
            Op::Binary(binary) => binary.name(),
            Op::BatchNorm { .. } => "BatchNormalization",
            Op::Concat { .. } => "Concat",
            Op::Remap { .. } => "Remap",
            Op::Transpose { .. } => "Transpose",
            Op::Reshape { .. } => "Reshape",
            Op::MatMul(_) => "MatMul",
            Op::Reduce { .. } => "Reduce",
            Op::Softmax { .. } => "Softmax",
            Op::LayerNorm { .. } => "LayerNormalization",
            Op::Identity => "Identity",
        }
    }
}

impl Unary {
    /// The function's name in messages, ONNX's where there is one.
    pub fn name(self) -> &'static str {
        match self {
            Unary::Relu => "Relu",
            Unary::LeakyRelu { .. } => "LeakyRelu",
            Unary::Clip { .. } => "Clip",
            Unary::Sigmoid => "Sigmoid",
            Unary::HardSigmoid { .. } => "HardSigmoid",
            Unary::HardSwish => "HardSwish",
            Unary::Silu => "Silu",
            Unary::Elu { .. } => "Elu",
            Unary::Selu { .. } => "Selu",
            Unary::Tanh => "Tanh",
            Unary::Softplus => "Softplus",
            Unary::Softsign => "Softsign",
            Unary::Mish => "Mish",
            Unary::Erf => "Erf",
            Unary::Gelu => "Gelu",
            Unary::GeluTanh => "Gelu (tanh)",
            Unary::Neg => "Neg",
            Unary::Abs => "Abs",
            Unary::Exp => "Exp",
            Unary::Log => "Log",
            Unary::Sqrt => "Sqrt",
            Unary::Reciprocal => "Reciprocal",
            Unary::Pow { .. } => "Pow",
        }
    }
}

impl Binary {
    /// The function's ONNX name.
    pub fn name(self) -> &'static str {
        match self {
            Binary::Add => "Add",
            Binary::Sub => "Sub",
            Binary::Mul => "Mul",
            Binary::Div => "Div",
            Binary::Max => "Max",
            Binary::Min => "Min",
        }
    }
}
