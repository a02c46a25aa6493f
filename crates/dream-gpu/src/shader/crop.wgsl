// The gradient x [channels, height, width] at the positions of a layer that the tile owns, 0 at the
// others. A position stands at every `stride`th pixel of the rolled image from the tile's first on.

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    height: u32,
    width: u32,
    stride_y: u32,
    stride_x: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let line = i / params.width;
    // What lies before the image is as far behind it as can be.
    let pixel_x = u32(step.origin_x) + (i - line * params.width) * params.stride_x;
    let pixel_y = u32(step.origin_y) + (line % params.height) * params.stride_y;
    let owned = pixel_x >= step.first_x && pixel_x < step.end_x
        && pixel_y >= step.first_y && pixel_y < step.end_y;
    var value = select(0.0, x[params.x_offset + i], owned);
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}
