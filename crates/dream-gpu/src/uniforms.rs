//! Uniforms of the shaders: structs of 4-byte scalars, so that one layout serves Rust and WGSL.
//!
//! `shaders.rs` tests that every `Params` and `Step` in WGSL has these fields in this order.
//! Offsets and steps count elements; `accumulate` is 1 where the output is added to.

mod image;
mod objective;

use bytemuck::{Pod, Zeroable};
use dream_graph::Surface;

pub(crate) use image::{
    AdamParams, AscendParams, CropParams, RollParams, SmoothParams, StatisticParams,
    StatisticSumsParams, StepParams, WarpGradParams, WarpParams,
};
pub(crate) use objective::{
    DirectionParams, DotSumsParams, MaskParams, MatchParams, NeuronParams, NormaliseParams,
    RecordParams, RedirectParams,
};

/// A struct that a shader reads as its uniform.
pub(crate) trait Uniform: Pod {
    /// Names and types of its fields, in order.
    const FIELDS: &'static [(&'static str, &'static str)];

    /// Its words.
    fn words(&self) -> Vec<u32> {
        bytemuck::pod_collect_to_vec(bytemuck::bytes_of(self))
    }
}

macro_rules! uniform {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug, Pod, Zeroable)]
        pub(crate) struct $name { $(pub $field: $type,)* }

        impl Uniform for $name {
            const FIELDS: &'static [(&'static str, &'static str)] =
                &[$((stringify!($field), stringify!($type)),)*];
        }
    };
}

use uniform;

/// The shaders' number of a surface.
pub(crate) fn surface_number(surface: Surface) -> u32 {
    match surface {
        Surface::Sheet => 0,
        Surface::Torus => 1,
        Surface::Sphere => 2,
    }
}

uniform! {
    /// What the iteration and the tile change: group 1 of the shaders that depend on them. The
    /// rolled image is the image moved by the shift on its surface.
    Step {
        shift_x: i32,
        shift_y: i32,
        step_size: f32,
        smoothing: f32,
        origin_x: i32,
        origin_y: i32,
        first_x: u32,
        first_y: u32,
        end_x: u32,
        end_y: u32,
        cosine: f32,
        sine: f32,
        rate: f32,
        iteration: u32,
        redirects: u32,
        surface: u32,
    }
}

uniform! {
    /// Convolutions and their gradients.
    ConvParams {
        in_channels: u32,
        out_channels: u32,
        groups: u32,
        in_height: u32,
        in_width: u32,
        rows: u32,
        cols: u32,
        kernel_h: u32,
        kernel_w: u32,
        stride_y: u32,
        stride_x: u32,
        dilation_y: u32,
        dilation_x: u32,
        before_y: i32,
        before_x: i32,
        out_height: u32,
        out_width: u32,
        out_step_y: u32,
        out_step_x: u32,
        out_origin_y: u32,
        out_origin_x: u32,
        x_offset: u32,
        out_offset: u32,
        accumulate: u32,
        relu: u32,
        has_bias: u32,
        rectified: u32,
        rectifier_offset: u32,
    }
}

uniform! {
    /// Transforms of minimal filtering.
    WinogradParams {
        count: u32,
        tiles: u32,
        across: u32,
        first_row: u32,
        rows: u32,
        height: u32,
        width: u32,
        before_y: i32,
        before_x: i32,
        x_offset: u32,
        out_offset: u32,
        accumulate: u32,
        rectified: u32,
        rectifier_offset: u32,
    }
}

uniform! {
    /// The loop that measures the device.
    FmaPeakParams {
        steps: u32,
    }
}

uniform! {
    /// Poolings and their gradients.
    PoolParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        dy_offset: u32,
        height: u32,
        width: u32,
        rows: u32,
        columns: u32,
        kernel_h: u32,
        kernel_w: u32,
        stride_h: u32,
        stride_w: u32,
        dilation_h: u32,
        dilation_w: u32,
        before_h: u32,
        before_w: u32,
        accumulate: u32,
        rectified: u32,
        rectifier_offset: u32,
    }
}

