// What local response normalisation and its gradient share: their uniform, and the denominators
// s = bias + alpha · Σ x², the sum over `below` channels before and `above` channels behind each
// channel of x [channels, plane]; alpha is already divided by their number. Stands before lrn.wgsl,
// lrn_terms.wgsl and lrn_grad.wgsl.
//
// Dispatch: an invocation for every eight channels of a pixel, which share what they load.

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
    rectified: u32,
    rectifier_offset: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;

// Channels to either side of eight that are loaded with them.
const REACH = 2u;
// 1: windows may reach further.
override FAR: u32 = 0u;

// Eight channels of a pixel.
struct Place {
    pixel: u32,
    first: u32,
}

// A value for each of eight channels.
struct Eight {
    low: vec4<f32>,
    high: vec4<f32>,
}

// A value for each of eight channels and the two on either side of them.
struct Twelve {
    low: vec4<f32>,
    middle: vec4<f32>,
    high: vec4<f32>,
}

fn place(i: u32) -> Place {
    let eighth = quotient(i, params.plane);
    return Place(i - eighth * params.plane, 8u * eighth);
}

// Element of a channel in [channels, plane]; the first one's where there is no such channel.
fn element(at: Place, channel: u32) -> u32 {
    return select(0u, channel, channel < params.channels) * params.plane + at.pixel;
}

fn load_x(at: Place, channel: u32) -> f32 {
    // A negative channel is a huge one, thus outside too.
    return select(0.0, x[params.x_offset + element(at, channel)], channel < params.channels);
}

// Four channels; of those that are not there, zeros.
fn load_four_x(at: Place, channel: u32) -> vec4<f32> {
    return vec4(load_x(at, channel), load_x(at, channel + 1u), load_x(at, channel + 2u), load_x(at, channel + 3u));
}

fn load_all_x(at: Place) -> Twelve {
    let first = at.first - REACH;
    return Twelve(load_four_x(at, first), load_four_x(at, first + 4u), load_four_x(at, first + 8u));
}

// The eight in the middle.
fn eight(v: Twelve) -> Eight {
    return Eight(vec4(v.low.zw, v.middle.xy), vec4(v.middle.zw, v.high.xy));
}

// Sums over so many channels before and behind each of the eight, at most REACH.
fn near_sums(v: Twelve, before: u32, behind: u32) -> Eight {
    let own = eight(v);
    let zero = vec4(0.0);
    let near = behind >= 1u;
    let far = behind >= 2u;
    let low = select(zero, v.low, before >= 2u) + select(zero, vec4(v.low.yzw, v.middle.x), before >= 1u);
    let high = select(zero, v.middle, before >= 2u) + select(zero, vec4(v.middle.yzw, v.high.x), before >= 1u);
    return Eight(
        low + own.low + select(zero, vec4(v.low.w, v.middle.xyz), near) + select(zero, v.middle, far),
        high + own.high + select(zero, vec4(v.middle.w, v.high.xyz), near) + select(zero, v.high, far));
}

fn denominators(at: Place, v: Twelve) -> Eight {
    var sums = near_sums(Twelve(v.low * v.low, v.middle * v.middle, v.high * v.high), params.below, params.above);
    if (FAR == 1u) {
        for (var n = 0u; n < 8u; n++) {
            let channel = at.first + n;
            let end = min(channel + params.above + 1u, params.channels);
            var sum = 0.0;
            for (var c = channel - min(channel, params.below); c < end; c++) {
                let value = x[params.x_offset + c * params.plane + at.pixel];
                sum += value * value;
            }
            sums = replaced(sums, n, sum);
        }
    }
    return Eight(params.bias + params.alpha * sums.low, params.bias + params.alpha * sums.high);
}

fn replaced(values: Eight, n: u32, value: f32) -> Eight {
    let here = vec4(n) == vec4(0u, 1u, 2u, 3u);
    let there = vec4(n) == vec4(4u, 5u, 6u, 7u);
    return Eight(select(values.low, vec4(value), here), select(values.high, vec4(value), there));
}

fn inverse_powers(s: Eight) -> Eight {
    return Eight(inverse_power_of_four(s.low), inverse_power_of_four(s.high));
}

fn inverse_power_of_four(s: vec4<f32>) -> vec4<f32> {
    return vec4(inverse_power(s.x, params.beta), inverse_power(s.y, params.beta),
        inverse_power(s.z, params.beta), inverse_power(s.w, params.beta));
}

// Writes the eight channels, those that there are.
fn store(at: Place, values: Eight) {
    store_four(at, 0u, values.low);
    store_four(at, 4u, values.high);
}

fn store_four(at: Place, n: u32, values: vec4<f32>) {
    store_one(at, n, values.x);
    store_one(at, n + 1u, values.y);
    store_one(at, n + 2u, values.z);
    store_one(at, n + 3u, values.w);
}
