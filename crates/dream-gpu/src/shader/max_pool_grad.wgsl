// Gradient of a max-pooling at x [channels, height, width]: sum of dy [channels, rows, columns]
// over the windows whose position, by max_pool_position.wgsl, is this one.

@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> position: array<u32>;

// Dispatch: an invocation for every four neighbours in two rows, which share the windows.

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    let per_line = quotient(params.width + 3u, 4u);
    let lines = (params.height + 1u) / 2u;
    let line = quotient(i, per_line);
    let channel = quotient(line, lines);
    let plane = params.height * params.width;
    if (channel * plane >= params.count) {
        return;
    }
    let top = 2u * (line - channel * lines);
    let left = 4u * (i - line * per_line);
    // Positions in the padded image, and the windows that reach any of the eight.
    let y = top + params.before_h;
    let x = left + params.before_w;
    let reach_h = (params.kernel_h - 1u) * params.dilation_h + 1u;
    let reach_w = (params.kernel_w - 1u) * params.dilation_w + 1u;
    let first_row = select(0u, quotient(max(y, reach_h) - reach_h, params.stride_h) + 1u, y >= reach_h);
    let first_column = select(0u, quotient(max(x, reach_w) - reach_w, params.stride_w) + 1u, x >= reach_w);
    let end_row = min(quotient(y + 1u, params.stride_h) + 1u, params.rows);
    let end_column = min(quotient(x + 3u, params.stride_w) + 1u, params.columns);
    let upper_place = vec4(top * params.width + left) + vec4(0u, 1u, 2u, 3u);
    let lower_place = upper_place + params.width;
    // What every round of the loops needs is read before them: software adapters pay for each time.
    let columns = params.columns;
    let first_window = channel * params.rows * columns;
    let first_dy = params.dy_offset;
    var upper = vec4(0.0);
    var lower = vec4(0.0);
    for (var row = first_row; row < end_row; row++) {
        let windows = first_window + row * columns;
        for (var column = first_column; column < end_column; column++) {
            let own = vec4(dy[first_dy + windows + column]);
            let place = vec4(position[windows + column]);
            upper += select(vec4(0.0), own, place == upper_place);
            lower += select(vec4(0.0), own, place == lower_place);
        }
    }
    let at = params.out_offset + channel * plane + top * params.width + left;
    store(upper, at, params.width - left);
    if (top + 1u < params.height) {
        store(lower, at + params.width, params.width - left);
    }
}

// Writes as many of four neighbours as there are.
fn store(values: vec4<f32>, first: u32, count: u32) {
    for (var n = 0u; n < min(4u, count); n++) {
        var sum = values[n];
        if (params.accumulate != 0u) {
            sum += out[first + n];
        }
        out[first + n] = sum;
    }
}
