//! Uniforms of the shaders around the network.

use bytemuck::{Pod, Zeroable};

use super::{Uniform, uniform};

uniform! {
    /// Gradients cut to what a tile owns.
    CropParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        height: u32,
        width: u32,
        stride_y: u32,
        stride_x: u32,
        accumulate: u32,
    }
}

uniform! {
    /// Image to network input, and gradients back.
    RollParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        height: u32,
        width: u32,
        tile_height: u32,
        tile_width: u32,
        mean_0: f32,
        mean_1: f32,
        mean_2: f32,
        scale_0: f32,
        scale_1: f32,
        scale_2: f32,
        accumulate: u32,
    }
}

uniform! {
    /// Partial sums of a statistic.
    StatisticSumsParams {
        count: u32,
        x_offset: u32,
        sums: u32,
        statistic: u32,
    }
}

uniform! {
    /// The statistic of their sum.
    StatisticParams {
        out_offset: u32,
        sums: u32,
        statistic: u32,
        factor: f32,
        accumulate: u32,
    }
}

uniform! {
    /// Gaussians along one axis.
    SmoothParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        length: u32,
        inner: u32,
        factor: f32,
        surface: u32,
        accumulate: u32,
    }
}

uniform! {
    /// Steps of the ascent.
    AscendParams {
        count: u32,
        out_offset: u32,
        g_offset: u32,
        size_offset: u32,
        zero: u32,
    }
}

uniform! {
    /// Steps that are not taken at once.
    StepParams {
        count: u32,
        out_offset: u32,
        g_offset: u32,
        size_offset: u32,
        accumulate: u32,
    }
}

uniform! {
    /// Steps of Adam.
    AdamParams {
        count: u32,
        out_offset: u32,
        g_offset: u32,
        decay_first: f32,
        decay_second: f32,
        epsilon: f32,
    }
}

uniform! {
    /// Turned images.
    WarpParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        height: u32,
        width: u32,
        outside_0: f32,
        outside_1: f32,
        outside_2: f32,
        surface: u32,
    }
}

uniform! {
    /// Gradients at turned images.
    WarpGradParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        height: u32,
        width: u32,
        surface: u32,
        accumulate: u32,
    }
}
