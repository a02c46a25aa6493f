// The uniform of poolings and their gradients. Stands before each of those shaders.

struct Params {
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

@group(0) @binding(0) var<uniform> params: Params;
