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
    let place = channel * params.cell_rows * params.cell_columns + seen_by(position);
    var value = terms[position] * d[params.d_offset + place]
        + terms[positions + position] * x[params.x_offset + i];
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}

// The cell of d that a position of the tile sees.
fn seen_by(position: u32) -> u32 {
    let at = vec2u(position % params.width, position / params.width);
    let stride = vec2u(params.stride_x, params.stride_y);
    let image = vec2u(params.image_width, params.image_height);
    return cell_of(step, at, stride, image, vec2u(params.cell_columns, params.cell_rows));
}
