// x [channels, height, width] times the cell of a mask, laid over the image, that each position
// sees.

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    mask_offset: u32,
    height: u32,
    width: u32,
    image_height: u32,
    image_width: u32,
    stride_y: u32,
    stride_x: u32,
    cell_rows: u32,
    cell_columns: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let line = i / params.width;
    let at = vec2u(i - line * params.width, line % params.height);
    let stride = vec2u(params.stride_x, params.stride_y);
    let image = vec2u(params.image_width, params.image_height);
    let cell = cell_of(step, at, stride, image, vec2u(params.cell_columns, params.cell_rows));
    var value = x[params.x_offset + i] * mask[params.mask_offset + cell];
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}
