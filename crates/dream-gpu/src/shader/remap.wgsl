// One sparse linear map along each of two axes: x [outer, ·, middle, ·, inner] to out [outer,
// height, middle, width, inner]. `table` holds where the taps of each row of the first map begin
// (height + 1 words), those of the second (width + 1 words), then all taps: the step to the input
// position, in elements, and the bits of its weight.

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    height: u32,
    middle: u32,
    width: u32,
    inner: u32,
    outer_step: u32,
    middle_step: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> table: array<u32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let columns = i / params.inner;
    let middles = columns / params.width;
    let column = columns - middles * params.width;
    let rows = middles / params.middle;
    let outer = rows / params.height;
    let row = rows - outer * params.height;
    let start = params.x_offset + outer * params.outer_step
        + (middles - rows * params.middle) * params.middle_step
        + i - columns * params.inner;

    let end_x = table[params.height + column + 2u];
    let end_y = table[row + 1u];
    var value = 0.0;
    for (var tap_y = table[row]; tap_y < end_y; tap_y += 2u) {
        let line = start + table[tap_y];
        var sum = 0.0;
        for (var tap_x = table[params.height + column + 1u]; tap_x < end_x; tap_x += 2u) {
            sum += bitcast<f32>(table[tap_x + 1u]) * x[line + table[tap_x]];
        }
        value += bitcast<f32>(table[tap_y + 1u]) * sum;
    }
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}
