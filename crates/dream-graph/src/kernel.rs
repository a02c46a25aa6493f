//! The closed list of device work. Every engine matches [`Kernel`] exhaustively.
//!
//! A kernel owns its sizes and constants; a [`Dispatch`] adds which buffers it reads and writes.
//! All kernels gather: each writes every element of its output once, as a sum over what it reads,
//! so results are deterministic and need no atomics.

use std::sync::Arc;

use crate::{
    AxisMap, Binary, ConvGeometry, LrnGeometry, MatMulSpec, PoolGeometry, Preprocessing, Shape,
    Unary,
};

/// A kind of device work with its sizes. "Reads" names the operands in order; `dy` is the gradient
/// at the operator's output, `x` and `y` its input and output in the forward pass.
#[derive(Clone, Debug)]
pub enum Kernel {
    /// Gradient of a convolution: dy correlated with the transposed weights. Reads dy.
    ConvGrad {
        /// Sizes of the forward convolution.
        geometry: ConvGeometry,
        /// Its weights, `[out, in / groups, kernel_h, kernel_w]`.
        weight: Arc<[f32]>,
    },
    /// Gradient of a max-pooling: sum of dy over the windows whose first largest position this is.
    /// Reads dy, x.
    MaxPoolGrad(PoolGeometry),
    /// Gradient of a mean-pooling: sum of dy / divisor over the covering windows. Reads dy.
    AvgPoolGrad(PoolGeometry),
    /// Gradient of LRN: `dy·s^-b − 2ab/n · x · Σ dy·y/s`. Reads dy, x.
    LrnGrad(LrnGeometry),
    /// Gradient of an element-wise function. Reads dy and what
    /// [`Unary::saves_output`](crate::Unary::saves_output) says: y or x.
    UnaryGrad(Unary),
    /// Gradient of a binary function at one operand, summed over the axes along which that operand
    /// was broadcast. Reads dy, a, b; engines ignore the operands that the rule does not need.
    BinaryGrad {
        /// The function.
        op: Binary,
        /// 0 for a, 1 for b.
        side: usize,
        /// Shape of dy.
        output: Shape,
        /// Shapes of a and b.
        operands: [Shape; 2],
    },
    /// Each channel times its own factor. Reads x `[channels, plane]`.
    ScaleChannels {
        /// Factor per channel.
        factors: Arc<[f32]>,
        /// Elements per channel.
        plane: usize,
    },
    /// One linear map per axis. Reads x.
    Remap {
        /// The maps; their inputs are the shape of x.
        maps: Vec<AxisMap>,
    },
    /// Axes in another order: output axis `i` is input axis `perm[i]`. Reads x.
    Permute {
        /// Shape of x.
        shape: Shape,
        /// The permutation.
        perm: Vec<usize>,
    },
    /// Repeats along the axes where `from` is 1, times a factor. Reads x.
    Broadcast {
        /// Shape of x, of the same rank as `to`.
        from: Shape,
        /// Shape of the output.
        to: Shape,
        /// The factor.
        factor: f32,
    },
    /// Gradient of a maximum over axes: dy where x is the first largest. Reads dy, x.
    ReduceMaxGrad {
        /// Shape of x.
        shape: Shape,
        /// The reduced axes.
        axes: Vec<usize>,
    },
    /// Matrix product on the last two axes, the others broadcast. Reads a, b.
    MatMul {
        /// Transposes and factor; `beta` is not used.
        spec: MatMulSpec,
        /// Shapes of a and b.
        operands: [Shape; 2],
    },
    /// Gradient of a softmax: `y · (dy − Σ dy·y)`. Reads dy, y of shape `[outer, length, inner]`.
    SoftmaxGrad {
        /// Product of the axes before the normalised one.
        outer: usize,
        /// Its length.
        length: usize,
        /// Product of the axes behind it.
        inner: usize,
    },
    /// Gradient of a layer normalisation. Reads dy, x of shape `[rows, scale.len()]`.
    LayerNormGrad {
        /// Independent rows.
        rows: usize,
        /// Added to the variance.
        epsilon: f32,
        /// Factor per normalised element.
        scale: Arc<[f32]>,
    },
    /// `factor · x`: copies, differences, and the seed of the objective ½‖a‖². Reads x.
    Scale {
        /// The factor.
        factor: f32,
    },
    /// A constant in a range and 0 elsewhere: the seed of a channel's mean or of a logit. Reads
    /// nothing.
    Fill {
        /// First element of the range.
        start: usize,
        /// One past its last element.
        end: usize,
        /// The constant.
        value: f32,
    },
    /// The image, rolled by the iteration's shift, as network input. Reads the image.
    RollIn {
        /// Height and width.
        size: [usize; 2],
        /// From levels to network input.
        preprocessing: Preprocessing,
    },
    /// The gradient at the network input as gradient at the image: rolled back and scaled by the
    /// chain rule. Reads the gradient.
    RollOut {
        /// Height and width.
        size: [usize; 2],
        /// From levels to network input.
        preprocessing: Preprocessing,
    },
    /// Mean of absolute values, one element. Reads g.
    MeanAbs,
    /// `image + step_size · g / (mean|g| + ε)`, limited to 0–255, with the rounding error kept
    /// beside the image. Reads g, mean|g|; writes all of [`Buffer::Image`].
    Ascend,
}

