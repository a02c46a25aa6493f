// Gaussian along one axis of x [outer, length, inner], cut off RADIUS positions from its middle and
// normalised. Its standard deviation is `factor` times the iteration's smoothing. The axis goes on
// as its surface does, or is reflected at a sheet's ends, which are not repeated.

const RADIUS = 4;

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    length: u32,
    inner: u32,
    factor: f32,
    surface: u32,
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
    let line = i / params.inner;
    let middle = i32(line % params.length);
    let column = i - line * params.inner;
    let start = params.x_offset + (line - u32(middle)) * params.inner;
    let deviation = max(params.factor * step.smoothing, 1e-3);
    var sum = 0.0;
    var weights = 0.0;
    for (var away = -RADIUS; away <= RADIUS; away++) {
        let at = f32(away) / deviation;
        let weight = exp(-0.5 * at * at);
        sum += weight * x[start + place(column, middle + away)];
        weights += weight;
    }
    var value = sum / weights;
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}

fn place(column: u32, at: i32) -> u32 {
    if (params.surface != SHEET) {
        let size = vec2u(params.inner, params.length);
        let seen = on_surface(vec2i(i32(column), at), size, params.surface);
        return seen.y * params.inner + seen.x;
    }
    let last = params.length - 1u;
    let there = wrapped(at, max(2u * last, 1u));
    return min(there, 2u * last - min(there, 2u * last)) * params.inner + column;
}
