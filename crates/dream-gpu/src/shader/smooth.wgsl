// Gaussian along one axis of x [outer, length, inner], cut off RADIUS positions from its middle and
// normalised. Its standard deviation is `factor` times the iteration's smoothing. The axis is a
// circle, or reflected at its ends, which are not repeated.

const RADIUS = 4;

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    length: u32,
    inner: u32,
    factor: f32,
    wrap: u32,
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
    let start = params.x_offset + i - u32(middle) * params.inner;
    let deviation = max(params.factor * step.smoothing, 1e-3);
    var sum = 0.0;
    var weights = 0.0;
    for (var away = -RADIUS; away <= RADIUS; away++) {
        let at = f32(away) / deviation;
        let weight = exp(-0.5 * at * at);
        sum += weight * x[start + place(middle + away) * params.inner];
        weights += weight;
    }
    var value = sum / weights;
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}

fn place(at: i32) -> u32 {
    if (params.wrap != 0u) {
        return wrapped(at, params.length);
    }
    let last = params.length - 1u;
    let there = wrapped(at, max(2u * last, 1u));
    return min(there, 2u * last - min(there, 2u * last));
}
