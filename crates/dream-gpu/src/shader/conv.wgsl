// Convolution as a register tile: 8*OCTETS output channels x 8 pixels per invocation, TOGETHER
// input channels at a time, no workgroup memory and no barriers. For software adapters, where a load costs
// as much as tens of multiply-adds and a barrier several hundred: what counts is to use every loaded
// number often.
//
// out[oc, qy*step+origin, ..] = bias[oc] + sum over ic, ky, kx of
//     weight[oc, ic, ky, kx] * x[ic, qy*stride + ky*dilation - before, ..]     (f32, NCHW, N = 1)
//
// weight: [group][oc tile][ky][kx][ic][oc in tile], tile = 8*OCTETS channels, padded with zeros.
// Dispatch: (ceil(rows*cols / (8*LANES)), groups * ceil(out_channels / (8*OCTETS)), 1).

@group(0) @binding(2) var<storage, read> x: array<f32>;

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
    let n = params.cols;
    let row = vec4(quotient(pixel.x, n), quotient(pixel.y, n), quotient(pixel.z, n), quotient(pixel.w, n));
    return Pixels(row * params.stride_y - u32(params.before_y),
        (pixel - row * n) * params.stride_x - u32(params.before_x));
}

fn tap(at: Pixels, ky: u32, kx: u32, first_plane: u32) -> Tap {
    // A negative coordinate is a huge unsigned one, thus outside too.
    let y = at.y + ky * params.dilation_y;
    let x = at.x + kx * params.dilation_x;
    let inside = (y < vec4(params.in_height)) & (x < vec4(params.in_width));
    return Tap(first_plane + select(vec4(0u), y * params.in_width + x, inside), inside);
}

fn load(at: Tap, plane: u32, wanted: bool) -> vec4<f32> {
    let i = at.index + plane;
    return select(vec4(0.0), vec4(x[i.x], x[i.y], x[i.z], x[i.w]), at.inside & vec4(wanted));
}

/// TOGETHER channels from `ic` on; behind the last one there are zeros, whatever their weights are.
fn load_channels(at: Tap, plane: u32, ic: u32, in_channels: u32) -> mat4x4<f32> {
    let first = ic * plane;
    var values = mat4x4<f32>();
    values[0] = load(at, first, true);
    values[1] = load(at, first + plane, ic + 1u < in_channels);
    if (TOGETHER == 4u) {
        values[2] = load(at, first + 2u * plane, ic + 2u < in_channels);
        values[3] = load(at, first + 3u * plane, ic + 3u < in_channels);
    }
    return values;
}

/// Where a pixel of the flattened output grid lies in the output's planes; NOWHERE past the grid's end.
fn position_of(pixel: u32) -> u32 {
    let row = quotient(pixel, params.cols);
    return position(row, pixel - row * params.cols);
}

/// Stores all tiles, the first of which begins with `channel` of its group.
fn store_tiles(sum: Tiles, group: u32, channel: u32, near: vec4<u32>, far: vec4<u32>) {
    store_tile(sum.t0, group, channel, near, far);
    if (OCTETS > 1u) {
        store_tile(sum.t1, group, channel + 8u, near, far);
    }
    if (OCTETS > 2u) {
        store_tile(sum.t2, group, channel + 16u, near, far);
        store_tile(sum.t3, group, channel + 24u, near, far);
    }
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tiles = (params.out_channels + 8u * OCTETS - 1u) / (8u * OCTETS);
    let group = workgroup.y / tiles;
    let channel = workgroup.y % tiles * (8u * OCTETS);
    let first = workgroup.x * (8u * LANES) + lane;
    let near = pixels(first);
    let far = pixels(first + 4u * LANES);
    let in_plane = params.in_height * params.in_width;
    let first_plane = params.x_offset + group * params.in_channels * in_plane;

    var sum = Tiles();
    // Not params alone: see conv_software.wgsl.
    let kernel_h = params.kernel_h + workgroup.z;
    let kernel_w = params.kernel_w + workgroup.z;
    let in_channels = params.in_channels + workgroup.z;
    for (var ky = 0u; ky < kernel_h; ky++) {
        for (var kx = 0u; kx < kernel_w; kx++) {
            let near_tap = tap(near, ky, kx, first_plane);
            let far_tap = tap(far, ky, kx, first_plane);
            let first_row = ((workgroup.y * kernel_h + ky) * kernel_w + kx) * in_channels;
            for (var ic = 0u; ic < in_channels; ic += TOGETHER) {
                let v = Values(load_channels(near_tap, in_plane, ic, in_channels), load_channels(far_tap, in_plane, ic, in_channels));
                sum = add_channels(sum, (first_row + ic) * OCTETS, lane, v);
            }
        }
    }

    let step = 4u * LANES;
    let near_positions = vec4(position_of(first), position_of(first + LANES), position_of(first + 2u * LANES), position_of(first + 3u * LANES));
    let far_positions = vec4(position_of(first + step), position_of(first + step + LANES),
        position_of(first + step + 2u * LANES), position_of(first + step + 3u * LANES));
    store_tiles(sum, group, channel, near_positions, far_positions);
}
