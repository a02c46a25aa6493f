// Gradient at the image [3, height, width] from that at a tile's network input
// [3, tile_height, tile_width]: where roll_in.wgsl took a pixel from, times the scale; 0 outside.

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
    let line = i / params.width;
    let channel = line / params.height;
    let pixel = vec2i(vec2u(i - line * params.width, line - channel * params.height));
    let moved = vec2i(step.shift_x - step.origin_x, step.shift_y - step.origin_y);
    var sum = 0.0;
    if (step.surface == SPHERE) {
        let size = vec2i(vec2u(params.width, params.height));
        let over = vec2i(pixel.x - size.x / 2, 2 * size.y - 1 - pixel.y);
        sum = seen(channel, moved + pixel, 2u) + seen(channel, moved + over, 2u);
    } else {
        sum = seen(channel, moved + pixel, 1u);
    }
    let scale = of_channel(channel, params.scale_0, params.scale_1, params.scale_2);
    var value = sum * scale;
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}

// What was seen at a place and at all others that lie whole images away, `images` of them downwards:
// a tile larger than the image holds a pixel several times.
fn seen(channel: u32, place: vec2i, images: u32) -> f32 {
    let down = images * params.height;
    let first_x = wrapped(place.x, params.width);
    var sum = 0.0;
    for (var y = wrapped(place.y, down); y < params.tile_height; y += down) {
        let start = params.x_offset + (channel * params.tile_height + y) * params.tile_width;
        for (var x_in = first_x; x_in < params.tile_width; x_in += params.width) {
            sum += x[start + x_in];
        }
    }
    return sum;
}
