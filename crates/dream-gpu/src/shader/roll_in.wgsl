// Network input [3, tile_height, tile_width]: the tile's window of the image [3, height, width],
// which is rolled by the iteration's shift on its surface; (level − mean) · scale.

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    height: u32,
    width: u32,
    tile_height: u32,
    tile_width: u32,
    mean_0: f32,
    mean_1: f32,
    mean_2: f32,
    scale_0: f32,
    scale_1: f32,
    scale_2: f32,
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
    let line = i / params.tile_width;
    let channel = line / params.tile_height;
    let at = vec2i(vec2u(i - line * params.tile_width, line - channel * params.tile_height));
    let place = at + vec2i(step.origin_x - step.shift_x, step.origin_y - step.shift_y);
    let seen = on_surface(place, vec2u(params.width, params.height), step.surface);
    let level = x[params.x_offset + (channel * params.height + seen.y) * params.width + seen.x];
    let mean = of_channel(channel, params.mean_0, params.mean_1, params.mean_2);
    let scale = of_channel(channel, params.scale_0, params.scale_1, params.scale_2);
    var value = (level - mean) * scale;
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}