/// What makes iterations of one octave differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IterationParams {
    /// Circular roll of the image before the network sees it: pixels (right, down).
    pub shift: [i32; 2],
    /// Mean change of a pixel, in levels of 0–255.
    pub step_size: f32,
}

/// A place in device memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Buffer {
    /// The picture at working size, planar levels 0–255 in the network's channel order; kept from
    /// octave to octave.
    Original,
    /// What an octave added to its base; kept until the next octave has read it.
    Detail(u32),
    /// The image that climbs: planar levels, and behind them as many elements with what rounding
    /// the levels left over. Ascent is a sum of small steps; without the rest, single precision
    /// would lose their ends.
    Image,
    /// What the network reads.
    NetInput,
    /// A forward value that the backward pass needs: index into [`Program::saved`](crate::Program).
    Saved(usize),
    /// Scratch, reused by liveness: index into [`Program::slots`](crate::Program).
    Slot(usize),
}

/// A range of a buffer, in elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The buffer.
    pub buffer: Buffer,
    /// First element.
    pub offset: usize,
    /// Number of elements.
    pub len: usize,
}

/// An operand of a dispatch.
#[derive(Clone, Debug)]
pub enum Source {
    /// Device memory.
    View(View),
    /// A constant of the network.
    Constant(Arc<[f32]>),
}

/// One use of a kernel.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// The operator node that it belongs to, for messages.
    pub node: String,
    /// What to do.
    pub kernel: Kernel,
    /// Operands in the kernel's order.
    pub reads: Vec<Source>,
    /// Where to.
    pub write: View,
    /// Whether to add to what is there instead of replacing it.
    pub accumulate: bool,
}

impl View {
    /// All of a buffer of `len` elements.
    pub fn whole(buffer: Buffer, len: usize) -> Self {
        Self { buffer, offset: 0, len }
    }

    /// A part of this view.
    pub fn part(self, offset: usize, len: usize) -> Self {
        Self { offset: self.offset + offset, len, ..self }
    }
}

impl Kernel {
    /// The kernel's name, also the stem of its files.
    pub fn name(&self) -> &'static str {
        match self {
            Kernel::ConvGrad { .. } => "conv_grad",
            Kernel::MaxPoolGrad(_) => "max_pool_grad",
            Kernel::AvgPoolGrad(_) => "avg_pool_grad",
            Kernel::LrnGrad(_) => "lrn_grad",
            Kernel::UnaryGrad(_) => "unary_grad",
            Kernel::BinaryGrad { .. } => "binary_grad",
            Kernel::ScaleChannels { .. } => "scale_channels",
            Kernel::Remap { .. } => "remap",
            Kernel::Permute { .. } => "permute",
            Kernel::Broadcast { .. } => "broadcast",
            Kernel::ReduceMaxGrad { .. } => "reduce_max_grad",
            Kernel::MatMul { .. } => "matmul",
            Kernel::SoftmaxGrad { .. } => "softmax_grad",
            Kernel::LayerNormGrad { .. } => "layer_norm_grad",
            Kernel::Scale { .. } => "scale",
            Kernel::Fill { .. } => "fill",
            Kernel::RollIn { .. } => "roll_in",
            Kernel::RollOut { .. } => "roll_out",
            Kernel::MeanAbs => "mean_abs",
            Kernel::Ascend => "ascend",
        }
    }
}
