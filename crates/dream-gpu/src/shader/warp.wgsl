// The image [3, height, width] turned about its middle, bilinear: `outside` lies beyond the edges of
// a sheet.

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    height: u32,
    width: u32,
    outside_0: f32,
    outside_1: f32,
    outside_2: f32,
    surface: u32,
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
    let pixel = vec2f(f32(i - line * params.width), f32(line - channel * params.height));
    let size = vec2u(params.width, params.height);
    let place = turned(vec2f(step.cosine, step.sine), size, pixel);
    let low = vec2i(floor(place));
    let high = place - floor(place);
    let upper = mix(level(channel, low), level(channel, low + vec2i(1, 0)), high.x);
    let lower = mix(level(channel, low + vec2i(0, 1)), level(channel, low + vec2i(1, 1)), high.x);
    out[params.out_offset + i] = mix(upper, lower, high.y);
}

fn level(channel: u32, at: vec2i) -> f32 {
    let inside = all(at >= vec2i(0)) && at.x < i32(params.width) && at.y < i32(params.height);
    if (!inside && params.surface == SHEET) {
        return of_channel(channel, params.outside_0, params.outside_1, params.outside_2);
    }
    let place = on_surface(at, vec2u(params.width, params.height), params.surface);
    return x[params.x_offset + (channel * params.height + place.y) * params.width + place.x];
}
