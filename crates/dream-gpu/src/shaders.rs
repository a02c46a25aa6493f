//! The compute shaders: WGSL text, and what the engine must know to bind it.

use crate::{
    device::Tier,
    uniforms::{
        AdamParams, AscendParams, BinaryGradParams, BinaryParams, ConvParams, CropParams,
        DirectionParams, DotSumsParams, FillParams, FmaPeakParams, InterleaveParams,
        LayerNormParams, LrnParams, MaskParams, MatMulParams, MatchParams, NeuronParams,
        NormaliseParams, PoolParams, RecordParams, RedirectParams, ReduceMaxGradParams,
        ReduceParams, RemapParams, RollParams, ScaleChannelsParams, ScaleParams, SmoothParams,
        SoftmaxParams, StatisticParams, StatisticSumsParams, StepParams, StridedParams,
        UnaryParams, Uniform, WarpGradParams, WarpParams, WinogradParams,
    },
};

/// A file of `shader/`, without its comments.
macro_rules! text {
    ($name:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/", $name, ".wgsl"))
    };
}

/// Helpers that stand before every shader.
const COMMON: &str = text!("common");

/// How many pixels shaders handle at once that do so with one or four; stand before every shader.
const EACH: &str = text!("each");
const FOURS: &str = text!("fours");

/// What all convolutions share, and those on software adapters.
const CONV_PARAMS: &str = text!("conv_params");
const CONV_SOFTWARE: &str = text!("conv_software");
const CONV_STORE: &str = text!("conv_store");
/// What the transforms of minimal filtering share.
const WINOGRAD: &str = text!("winograd");
/// How gradients are stored that may stand before a rectifier.
const RECTIFIED: &str = text!("rectified");
const ROW_EACH: &str = text!("row_each");
const ROW_FOURS: &str = text!("row_fours");
/// What poolings share, and max-poolings.
const POOL: &str = text!("pool");
const MAX_POOL_WINDOWS: &str = text!("max_pool_windows");
/// What local response normalisations share, and the two parts of their gradient.
const LRN_WINDOW: &str = text!("lrn_window");
const LRN_DY: &str = text!("lrn_dy");
/// What layer normalisation shares with its gradient.
const LAYER_NORM_ROW: &str = text!("layer_norm_row");
/// How software adapters' convolutions load their weights; stands before them too.
const WEIGHTS_EACH: &str = text!("weights_each");
const WEIGHTS_SHARED: &str = text!("weights_shared");

/// What the engine must know about a shader.
struct Spec {
    name: &'static str,
    text: &'static str,
    reads: usize,
    fields: &'static [(&'static str, &'static str)],
    steps: bool,
}

macro_rules! shaders {
    ($($variant:ident: $name:literal, $params:ty, $reads:literal, $steps:literal;)*) => {
        /// A compute shader. Its file in `shader/` has its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Shader { $($variant,)* }

        impl Shader {
            /// Every shader.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            fn spec(self) -> Spec {
                match self {
                    $(Self::$variant => Spec {
                        name: $name,
                        text: text!($name),
                        reads: $reads,
                        fields: <$params as Uniform>::FIELDS,
                        steps: $steps,
                    },)*
                }
            }
        }
    };
}

