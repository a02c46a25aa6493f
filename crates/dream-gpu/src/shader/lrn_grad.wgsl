// Gradient of LRN at x: dy · s^-beta − coupling · x · Σ dy · x · s^(-beta-1), the sum over the
// channels whose window holds this one. The terms of small windows are computed where they are summed
// up; those of larger ones, by lrn_terms.wgsl, are `terms`.

@group(0) @binding(4) var<storage, read> terms: array<f32>;
@group(0) @binding(5) var<storage, read> rectifier: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let at = place(i);
    if (FAR == 1u) {
        let all = load_all_x(at);
        let own = eight(all);
        let share = inverse_powers(denominators(at, all));
        let sums = sums_of_terms(at);
        store(at, Eight(load_four_dy(at, at.first) * share.low - params.coupling * own.low * sums.low,
            load_four_dy(at, at.first + 4u) * share.high - params.coupling * own.high * sums.high));
    } else {
        store(at, near_gradient(at));
    }
}

// The gradient where windows reach REACH channels at most: from sixteen channels of x.
fn near_gradient(at: Place) -> Eight {
    let first = at.first - REACH;
    let a = load_four_x(at, first - REACH);
    let b = load_four_x(at, at.first);
    let c = load_four_x(at, at.first + 4u);
    let d = load_four_x(at, at.first + 8u);
    // Everything of twelve channels from `first` on.
    let x = Twelve(vec4(a.zw, b.xy), vec4(b.zw, c.xy), vec4(c.zw, d.xy));
    let dy = Twelve(load_four_dy(at, first), load_four_dy(at, first + 4u), load_four_dy(at, first + 8u));
    let near = near_sums(Twelve(a * a, b * b, c * c), params.below, params.above);
    let far = near_sums(Twelve(b * b, c * c, d * d), params.below, params.above);
    let s = Twelve(params.bias + params.alpha * near.low, params.bias + params.alpha * near.high,
        params.bias + params.alpha * far.high);
    let share = Twelve(inverse_power_of_four(s.low), inverse_power_of_four(s.middle), inverse_power_of_four(s.high));
    // A channel is in the windows of those up to `above` before it and `below` behind it.
    let sums = near_sums(Twelve(dy.low * x.low * share.low / s.low, dy.middle * x.middle * share.middle / s.middle,
        dy.high * x.high * share.high / s.high), params.above, params.below);
    let own_dy = eight(dy);
    let own_share = eight(share);
    return Eight(own_dy.low * own_share.low - params.coupling * b * sums.low,
        own_dy.high * own_share.high - params.coupling * c * sums.high);
}

fn store_one(at: Place, n: u32, value: f32) {
    let channel = at.first + n;
    if (channel < params.channels) {
        store_rectified(value, element(at, channel));
    }
}

// Larger windows.
fn sums_of_terms(at: Place) -> Eight {
    var sums = Eight(vec4(0.0), vec4(0.0));
    for (var n = 0u; n < 8u; n++) {
        let channel = at.first + n;
        let end = min(channel + params.below + 1u, params.channels);
        var sum = 0.0;
        for (var c = channel - min(channel, params.above); c < end; c++) {
            sum += terms[c * params.plane + at.pixel];
        }
        sums = replaced(sums, n, sum);
    }
    return sums;
}
