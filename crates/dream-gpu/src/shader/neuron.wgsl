// `value` at one channel of the position of a layer [channels, height, width] that sees a place of
// the image, if the tile owns it and the turned image shows it, and 0 elsewhere. A position stands
// at every `stride`th pixel of the rolled image; the whole layer has `rows` and `columns`, unless it
// lies on a sphere, whose rows are not rolled round.

struct Params {
    count: u32,
    out_offset: u32,
    channel: u32,
    height: u32,
    width: u32,
    image_height: u32,
    image_width: u32,
    rows: u32,
    columns: u32,
    stride_y: u32,
    stride_x: u32,
    place_y: u32,
    place_x: u32,
    value: f32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let image = vec2u(params.image_width, params.image_height);
    let place = vec2f(f32(params.place_x), f32(params.place_y));
    let seen = floor(inverse_turned(vec2f(step.cosine, step.sine), image, place) + 0.5);
    let in_sight = all(seen >= vec2f(0.0)) && all(seen < vec2f(image));
    let moved = vec2i(seen) + vec2i(step.shift_x, step.shift_y);
    let rolled_x = wrapped(moved.x, params.image_width);
    let rolled_y = wrapped(moved.y, params.image_height);
    let pixel_x = min(rolled_x / params.stride_x, params.columns - 1u) * params.stride_x;
    var pixel_y = min(rolled_y / params.stride_y, params.rows - 1u) * params.stride_y;
    if (step.surface == SPHERE) {
        pixel_y = u32(moved.y) / params.stride_y * params.stride_y;
    }
    let owned = in_sight && pixel_x >= step.first_x && pixel_x < step.end_x
        && pixel_y >= step.first_y && pixel_y < step.end_y;
    let row = (pixel_y - u32(step.origin_y)) / params.stride_y;
    let column = (pixel_x - u32(step.origin_x)) / params.stride_x;
    let inside = owned && row < params.height && column < params.width;
    let neuron = (params.channel * params.height + row) * params.width + column;
    for (var i = flat_index(id, groups); i < params.count; i += flat_count(groups)) {
        var value = select(0.0, params.value, inside && i == neuron);
        if (params.accumulate != 0u) {
            value += out[params.out_offset + i];
        }
        out[params.out_offset + i] = value;
    }
}
