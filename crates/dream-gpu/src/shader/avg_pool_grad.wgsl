// Gradient of a mean-pooling at x [channels, height, width]: sum of dy [channels, rows, columns]
// times its window's share [rows, columns] over the windows that cover this position.

@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> shares: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let line = i / params.width;
    let channel = line / params.height;
    // Position in the padded image, and the windows that reach it.
    let y = line - channel * params.height + params.before_h;
    let x = i - line * params.width + params.before_w;
    let reach_h = (params.kernel_h - 1u) * params.dilation_h + 1u;
    let reach_w = (params.kernel_w - 1u) * params.dilation_w + 1u;
    let first_row = select(0u, (y - reach_h) / params.stride_h + 1u, y >= reach_h);
    let first_column = select(0u, (x - reach_w) / params.stride_w + 1u, x >= reach_w);
    let end_row = min(y / params.stride_h + 1u, params.rows);
    let end_column = min(x / params.stride_w + 1u, params.columns);
    let dilated = params.dilation_h > 1u || params.dilation_w > 1u;
    var value = 0.0;
    for (var row = first_row; row < end_row; row++) {
        for (var column = first_column; column < end_column; column++) {
            if (dilated) {
                // A dilated window may step over this position.
                let rest_y = (y - row * params.stride_h) % params.dilation_h;
                let rest_x = (x - column * params.stride_w) % params.dilation_w;
                if (rest_y + rest_x > 0u) {
                    continue;
                }
            }
            let window = row * params.columns + column;
            let place = params.dy_offset + channel * params.rows * params.columns + window;
            value += dy[place] * shares[window];
        }
    }
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}
