// The uniform of convolutions; stands before conv_software.wgsl, conv_tiled.wgsl and conv_depthwise.wgsl.

struct Params {
    in_channels: u32,   // per group
    out_channels: u32,  // per group
    groups: u32,
    in_height: u32,
    in_width: u32,
    rows: u32,          // output grid
    cols: u32,
    kernel_h: u32,
    kernel_w: u32,
    stride_y: u32,
    stride_x: u32,
    dilation_y: u32,
    dilation_x: u32,
    before_y: i32,      // padding before; negative skips input
    before_x: i32,
    out_height: u32,
    out_width: u32,
    out_step_y: u32,    // grid position -> output position
    out_step_x: u32,
    out_origin_y: u32,
    out_origin_x: u32,
    x_offset: u32,      // elements
    out_offset: u32,    // elements
    accumulate: u32,    // != 0: out += value
    relu: u32,
    has_bias: u32,
    rectified: u32,     // != 0: 0 where the rectifier has let nothing through
    rectifier_offset: u32,      // elements
}

@group(0) @binding(0) var<uniform> params: Params;
