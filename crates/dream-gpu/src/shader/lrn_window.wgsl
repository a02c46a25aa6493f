// What local response normalisation and its gradient share: their uniform, and the denominators
// s = bias + alpha · Σ x², the sum over `below` channels before and `above` channels behind each
// channel of x [channels, plane]; alpha is already divided by their number. Stands before lrn.wgsl,
// lrn_terms.wgsl and lrn_grad.wgsl. Planes and offsets count packs of pixels.
//
// Dispatch: an invocation for every eight channels of a pack, which share what they load.

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
@group(0) @binding(1) var<storage, read_write> out: array<Pack>;
@group(0) @binding(2) var<storage, read> x: array<Pack>;

const RUN = 8u;  // channels of an invocation
// Whether windows may reach further than two channels to either side.
override FAR: bool = false;

// Eight channels of a pack.
struct Place {
    pack: u32,
    first: u32,
}

// Values of a channel and of its neighbours.
struct Window {
    far_before: Pack,
    before: Pack,
    own: Pack,
    behind: Pack,
    far_behind: Pack,
}

fn place(i: u32) -> Place {
    let run = quotient(i, params.plane);
    return Place(i - run * params.plane, RUN * run);
}

// Element of a channel in [channels, plane]; the first one's where there is no such channel.
fn element(at: Place, channel: u32) -> u32 {
    return select(0u, channel, channel < params.channels) * params.plane + at.pack;
}

// Zero where there is no such channel; a negative one is a huge one.
fn load_x(at: Place, channel: u32) -> Pack {
    return select(Pack(0.0), x[params.x_offset + element(at, channel)], channel < params.channels);
}

// Sum over so many channels before and behind the window's own, at most two.
fn sum_of(w: Window, before: u32, behind: u32) -> Pack {
    let zero = Pack(0.0);
    return select(zero, w.far_before, before >= 2u) + select(zero, w.before, before >= 1u) + w.own
        + select(zero, w.behind, behind >= 1u) + select(zero, w.far_behind, behind >= 2u);
}

fn denominator(w: Window) -> Pack {
    let squares = Window(w.far_before * w.far_before, w.before * w.before, w.own * w.own, w.behind * w.behind,
        w.far_behind * w.far_behind);
    return params.bias + params.alpha * sum_of(squares, params.below, params.above);
}

// The denominator of a channel whose window may reach further.
fn far_denominator(at: Place, channel: u32) -> Pack {
    let end = min(channel + params.above + 1u, params.channels);
    var sum = Pack(0.0);
    for (var c = channel - min(channel, params.below); c < end; c++) {
        let value = x[params.x_offset + c * params.plane + at.pack];
        sum += value * value;
    }
    return params.bias + params.alpha * sum;
}

// s^-beta for s > 0; the exponents that networks use go by square roots, which devices may round
// loosely, and one step of Newton's method.
fn inverse_power(s: Pack) -> Pack {
    let one = Pack(1.0);
    if (params.beta == 0.75) {
        let root = sqrt(s);
        let y = one / (root * sqrt(root));
        let quarter = y * s;
        return fma(0.25 * y, fma(-quarter * quarter * quarter, y, one), y);
    }
    if (params.beta == 0.5) {
        let y = one / sqrt(s);
        return fma(0.5 * y, fma(-y * y, s, one), y);
    }
    return pow(s, Pack(-params.beta));
}
