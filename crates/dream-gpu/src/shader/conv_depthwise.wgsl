// Convolution with few output channels per group (depthwise and its gradient): one output channel
// x 4 pixels per invocation. Nothing is shared between groups, so there is no tile to build.
//
// out[oc, qy*step+origin, ..] = bias[oc] + sum over ic, ky, kx of
//     weight[oc, ic, ky, kx] * x[ic, qy*stride + ky*dilation - before, ..]     (f32, NCHW, N = 1)
//
// weight: [group * oc][ky][kx][ic].
// Dispatch: (ceil(rows*cols / 256), groups * out_channels, 1).

@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> rectifier: array<f32>;

fn store(value: f32, oc: u32, pixel: u32) {
    if (pixel >= params.rows * params.cols) { return; }
    let row = pixel / params.cols * params.out_step_y + params.out_origin_y;
    let column = pixel % params.cols * params.out_step_x + params.out_origin_x;
    var v = value;
    if (params.has_bias != 0u) { v += bias[oc]; }
    if (params.relu != 0u) { v = max(v, 0.0); }
    store_rectified(v, (oc * params.out_height + row) * params.out_width + column);
}

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let oc = workgroup.y;
    let in_plane = params.in_height * params.in_width;
    let first_plane = params.x_offset + oc / params.out_channels * params.in_channels * in_plane;
    let pixel = vec4(workgroup.x * (4u * INVOCATIONS) + lane) + INVOCATIONS * vec4(0u, 1u, 2u, 3u);
    let first_y = vec4<i32>(pixel / params.cols * params.stride_y) - params.before_y;
    let first_x = vec4<i32>(pixel % params.cols * params.stride_x) - params.before_x;

    var sum = vec4(0.0);
    for (var ky = 0u; ky < params.kernel_h; ky++) {
        for (var kx = 0u; kx < params.kernel_w; kx++) {
            let y = vec4<u32>(first_y + i32(ky * params.dilation_y));
            let x_at = vec4<u32>(first_x + i32(kx * params.dilation_x));
            // A negative coordinate has become a huge one.
            let inside = (y < vec4(params.in_height)) & (x_at < vec4(params.in_width));
            var i = first_plane + select(vec4(0u), y * params.in_width + x_at, inside);
            var w = ((oc * params.kernel_h + ky) * params.kernel_w + kx) * params.in_channels;
            for (var ic = 0u; ic < params.in_channels; ic++) {
                sum += weight[w] * select(vec4(0.0), vec4(x[i.x], x[i.y], x[i.z], x[i.w]), inside);
                i += in_plane;
                w++;
            }
        }
    }

    store(sum.x, oc, pixel.x);
    store(sum.y, oc, pixel.y);
    store(sum.z, oc, pixel.z);
    store(sum.w, oc, pixel.w);
}