uniform! {
    /// The phases of a strided convolution's gradient, put together.
    InterleaveParams {
        count: u32,
        out_offset: u32,
        channels: u32,
        height: u32,
        width: u32,
        rows: u32,
        columns: u32,
        step_y: u32,
        step_x: u32,
        accumulate: u32,
        rectified: u32,
        rectifier_offset: u32,
    }
}

uniform! {
    /// Local response normalisation and its gradient.
    LrnParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        dy_offset: u32,
        channels: u32,
        plane: u32,
        below: u32,
        above: u32,
        bias: f32,
        alpha: f32,
        beta: f32,
        coupling: f32,
        accumulate: u32,
        rectified: u32,
        rectifier_offset: u32,
    }
}

uniform! {
    /// Functions of one operand and their gradients.
    UnaryParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        dy_offset: u32,
        function: u32,
        a: f32,
        b: f32,
        accumulate: u32,
    }
}

uniform! {
    /// Functions of two operands.
    BinaryParams {
        count: u32,
        out_offset: u32,
        a_offset: u32,
        b_offset: u32,
        inner_axes: u32,
        a_step: u32,
        b_step: u32,
        function: u32,
        accumulate: u32,
    }
}

uniform! {
    /// Gradients of functions of two operands.
    BinaryGradParams {
        count: u32,
        out_offset: u32,
        dy_offset: u32,
        a_offset: u32,
        b_offset: u32,
        parts: u32,
        summed: u32,
        own_axes: u32,
        own_dy_step: u32,
        own_a_step: u32,
        own_b_step: u32,
        summed_axes: u32,
        summed_dy_step: u32,
        summed_a_step: u32,
        summed_b_step: u32,
        derivative: u32,
        accumulate: u32,
    }
}

uniform! {
    /// Reductions over axes.
    ReduceParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        parts: u32,
        reduced: u32,
        kept_axes: u32,
        kept_step: u32,
        reduced_axes: u32,
        reduced_step: u32,
        largest: u32,
        factor: f32,
        accumulate: u32,
    }
}

uniform! {
    /// Gradient of a maximum over axes.
    ReduceMaxGradParams {
        count: u32,
        out_offset: u32,
        dy_offset: u32,
        inner_axes: u32,
        step: u32,
        accumulate: u32,
    }
}

uniform! {
    /// Permuted and repeated axes.
    StridedParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        inner_axes: u32,
        step: u32,
        factor: f32,
        accumulate: u32,
    }
}

uniform! {
    /// Softmax and its gradient.
    SoftmaxParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        dy_offset: u32,
        length: u32,
        inner: u32,
        accumulate: u32,
    }
}

uniform! {
    /// Layer normalisation and its gradient.
    LayerNormParams {
        rows: u32,
        length: u32,
        out_offset: u32,
        x_offset: u32,
        dy_offset: u32,
        epsilon: f32,
        accumulate: u32,
    }
}

uniform! {
    /// Linear maps along axes.
    RemapParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        height: u32,
        middle: u32,
        width: u32,
        inner: u32,
        outer_step: u32,
        middle_step: u32,
        accumulate: u32,
    }
}

uniform! {
    /// Matrix products.
    MatMulParams {
        count: u32,
        out_offset: u32,
        a_offset: u32,
        b_offset: u32,
        m: u32,
        n: u32,
        k: u32,
        batch: u32,
        part_length: u32,
        a_row: u32,
        a_column: u32,
        b_row: u32,
        b_column: u32,
        inner_axes: u32,
        a_step: u32,
        b_step: u32,
        alpha: f32,
        accumulate: u32,
    }
}

uniform! {
    /// Multiples.
    ScaleParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        factor: f32,
        accumulate: u32,
    }
}

uniform! {
    /// A factor and a summand per channel.
    ScaleChannelsParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        plane: u32,
        accumulate: u32,
    }
}

uniform! {
    /// Constants.
    FillParams {
        count: u32,
        out_offset: u32,
        start: u32,
        end: u32,
        value: f32,
        accumulate: u32,
    }
}
