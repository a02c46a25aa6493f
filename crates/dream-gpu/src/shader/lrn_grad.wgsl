// Gradient of LRN at x [channels, plane]: dy · s^-beta − coupling · x · Σ terms, the sum over the
// channels whose window holds this one; s as in lrn.wgsl, terms by lrn_terms.wgsl.

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    dy_offset: u32,
    channels: u32,
    plane: u32,
    below: u32,
    above: u32,
    bias: f32,
    alpha: f32,
    beta: f32,
    coupling: f32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> terms: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let channel = quotient(i, params.plane);
    let first = channel - min(channel, params.above);
    let end = min(channel + params.below + 1u, params.channels);
    let plane = params.plane;
    var place = i - (channel - first) * plane;
    var sum = 0.0;
    for (var neighbour = first; neighbour < end; neighbour++) {
        sum += terms[place];
        place += plane;
    }
    let direct = dy[params.dy_offset + i] * inverse_power(denominator(i, channel), params.beta);
    var value = direct - params.coupling * x[params.x_offset + i] * sum;
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}

// `bias + alpha · Σ x²` over the channels of the window around element `i`.
fn denominator(i: u32, channel: u32) -> f32 {
    let first = channel - min(channel, params.below);
    let end = min(channel + params.above + 1u, params.channels);
    var place = params.x_offset + i - (channel - first) * params.plane;
    let plane = params.plane;
    var sum = 0.0;
    for (var neighbour = first; neighbour < end; neighbour++) {
        let value = x[place];
        sum += value * value;
        place += plane;
    }
    return params.bias + params.alpha * sum;
}
