// Largest value of each window: x [channels, height, width] to out [channels, rows, columns].

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
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let line = quotient(i, params.columns);
    let channel = quotient(line, params.rows);
    // Positions before the image wrap to large numbers and fail the test for its end.
    let top = (line - channel * params.rows) * params.stride_h - params.before_h;
    let left = (i - line * params.columns) * params.stride_w - params.before_w;
    let plane = params.x_offset + channel * params.height * params.width;
    // What every round of the loops needs is read before them: software adapters pay for each time.
    let kernel = vec2(params.kernel_w, params.kernel_h);
    let dilation = vec2(params.dilation_w, params.dilation_h);
    let size = vec2(params.width, params.height);
    var value = LOWEST;
    for (var ky = 0u; ky < kernel.y; ky++) {
        let from_y = top + ky * dilation.y;
        if (from_y >= size.y) {
            continue;
        }
        for (var kx = 0u; kx < kernel.x; kx++) {
            let from_x = left + kx * dilation.x;
            if (from_x < size.x) {
                value = max(value, x[plane + from_y * size.x + from_x]);
            }
        }
    }
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}
