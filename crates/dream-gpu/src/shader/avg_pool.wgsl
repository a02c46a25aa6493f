// Mean of each window: x [channels, height, width] to out [channels, rows, columns]. `shares` holds
// what a window's sum is multiplied by, [rows, columns].

@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> shares: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let line = i / params.columns;
    let channel = line / params.rows;
    // Positions before the image wrap to large numbers and fail the test for its end.
    let top = (line - channel * params.rows) * params.stride_h - params.before_h;
    let left = (i - line * params.columns) * params.stride_w - params.before_w;
    let plane = params.x_offset + channel * params.height * params.width;
    var value = 0.0;
    for (var ky = 0u; ky < params.kernel_h; ky++) {
        let from_y = top + ky * params.dilation_h;
        if (from_y >= params.height) {
            continue;
        }
        for (var kx = 0u; kx < params.kernel_w; kx++) {
            let from_x = left + kx * params.dilation_w;
            if (from_x < params.width) {
                value += x[plane + from_y * params.width + from_x];
            }
        }
    }
    value *= shares[i - channel * params.rows * params.columns];
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}
