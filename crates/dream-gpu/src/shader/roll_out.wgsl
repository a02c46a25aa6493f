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
    let rolled_x = i32(i - line * params.width) + step.shift_x;
    let rolled_y = i32(line - channel * params.height) + step.shift_y;
    let first_x = wrapped(rolled_x - step.origin_x, params.width);
    let first_y = wrapped(rolled_y - step.origin_y, params.height);
    // A tile larger than the image holds a pixel several times.
    var sum = 0.0;
    for (var y = first_y; y < params.tile_height; y += params.height) {
        let start = params.x_offset + (channel * params.tile_height + y) * params.tile_width;
        for (var x_in = first_x; x_in < params.tile_width; x_in += params.width) {
            sum += x[start + x_in];
        }
    }
    let scale = of_channel(channel, params.scale_0, params.scale_1, params.scale_2);
    var value = sum * scale;
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}
