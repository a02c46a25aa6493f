// Local response normalisation of x [channels, plane]: x · s^-beta with s = bias + alpha · Σ x²
// over `below` channels before and `above` channels behind; alpha is already divided by their
// number.

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
@group(0) @binding(2) var<storage, read> x: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let s = denominator(i, quotient(i, params.plane));
    var value = x[params.x_offset + i] * inverse_power(s, params.beta);
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
