// What the convolutions of software adapters share: their uniform and bindings, their products, and how
// sums are stored. Stands before conv.wgsl, conv_rows.wgsl and conv_patch.wgsl.
//
// Their loops end at params plus the workgroup's place in depth, where the grid is one deep: that adds
// nothing, but lavapipe compiles loops over params alone anew for each of their values, seconds per dispatch.

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

// The uniform's flags. Pipelines are made for them, because a load costs as much as tens of multiply-adds.
override ACCUMULATE: bool = true;
override RECTIFIED: bool = true;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
// Binding 2 is x.
// Binding 3 is the weights: octet().
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> rectifier: array<f32>;

/// sum + w vᵀ, each product rounded once with its sum.
fn add_outer(sum: mat4x4<f32>, w: vec4<f32>, v: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(fma(w, vec4(v.x), sum[0]), fma(w, vec4(v.y), sum[1]),
        fma(w, vec4(v.z), sum[2]), fma(w, vec4(v.w), sum[3]));
}

/// Where a row of x begins in its plane.
struct Line {
    first: u32,
    inside: bool,
}

fn line(y: u32) -> Line {
    // A negative coordinate is a huge unsigned one, thus outside too.
    let inside = y < params.in_height;
    return Line(select(0u, y * params.in_width, inside), inside);
}

/// Where a pixel of the output grid lies in the output's planes; NOWHERE past the grid's edges.
fn position(row: u32, column: u32) -> u32 {
    let at = (row * params.out_step_y + params.out_origin_y) * params.out_width
        + column * params.out_step_x + params.out_origin_x;
    return select(NOWHERE, at, (row < params.rows) & (column < params.cols));
}

fn positions(row: u32, column: u32) -> vec4<u32> {
    return vec4(position(row, column), position(row, column + 1u), position(row, column + 2u), position(row, column + 3u));
}

/// Four output channels that are written.
struct Channels {
    first: u32,        // among those of all groups
    count: u32,        // of the four, those that there are; the rest is padding
    bias: vec4<f32>,
}

/// The four channels from `first` of a group.
fn channels(group: u32, first: u32) -> Channels {
    let count = params.out_channels - min(first, params.out_channels);
    let oc = group * params.out_channels + first;
    let at = min(vec4(oc) + vec4(0u, 1u, 2u, 3u), vec4(params.groups * params.out_channels - 1u));
    let i = select(vec4(0u), at, vec4(params.has_bias != 0u));
    let own = select(vec4(0.0), vec4(bias[i.x], bias[i.y], bias[i.z], bias[i.w]), vec4(params.has_bias != 0u));
    return Channels(oc, count, own);
}

fn store_one(value: f32, at: u32) {
    let to = params.out_offset + at;
    var sum = value;
    if (ACCUMULATE) {
        sum += out[to];
    }
    if (RECTIFIED) {
        sum = select(0.0, sum, rectifier[params.rectifier_offset + at] > 0.0);
    }
    out[to] = sum;
}

/// Stores the sums of four channels for one pixel.
fn store_pixel(sum: vec4<f32>, to: Channels, position: u32) {
    let plane = params.out_height * params.out_width;
    let relu = params.relu != 0u;
    let value = select(sum + to.bias, max(sum + to.bias, vec4(0.0)), vec4(relu));
    if (position != NOWHERE) {
        let at = to.first * plane + position;
        if (to.count > 0u) { store_one(value.x, at); }
        if (to.count > 1u) { store_one(value.y, at + plane); }
        if (to.count > 2u) { store_one(value.z, at + 2u * plane); }
        if (to.count > 3u) { store_one(value.w, at + 3u * plane); }
    }
}

/// Stores four channels of four pixels.
fn store(sum: mat4x4<f32>, to: Channels, positions: vec4<u32>) {
    store_pixel(sum[0], to, positions.x);
    store_pixel(sum[1], to, positions.y);
    store_pixel(sum[2], to, positions.z);
    store_pixel(sum[3], to, positions.w);
}
