//! The closed list of device work. Every engine matches [`Kernel`] exhaustively.
//!
//! A kernel owns its sizes and constants; a [`Dispatch`] adds which buffers it reads and writes.
//! All kernels gather: each writes every element of its output once, as a sum over what it reads,
//! so results are deterministic and need no atomics.

mod name;

use std::sync::Arc;

use crate::{
    AxisMap, Binary, ConvGeometry, LayerGrid, LrnGeometry, MatMulSpec, PoolGeometry, Preprocessing,
    Reduction, Shape, Surface, Unary,
};

/// Positions on either side of its middle that [`Kernel::Smooth`] sees.
pub const SMOOTH_RADIUS: usize = 4;
/// What a root mean square is at least, so that one can divide by it.
pub const LEAST_ROOT_MEAN_SQUARE: f32 = 1e-10;

/// Share of each moment that a step of [`Kernel::Adam`] keeps.
pub const ADAM_DECAY: [f32; 2] = [0.9, 0.999];
/// Keeps Adam's division finite.
pub const ADAM_EPSILON: f32 = 1e-8;
/// Iterations that [`Kernel::Record`] has rows for.
pub const CURVE: usize = 128;

/// One number for a whole tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// Σ x / n.
    Mean,
    /// Σ |x| / n.
    MeanAbs,
    /// √(Σ x² / n), [`LEAST_ROOT_MEAN_SQUARE`] at least.
    RootMeanSquare,
}

