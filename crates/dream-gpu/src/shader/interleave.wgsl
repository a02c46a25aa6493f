// Puts the phases of a strided convolution's gradient together: out [channels, height, width] gets
// pixel (y / step_y, x / step_x) of plane `phase · channels + channel` of phases [.., rows, columns],
// the phase being (y % step_y, x % step_x).

struct Params {
    count: u32,
    out_offset: u32,
    channels: u32,
    height: u32,
    width: u32,
    rows: u32,
    columns: u32,
    step_y: u32,
    step_x: u32,
    accumulate: u32,
    rectified: u32,
    rectifier_offset: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> phases: array<f32>;
@group(0) @binding(3) var<storage, read> rectifier: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let line = quotient(i, params.width);
    let channel = quotient(line, params.height);
    let y = line - channel * params.height;
    let x = i - line * params.width;
    let row = quotient(y, params.step_y);
    let column = quotient(x, params.step_x);
    let phase = (y - row * params.step_y) * params.step_x + x - column * params.step_x;
    let plane = phase * params.channels + channel;
    store_rectified(phases[(plane * params.rows + row) * params.columns + column], i);
}
