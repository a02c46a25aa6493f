//! What kernels are called, and what they cost.

use super::Kernel;

impl Kernel {
    /// Floating-point operations of convolutions, which are nearly all that a network has; 0 for
    /// other kernels.
    pub fn flops(&self) -> f64 {
        match self {
            Kernel::Conv { geometry, .. } | Kernel::ConvGrad { geometry, .. } => {
                let [kernel, output] = [geometry.window.kernel, geometry.window.output];
                let inputs = geometry.in_channels / geometry.groups;
                let products = inputs * kernel[0] * kernel[1] * output[0] * output[1];
                2.0 * (geometry.out_channels * products) as f64
            }
            _ => 0.0,
        }
    }

    /// The kernel's name, also the stem of its files.
    pub fn name(&self) -> &'static str {
        match self {
            Kernel::Conv { .. } => "conv",
            Kernel::MaxPool(_) => "max_pool",
            Kernel::AvgPool(_) => "avg_pool",
            Kernel::Lrn(_) => "lrn",
            Kernel::Unary(_) => "unary",
            Kernel::Binary { .. } => "binary",
            Kernel::Reduce { .. } => "reduce",
            Kernel::Softmax { .. } => "softmax",
            Kernel::LayerNorm { .. } => "layer_norm",
            Kernel::ConvGrad { .. } => "conv_grad",
            Kernel::MaxPoolGrad { .. } => "max_pool_grad",
            Kernel::AvgPoolGrad(_) => "avg_pool_grad",
            Kernel::LrnGrad { .. } => "lrn_grad",
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
            Kernel::Neuron { .. } => "neuron",
            Kernel::Match { .. } => "match",
            Kernel::Direction { .. } => "direction",
            Kernel::Mask { .. } => "mask",
            Kernel::Dot { .. } => "dot",
            Kernel::Redirect => "redirect",
            Kernel::Record => "record",
            Kernel::Normalise { .. } => "normalise",
            Kernel::Crop { .. } => "crop",
            Kernel::RollIn { .. } => "roll_in",
            Kernel::RollOut { .. } => "roll_out",
            Kernel::Statistic(_) => "statistic",
            Kernel::Smooth { .. } => "smooth",
            Kernel::Warp { .. } => "warp",
            Kernel::WarpGrad { .. } => "warp_grad",
            Kernel::Step => "step",
            Kernel::Adam => "adam",
            Kernel::Ascend => "ascend",
        }
    }
}
