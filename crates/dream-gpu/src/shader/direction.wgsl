// The gradient at x [channels, height, width] from what direction_terms.wgsl has found that d
// [channels, cells] and x count for.

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    d_offset: u32,
    channels: u32,
    height: u32,
    width: u32,
    image_height: u32,
    image_width: u32,
    stride_y: u32,
    stride_x: u32,
    cell_rows: u32,
    cell_columns: u32,
    power: f32,
    factor: f32,
    accumulate: u32,
}

struct Step {
    shift_x: i32,
    shift_y: i32,
    step_size: f32,
    smoothing: f32,
    origin_x: i32,
    origin_y: i32,
    first_x: u32,
    first_y: u32,
    end_x: u32,
    end_y: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> d: array<f32>;
@group(0) @binding(4) var<storage, read> terms: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let positions = params.height * params.width;
    let channel = i / positions;
    let position = i - channel * positions;
    let place = channel * params.cell_rows * params.cell_columns + cell_of(position);
    var value = terms[position] * d[params.d_offset + place]
        + terms[positions + position] * x[params.x_offset + i];
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}

// The cell of d that belongs to a position of the tile: the part of the image, before it was rolled,
// that the position sees.
fn cell_of(position: u32) -> u32 {
    let y = position / params.width;
    let pixel_y = step.origin_y + i32(y * params.stride_y) - step.shift_y;
    let pixel_x = step.origin_x + i32((position - y * params.width) * params.stride_x) - step.shift_x;
    let row = wrapped(pixel_y, params.image_height) * params.cell_rows / params.image_height;
    let column = wrapped(pixel_x, params.image_width) * params.cell_columns / params.image_width;
    return row * params.cell_columns + column;
}
