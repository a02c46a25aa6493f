// Convolution as a register tile: 4*QUADS output channels x 8 pixels per invocation, no workgroup
// memory and no barriers. For software adapters, where a load costs as much as ten or more
// multiply-adds and a barrier several hundred: what counts is to use every loaded number often.
//
// out[oc, qy*step+origin, ..] = bias[oc] + sum over ic, ky, kx of
//     weight[oc, ic, ky, kx] * x[ic, qy*stride + ky*dilation - before, ..]     (f32, NCHW, N = 1)
//
// weight: [group][oc tile][ky][kx][ic][oc in tile], tile = 4*QUADS channels, padded with zeros.
// Dispatch: (ceil(rows*cols / (8*LANES)), groups * ceil(out_channels / (4*QUADS)), 1).

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
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;

const LANES: u32 = 8u;     // invocations of a workgroup
override QUADS: u32 = 4u;  // 1, 2 or 4: four output channels each

/// Where the windows of four pixels begin in x; the pixels lie LANES apart on the flattened output
/// grid. Those past the grid's end read something and store nothing.
struct Pixels {
    y: vec4<u32>,
    x: vec4<u32>,
}

/// Where one kernel tap reads x for four pixels.
struct Tap {
    index: vec4<u32>,
    inside: vec4<bool>,
}

fn pixels(first: u32) -> Pixels {
    let pixel = vec4(first) + LANES * vec4(0u, 1u, 2u, 3u);
    return Pixels(pixel / params.cols * params.stride_y - u32(params.before_y),
        pixel % params.cols * params.stride_x - u32(params.before_x));
}

fn tap(at: Pixels, ky: u32, kx: u32, first_plane: u32) -> Tap {
    // A negative coordinate is a huge unsigned one, thus outside too.
    let y = at.y + ky * params.dilation_y;
    let x = at.x + kx * params.dilation_x;
    let inside = (y < vec4(params.in_height)) & (x < vec4(params.in_width));
    return Tap(first_plane + select(vec4(0u), y * params.in_width + x, inside), inside);
}

fn load(at: Tap, plane: u32) -> vec4<f32> {
    let i = at.index + plane;
    return select(vec4(0.0), vec4(x[i.x], x[i.y], x[i.z], x[i.w]), at.inside);
}

/// sum + w vᵀ, each product rounded once with its sum.
fn add_outer(sum: mat4x4<f32>, w: vec4<f32>, v: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(fma(w, vec4(v.x), sum[0]), fma(w, vec4(v.y), sum[1]),
        fma(w, vec4(v.z), sum[2]), fma(w, vec4(v.w), sum[3]));
}

/// Stores one column of a tile: four channels of one pixel.
fn store_pixel(value: vec4<f32>, channel: u32, group: u32, pixel: u32) {
    if (pixel >= params.rows * params.cols) { return; }
    let row = pixel / params.cols;
    let column = pixel % params.cols;
    let plane = params.out_height * params.out_width;
    let position = (row * params.out_step_y + params.out_origin_y) * params.out_width
        + column * params.out_step_x + params.out_origin_x;
    for (var i = 0u; i < 4u; i++) {
        if (channel + i < params.out_channels) {
            let oc = group * params.out_channels + channel + i;
            let at = params.out_offset + oc * plane + position;
            let biased = value[i] + select(0.0, bias[select(0u, oc, params.has_bias != 0u)], params.has_bias != 0u);
            let y = select(biased, max(biased, 0.0), params.relu != 0u);
            out[at] = y + select(0.0, out[at], params.accumulate != 0u);
        }
    }
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tiles = (params.out_channels + 4u * QUADS - 1u) / (4u * QUADS);
    let group = workgroup.y / tiles;
    let channel = workgroup.y % tiles * (4u * QUADS);
    let near = pixels(workgroup.x * (8u * LANES) + lane);
    let far = pixels(workgroup.x * (8u * LANES) + 4u * LANES + lane);
    let in_plane = params.in_height * params.in_width;
    let first_plane = params.x_offset + group * params.in_channels * in_plane;

    // sumCP: channels 4C.., pixels near (P = 0) or far (P = 1).
    var sum00 = mat4x4<f32>(); var sum01 = mat4x4<f32>();
    var sum10 = mat4x4<f32>(); var sum11 = mat4x4<f32>();
    var sum20 = mat4x4<f32>(); var sum21 = mat4x4<f32>();
    var sum30 = mat4x4<f32>(); var sum31 = mat4x4<f32>();
    // The grid is one deep, so this adds nothing; but lavapipe compiles a loop that ends on params
    // alone anew for each of their values, seconds per dispatch.
    let kernel_h = params.kernel_h + workgroup.z;
    let kernel_w = params.kernel_w + workgroup.z;
    let in_channels = params.in_channels + workgroup.z;
    var next = workgroup.y * kernel_h * kernel_w * in_channels * QUADS;
    for (var ky = 0u; ky < kernel_h; ky++) {
        for (var kx = 0u; kx < kernel_w; kx++) {
            let near_tap = tap(near, ky, kx, first_plane);
            let far_tap = tap(far, ky, kx, first_plane);
            for (var ic = 0u; ic < in_channels; ic++) {
                let v0 = load(near_tap, ic * in_plane);
                let v1 = load(far_tap, ic * in_plane);
                let w0 = weight[next];
                sum00 = add_outer(sum00, w0, v0);
                sum01 = add_outer(sum01, w0, v1);
                if (QUADS > 1u) {
                    let w1 = weight[next + 1u];
                    sum10 = add_outer(sum10, w1, v0);
                    sum11 = add_outer(sum11, w1, v1);
                }
                if (QUADS > 2u) {
                    let w2 = weight[next + 2u];
                    sum20 = add_outer(sum20, w2, v0);
                    sum21 = add_outer(sum21, w2, v1);
                    let w3 = weight[next + 3u];
                    sum30 = add_outer(sum30, w3, v0);
                    sum31 = add_outer(sum31, w3, v1);
                }
                next += QUADS;
            }
        }
    }

    // Indexed in a loop: 32 stores written out would be much more code for llvmpipe to compile.
    var sums = array<mat4x4<f32>, 8>(sum00, sum01, sum10, sum11, sum20, sum21, sum30, sum31);
    for (var n = 0u; n < 8u * QUADS; n++) {
        let pixel = workgroup.x * (8u * LANES) + (n % 8u) * LANES + lane;
        store_pixel(sums[n / 4u][n % 4u], channel + n / 8u * 4u, group, pixel);
    }
}