// Variant: file, uniform, operands read, whether it reads the iteration's `Step`.
shaders! {
    Conv8: "conv", ConvParams, 4, false;
    Conv16: "conv", ConvParams, 4, false;
    Conv32: "conv", ConvParams, 4, false;
    ConvRows4: "conv_rows", ConvParams, 4, false;
    ConvRows5: "conv_rows", ConvParams, 4, false;
    ConvRows7By2: "conv_rows", ConvParams, 4, false;
    ConvPatch: "conv_patch", ConvParams, 4, false;
    ConvPointwise8: "conv_pointwise", ConvParams, 4, false;
    ConvPointwise16: "conv_pointwise", ConvParams, 4, false;
    ConvPointwise32: "conv_pointwise", ConvParams, 4, false;
    ConvTiled: "conv_tiled", ConvParams, 4, false;
    ConvDepthwise: "conv_depthwise", ConvParams, 4, false;
    WinogradRead: "winograd_read", WinogradParams, 1, false;
    WinogradWrite: "winograd_write", WinogradParams, 2, false;
    WinogradWriteFours: "winograd_write", WinogradParams, 2, false;
    Interleave: "interleave", InterleaveParams, 2, false;
    FmaPeak: "fma_peak", FmaPeakParams, 0, false;
    MaxPool: "max_pool", PoolParams, 1, false;
    MaxPool3: "max_pool", PoolParams, 1, false;
    MaxPool3By2: "max_pool", PoolParams, 1, false;
    MaxPoolPosition: "max_pool_position", PoolParams, 1, false;
    MaxPoolPosition3: "max_pool_position", PoolParams, 1, false;
    MaxPoolPosition3By2: "max_pool_position", PoolParams, 1, false;
    MaxPoolKeep: "max_pool_keep", PoolParams, 2, false;
    MaxPoolKeep3: "max_pool_keep", PoolParams, 2, false;
    MaxPoolKeep3By2: "max_pool_keep", PoolParams, 2, false;
    MaxPoolGrad: "max_pool_grad", PoolParams, 3, false;
    MaxPoolGrad3: "max_pool_grad", PoolParams, 3, false;
    MaxPoolGrad3By2: "max_pool_grad", PoolParams, 3, false;
    MaxPoolGrad3Fours: "max_pool_grad", PoolParams, 3, false;
    MaxPoolGrad3By2Fours: "max_pool_grad", PoolParams, 3, false;
    AvgPool: "avg_pool", PoolParams, 2, false;
    AvgPoolGrad: "avg_pool_grad", PoolParams, 2, false;
    Lrn: "lrn", LrnParams, 1, false;
    LrnFours: "lrn", LrnParams, 1, false;
    LrnFar: "lrn", LrnParams, 1, false;
    LrnTerms: "lrn_terms", LrnParams, 2, false;
    LrnGrad: "lrn_grad", LrnParams, 4, false;
    LrnGradFours: "lrn_grad", LrnParams, 4, false;
    LrnGradFar: "lrn_grad", LrnParams, 4, false;
    Unary: "unary", UnaryParams, 1, false;
    UnaryExp: "unary_exp", UnaryParams, 1, false;
    ReluGrad: "relu_grad", UnaryParams, 2, false;
    UnaryGrad: "unary_grad", UnaryParams, 2, false;
    UnaryExpGrad: "unary_exp_grad", UnaryParams, 2, false;
    Binary: "binary", BinaryParams, 3, false;
    BinaryGrad: "binary_grad", BinaryGradParams, 4, false;
    Reduce: "reduce", ReduceParams, 2, false;
    ReduceMaxPosition: "reduce_max_position", ReduceParams, 2, false;
    ReduceMaxGrad: "reduce_max_grad", ReduceMaxGradParams, 3, false;
    Softmax: "softmax", SoftmaxParams, 1, false;
    SoftmaxGrad: "softmax_grad", SoftmaxParams, 2, false;
    LayerNorm: "layer_norm", LayerNormParams, 3, false;
    LayerNormGrad: "layer_norm_grad", LayerNormParams, 3, false;
    ScaleChannels: "scale_channels", ScaleChannelsParams, 3, false;
    Remap: "remap", RemapParams, 2, false;
    Strided: "strided", StridedParams, 2, false;
    MatMul: "matmul", MatMulParams, 3, false;
    Scale: "scale", ScaleParams, 1, false;
    Fill: "fill", FillParams, 0, false;
    Neuron: "neuron", NeuronParams, 0, true;
    MatchPosition: "match_position", MatchParams, 2, false;
    Match: "match", MatchParams, 2, false;
    DirectionTerms: "direction_terms", DirectionParams, 2, true;
    Direction: "direction", DirectionParams, 3, true;
    DotSums: "dot_sums", DotSumsParams, 2, false;
    Mask: "mask", MaskParams, 2, true;
    Redirect: "redirect", RedirectParams, 3, true;
    Record: "record", RecordParams, 1, true;
    Normalise: "normalise", NormaliseParams, 2, false;
    Crop: "crop", CropParams, 1, true;
    RollIn: "roll_in", RollParams, 1, true;
    RollOut: "roll_out", RollParams, 1, true;
    StatisticSums: "statistic_sums", StatisticSumsParams, 1, false;
    Statistic: "statistic", StatisticParams, 1, false;
    Smooth: "smooth", SmoothParams, 1, true;
    Warp: "warp", WarpParams, 1, true;
    WarpGrad: "warp_grad", WarpGradParams, 1, true;
    Step: "step", StepParams, 2, true;
    Adam: "adam", AdamParams, 1, true;
    Ascend: "ascend", AscendParams, 2, true;
}