/// A kind of device work with its sizes. "Reads" names the operands in order; `dy` is the gradient
/// at the operator's output, `x` and `y` its input and output in the forward pass.
#[derive(Clone, Debug)]
pub enum Kernel {
    /// Convolution, with the bias and the rectifier behind it. Reads x.
    Conv {
        /// Its sizes.
        geometry: ConvGeometry,
        /// `[out, in / groups, kernel_h, kernel_w]`.
        weight: Arc<[f32]>,
        /// Summand per output channel.
        bias: Option<Arc<[f32]>>,
        /// Whether `max(y, 0)` is written instead of y.
        relu: bool,
    },
    /// Largest value of each window. Reads x.
    MaxPool(PoolGeometry),
    /// Mean of each window. Reads x.
    AvgPool(PoolGeometry),
    /// Local response normalisation, `x · s^-b`. Reads x.
    Lrn(LrnGeometry),
    /// An element-wise function. Reads x.
    Unary(Unary),
    /// A function of two operands, broadcast against each other. Reads a, b.
    Binary {
        /// The function.
        op: Binary,
        /// Shape of the output.
        output: Shape,
        /// Shapes of a and b.
        operands: [Shape; 2],
    },
    /// Sum, mean or maximum over axes. Reads x.
    Reduce {
        /// Which of them.
        kind: Reduction,
        /// Shape of x.
        shape: Shape,
        /// The reduced axes.
        axes: Vec<usize>,
    },
    /// Exponentials that sum to one. Reads x of shape `[outer, length, inner]`.
    Softmax {
        /// Product of the axes before the normalised one.
        outer: usize,
        /// Its length.
        length: usize,
        /// Product of the axes behind it.
        inner: usize,
    },
    /// Layer normalisation. Reads x of shape `[rows, scale.len()]`.
    LayerNorm {
        /// Independent rows.
        rows: usize,
        /// Added to the variance.
        epsilon: f32,
        /// Factor per normalised element.
        scale: Arc<[f32]>,
        /// Summand per normalised element.
        bias: Arc<[f32]>,
    },
    /// Gradient of a convolution: dy correlated with the transposed weights. Reads dy.
    ConvGrad {
        /// Sizes of the forward convolution.
        geometry: ConvGeometry,
        /// Its weights, `[out, in / groups, kernel_h, kernel_w]`.
        weight: Arc<[f32]>,
        /// See [`rectified`](Kernel::rectified).
        relu: bool,
    },
    /// Gradient of a max-pooling: sum of dy over the windows whose first largest position this is.
    /// Reads dy, x.
    MaxPoolGrad {
        /// Its sizes.
        geometry: PoolGeometry,
        /// See [`rectified`](Kernel::rectified).
        relu: bool,
    },
    /// Gradient of a mean-pooling: sum of dy / divisor over the covering windows. Reads dy.
    AvgPoolGrad(PoolGeometry),
    /// Gradient of LRN: `dy·s^-b − 2ab/n · x · Σ dy·y/s`. Reads dy, x.
    LrnGrad {
        /// Its sizes.
        geometry: LrnGeometry,
        /// See [`rectified`](Kernel::rectified).
        relu: bool,
    },
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
    /// Each channel times its own factor, plus its own summand. Reads x `[channels, plane]`.
    ScaleChannels {
        /// Factor per channel.
        factors: Arc<[f32]>,
        /// Summand per channel.
        summands: Option<Arc<[f32]>>,
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
    /// A constant at one channel of the position that sees a place of the image, 0 elsewhere: the
    /// seed of a neuron. Reads nothing; writes `[channels, grid.size]`.
    Neuron {
        /// Where positions lie on the image.
        grid: LayerGrid,
        /// The channel.
        channel: usize,
        /// Row and column of the image, before it is rolled.
        place: [usize; 2],
        /// The constant.
        value: f32,
    },
    /// For every position the guide's position whose dot product with it is the largest, times a
    /// factor: the seed of a guided dream. Reads a `[channels, positions]` and the guide
    /// `[channels, guides]`.
    Match {
        /// Channels of both.
        channels: usize,
        /// Positions of a.
        positions: usize,
        /// Positions of the guide.
        guides: usize,
        /// The factor.
        factor: f32,
    },
    /// The gradient of `factor · Σ d·a · max(0.1, cos)^power` over all positions, where cos =
    /// d·a / (10⁻⁶ + ‖a‖): the seed of a direction (Lucid's `direction` and `caricature`). Reads a
    /// `[channels, grid.size]` and d `[channels, cells]`, which is laid over the image.
    Direction {
        /// Channels of both.
        channels: usize,
        /// Where positions of a lie on the image.
        grid: LayerGrid,
        /// Rows and columns of d: one of each where d is the same everywhere.
        cells: [usize; 2],
        /// Exponent of the cosine.
        power: f32,
        /// The factor.
        factor: f32,
    },
    /// x times the cell of a mask, laid over the image, that each position sees. Reads x
    /// `[channels, grid.size]` and the mask `[cells]`.
    Mask {
        /// Channels of x.
        channels: usize,
        /// Where positions of x lie on the image.
        grid: LayerGrid,
        /// Rows and columns of the mask.
        cells: [usize; 2],
    },
    /// `factor · Σ x·y`, one element. Reads x, y.
    Dot {
        /// The factor.
        factor: f32,
    },
    /// What of dy would make silent units speak: dy where it is above 0 and y is not, if nothing
    /// else got through a rectifier (the sum is 0) and the iteration redirects; 0 otherwise
    /// (Lucid's redirected ReLU). Reads dy, y, and the sum of squares of what got through.
    Redirect,
    /// x into the iteration's row of [`Buffer::Curve`](crate::Buffer). Reads x.
    Record,
    /// `factor · x / ‖x‖`, or 0 where that is 0. Reads x, ‖x‖².
    Normalise {
        /// The factor.
        factor: f32,
    },
    /// The gradient where the tile owns the layer, 0 elsewhere. Reads the gradient
    /// `[channels, size]`.
    Crop {
        /// Elements per position, in planes.
        channels: usize,
        /// Rows and columns of the layer in a tile.
        size: [usize; 2],
        /// Pixels from one row or column of the layer to the next.
        stride: [usize; 2],
    },
    /// The tile's window of the image, rolled by the iteration's shift, as network input: beyond
    /// the edges lies what the tile's [`Surface`] says. Reads the image.
    RollIn {
        /// Height and width of the image.
        size: [usize; 2],
        /// Height and width of a tile.
        tile: [usize; 2],
        /// From levels to network input.
        preprocessing: Preprocessing,
    },
    /// The gradient at a tile's network input as gradient at the image: rolled back and scaled by
    /// the chain rule; nothing is added outside the tile. Reads the gradient.
    RollOut {
        /// Height and width of the image.
        size: [usize; 2],
        /// Height and width of a tile.
        tile: [usize; 2],
        /// From levels to network input.
        preprocessing: Preprocessing,
    },
    /// A statistic of all elements, one element. Reads x.
    Statistic(Statistic),
    /// Gaussian along one axis, cut off [`SMOOTH_RADIUS`](crate::SMOOTH_RADIUS) positions from its
    /// middle and normalised; its standard deviation is `factor` times the iteration's `smoothing`.
    /// Reads x.
    Smooth {
        /// Shape of x.
        shape: [usize; 3],
        /// The axis.
        axis: usize,
        /// Of the iteration's `smoothing`.
        factor: f32,
        /// What the axis and those behind it run over: a sheet reflects at the ends of the axis,
        /// which are not repeated; a torus and a sphere go on.
        surface: Surface,
    },
    /// The image turned and scaled about its middle by the iteration's `turn`, bilinear. Reads the
    /// image `[3, size]`.
    Warp {
        /// Height and width.
        size: [usize; 2],
        /// What the image is the surface of.
        surface: Surface,
        /// What lies beyond the edges of a sheet, per channel.
        outside: [f32; 3],
    },
    /// Its transpose. Reads the gradient at the turned image.
    WarpGrad {
        /// Height and width.
        size: [usize; 2],
        /// What the image is the surface of.
        surface: Surface,
    },
    /// `step_size · g / (size + ε)`: by how much the image shall change. Reads g and its size.
    Step,
    /// A step of Adam (Kingma and Ba 2015, with its bias corrected in the iteration's `rate`): what
    /// is climbed, and behind it the moments. Reads g; writes `[3, count of g]`.
    Adam,
    /// `image + step_size · g / (size + ε)`, limited to 0–255, with the rounding error kept beside
    /// the image. Reads g and its size, such as mean|g|; writes all of
    /// [`Buffer::Image`](crate::Buffer).
    Ascend,
}

impl Kernel {
    /// Whether it writes the gradient before a rectifier: 0 where the rectifier's output, which it
    /// reads behind everything else, is not above 0.
    pub fn rectified(&self) -> bool {
        match self {
            Self::ConvGrad { relu, .. }
            | Self::MaxPoolGrad { relu, .. }
            | Self::LrnGrad { relu, .. } => *relu,
            _ => false,
        }
    }

    /// Lets it do so, if it can.
    pub fn rectify(&mut self) -> bool {
        match self {
            Self::ConvGrad { relu, .. }
            | Self::MaxPoolGrad { relu, .. }
            | Self::LrnGrad { relu, .. } => *relu = true,
            _ => return false,
        }
        true
    }
}
