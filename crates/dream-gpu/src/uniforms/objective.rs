//! Uniforms of the objectives' shaders.

use bytemuck::{Pod, Zeroable};

use super::{Uniform, uniform};

uniform! {
    /// One element of a layer.
    NeuronParams {
        count: u32,
        out_offset: u32,
        channel: u32,
        height: u32,
        width: u32,
        image_height: u32,
        image_width: u32,
        rows: u32,
        columns: u32,
        stride_y: u32,
        stride_x: u32,
        place_y: u32,
        place_x: u32,
        value: f32,
        accumulate: u32,
    }
}

uniform! {
    /// Best matches of a guide.
    MatchParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        guide_offset: u32,
        channels: u32,
        positions: u32,
        guides: u32,
        factor: f32,
        accumulate: u32,
    }
}

uniform! {
    /// Directions of activations.
    DirectionParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        d_offset: u32,
        channels: u32,
        height: u32,
        width: u32,
        image_height: u32,
        image_width: u32,
        stride_y: u32,
        stride_x: u32,
        cell_rows: u32,
        cell_columns: u32,
        power: f32,
        factor: f32,
        accumulate: u32,
    }
}

uniform! {
    /// Partial sums of products.
    DotSumsParams {
        count: u32,
        x_offset: u32,
        y_offset: u32,
        sums: u32,
    }
}

uniform! {
    /// Values brought to a length.
    NormaliseParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        square_offset: u32,
        factor: f32,
        accumulate: u32,
    }
}

uniform! {
    /// Gradients under a mask.
    MaskParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        mask_offset: u32,
        height: u32,
        width: u32,
        image_height: u32,
        image_width: u32,
        stride_y: u32,
        stride_x: u32,
        cell_rows: u32,
        cell_columns: u32,
        accumulate: u32,
    }
}

uniform! {
    /// Gradients that make silent units speak.
    RedirectParams {
        count: u32,
        out_offset: u32,
        dy_offset: u32,
        y_offset: u32,
        sum_offset: u32,
        accumulate: u32,
    }
}

uniform! {
    /// An iteration's row.
    RecordParams {
        count: u32,
        out_offset: u32,
        x_offset: u32,
        rows: u32,
    }
}