impl Shader {
    /// Its name, also the stem of its file.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// Its whole WGSL text on devices of a tier.
    pub fn source(self, tier: Tier) -> String {
        let weights = match tier {
            Tier::Software { subgroups: true } => WEIGHTS_SHARED,
            _ => WEIGHTS_EACH,
        };
        let (pack, row) = if self.takes_fours() { (FOURS, ROW_FOURS) } else { (EACH, ROW_EACH) };
        let before: &[&str] = match self.name() {
            "conv_pointwise" => &[CONV_PARAMS, CONV_SOFTWARE, weights],
            "conv" | "conv_rows" | "conv_patch" => {
                &[CONV_PARAMS, CONV_SOFTWARE, weights, CONV_STORE]
            }
            "conv_tiled" | "conv_depthwise" => &[CONV_PARAMS, RECTIFIED],
            "max_pool" | "max_pool_position" | "max_pool_keep" => &[POOL, MAX_POOL_WINDOWS],
            "interleave" => &[RECTIFIED],
            "layer_norm" | "layer_norm_grad" => &[LAYER_NORM_ROW],
            "winograd_read" => &[WINOGRAD],
            "winograd_write" => &[WINOGRAD, RECTIFIED, row],
            "max_pool_grad" => &[POOL, RECTIFIED, row],
            "avg_pool" | "avg_pool_grad" => &[POOL],
            "lrn" => &[LRN_WINDOW],
            "lrn_terms" => &[LRN_WINDOW, LRN_DY],
            "lrn_grad" => &[LRN_WINDOW, LRN_DY, RECTIFIED],
            _ => &[],
        };
        let before = before.concat();
        format!("{COMMON}{pack}{before}{}", self.spec().text)
    }

    /// Whether it handles four neighbouring pixels at once: planes and offsets must be multiples of four.
    fn takes_fours(self) -> bool {
        let pointwise = self.name() == "conv_pointwise";
        let lrn = matches!(self, Self::LrnFours | Self::LrnGradFours);
        let pooling = matches!(self, Self::MaxPoolGrad3Fours | Self::MaxPoolGrad3By2Fours);
        pointwise || lrn || pooling || self == Self::WinogradWriteFours
    }

    /// Whether works for devices of a tier may use it.
    pub fn serves(self, tier: Tier) -> bool {
        let software = matches!(tier, Tier::Software { .. });
        match self.name() {
            // SwiftShader, which has no subgroups here, compiles them for seconds and most of a
            // minute, and gains little.
            "conv_rows" => tier == Tier::Software { subgroups: true },
            "conv" | "conv_patch" | "conv_pointwise" | "winograd_read" | "winograd_write" => {
                software
            }
            "lrn" | "lrn_grad" if self.takes_fours() => software,
            "conv_tiled" => !software,
            _ => true,
        }
    }

    /// Number of storage bindings that it reads; they follow the uniform and the output.
    pub fn reads(self) -> usize {
        self.spec().reads
    }

    /// Whether it writes the last of them too.
    pub fn keeps(self) -> bool {
        self.name() == "max_pool_keep"
    }

    /// Bytes of its uniform.
    pub fn params_size(self) -> usize {
        self.spec().fields.len() * 4
    }

    /// Whether it reads the iteration's [`Step`](crate::uniforms::Step).
    pub fn has_step(self) -> bool {
        self.spec().steps
    }

    /// Flags of its uniform that its pipelines are made for, with the `override` constants that tell them.
    pub fn flags(self) -> &'static [(&'static str, &'static str)] {
        match self.name() {
            "conv" | "conv_rows" | "conv_patch" | "conv_pointwise" => {
                &[("accumulate", "ACCUMULATE"), ("rectified", "RECTIFIED")]
            }
            _ => &[],
        }
    }

    /// Where its uniform has a field.
    pub fn field(self, name: &str) -> Option<usize> {
        self.spec().fields.iter().position(|(field, _)| *field == name)
    }

    /// Values of its other `override` constants: variants of one file differ in them.
    pub fn constants(self) -> &'static [(&'static str, f64)] {
        match self {
            Self::Conv8 => &[("OCTETS", 1.0)],
            Self::Conv16 => &[("OCTETS", 2.0)],
            Self::Conv32 => &[("OCTETS", 4.0)],
            Self::ConvPointwise8 => &[("OCTETS", 1.0), ("TOGETHER", 4.0)],
            Self::ConvPointwise16 => &[("OCTETS", 2.0), ("TOGETHER", 4.0)],
            Self::ConvPointwise32 => &[("OCTETS", 4.0), ("TOGETHER", 4.0)],
            Self::ConvRows4 => &[("TAPS", 4.0), ("STRIDE", 1.0)],
            Self::ConvRows5 => &[("TAPS", 5.0), ("STRIDE", 1.0)],
            Self::ConvRows7By2 => &[("TAPS", 7.0), ("STRIDE", 2.0)],
            Self::MaxPool3
            | Self::MaxPoolPosition3
            | Self::MaxPoolKeep3
            | Self::MaxPoolGrad3
            | Self::MaxPoolGrad3Fours => &[("STRIDE_OF_THREES", 1.0)],
            Self::MaxPool3By2
            | Self::MaxPoolPosition3By2
            | Self::MaxPoolKeep3By2
            | Self::MaxPoolGrad3By2
            | Self::MaxPoolGrad3By2Fours => &[("STRIDE_OF_THREES", 2.0)],
            Self::LrnFar | Self::LrnTerms | Self::LrnGradFar => &[("FAR", 1.0)],
            _ => &[],
        }
    }
}

#[cfg(test)]
#[path = "shaders_tests.rs"]
mod tests;
