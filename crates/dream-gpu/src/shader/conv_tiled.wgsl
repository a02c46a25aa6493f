// Convolution as an implicit matrix product for real GPUs: a workgroup of 128 invocations makes
// 64 output channels x 64 pixels, each invocation 8 channels x 4 pixels. Steps of 16 along the
// reduction (ky, kx, ic) pass through workgroup memory: 64 x 16 weights and 16 x 64 gathered inputs
// (8 KiB).
//
// out[oc, qy*step+origin, ..] = bias[oc] + sum over ic, ky, kx of
//     weight[oc, ic, ky, kx] * x[ic, qy*stride + ky*dilation - before, ..]     (f32, NCHW, N = 1)
//
// weight: [group][oc tile][ky][kx][ic][oc in tile], tile = 64 channels, padded with zeros.
// Dispatch: (ceil(rows*cols / 64), groups * ceil(out_channels / 64), 1).

@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> rectifier: array<f32>;

const TILE: u32 = 64u;   // channels, and pixels, per workgroup
const QUADS: u32 = 16u;  // TILE / 4
const STEP: u32 = 16u;   // reduction per round
const LANES: u32 = 128u;

var<workgroup> weights: array<vec4<f32>, 256>;  // [STEP][QUADS]: four channels each
var<workgroup> inputs: array<f32, 1024>;        // [STEP][TILE]: one pixel each

fn store_pixel(low: vec4<f32>, high: vec4<f32>, channel: u32, group: u32, pixel: u32) {
    if (pixel >= params.rows * params.cols) { return; }
    let plane = params.out_height * params.out_width;
    let row = pixel / params.cols * params.out_step_y + params.out_origin_y;
    let column = pixel % params.cols * params.out_step_x + params.out_origin_x;
    let position = row * params.out_width + column;
    let values = array<vec4<f32>, 2>(low, high);
    for (var i = 0u; i < 8u; i++) {
        if (channel + i < params.out_channels) {
            let oc = group * params.out_channels + channel + i;
            var v = values[i / 4u][i % 4u];
            if (params.has_bias != 0u) { v += bias[oc]; }
            if (params.relu != 0u) { v = max(v, 0.0); }
            store_rectified(v, oc * plane + position);
        }
    }
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tiles = (params.out_channels + TILE - 1u) / TILE;
    let group = workgroup.y / tiles;
    let in_plane = params.in_height * params.in_width;
    let first_plane = params.x_offset + group * params.in_channels * in_plane;
    let depth = params.kernel_h * params.kernel_w * params.in_channels;
    let first_weight = workgroup.y * depth * QUADS;

    // For loading: one pixel, and every second row of a step, so that neighbours read neighbours.
    let load_pixel = workgroup.x * TILE + lane % TILE;
    let load_row = lane / TILE;
    let load_inside = load_pixel < params.rows * params.cols;
    let first_y = i32(load_pixel / params.cols * params.stride_y) - params.before_y;
    let first_x = i32(load_pixel % params.cols * params.stride_x) - params.before_x;
    // The reduction index of the next input to load, taken apart.
    var k = load_row;
    var ic = 0u;
    var kx = 0u;
    var ky = 0u;
    if (depth > 0u) {
        ic = k % params.in_channels;
        kx = k / params.in_channels % params.kernel_w;
        ky = k / (params.in_channels * params.kernel_w);
    }

    // For multiplying: channels 8*row .. 8*row+7, pixels column, column+16, +32, +48.
    let row = lane / 16u;
    let column = lane % 16u;
    var low = mat4x4<f32>();   // channels 0..3 x 4 pixels
    var high = mat4x4<f32>();  // channels 4..7 x 4 pixels

    for (var step = 0u; step < depth; step += STEP) {
        for (var i = 0u; i < 2u; i++) {
            let quad = lane + i * LANES;
            let at = step * QUADS + quad;
            weights[quad] = select(vec4(0.0), weight[first_weight + min(at, depth * QUADS - 1u)], at < depth * QUADS);
        }
        for (var i = 0u; i < STEP / 2u; i++) {
            // A negative coordinate becomes a huge unsigned one.
            let y = u32(first_y + i32(ky * params.dilation_y));
            let x_at = u32(first_x + i32(kx * params.dilation_x));
            var v = 0.0;
            if (load_inside && k < depth && y < params.in_height && x_at < params.in_width) {
                v = x[first_plane + ic * in_plane + y * params.in_width + x_at];
            }
            inputs[(load_row + 2u * i) * TILE + lane % TILE] = v;
            k += 2u;
            ic += 2u;
            while (ic >= params.in_channels) {
                ic -= params.in_channels;
                kx += 1u;
                if (kx == params.kernel_w) {
                    kx = 0u;
                    ky += 1u;
                }
            }
        }
        workgroupBarrier();
        for (var i = 0u; i < STEP; i++) {
            let w0 = weights[i * QUADS + 2u * row];
            let w1 = weights[i * QUADS + 2u * row + 1u];
            let at = i * TILE + column;
            let v = vec4(inputs[at], inputs[at + 16u], inputs[at + 32u], inputs[at + 48u]);
            low = low + mat4x4<f32>(w0 * v.x, w0 * v.y, w0 * v.z, w0 * v.w);
            high = high + mat4x4<f32>(w1 * v.x, w1 * v.y, w1 * v.z, w1 * v.w);
        }
        workgroupBarrier();
    }

    let channel = workgroup.y % tiles * TILE + 8u * row;
    let pixel = workgroup.x * TILE + column;
    store_pixel(low[0], high[0], channel, group, pixel);
    store_pixel(low[1], high[1], channel, group, pixel + 16u);
    store_pixel(low[2], high[2], channel, group, pixel + 32u);
    store_pixel(low[3], high[3], channel, group, pixel + 48u);
}
