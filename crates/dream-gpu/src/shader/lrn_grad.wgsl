// Gradient of LRN at x: dy · s^-beta − coupling · x · Σ terms, the sum over the channels whose window
// holds this one; terms by lrn_terms.wgsl.

@group(0) @binding(4) var<storage, read> terms: array<f32>;
@group(0) @binding(5) var<storage, read> rectifier: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let at = place(i);
    let all = load_all_x(at);
    let own = eight(all);
    let share = inverse_powers(denominators(at, all));
    let sums = sums_of_terms(at);
    let low = load_dy(at, 0u) * share.low - params.coupling * own.low * sums.low;
    let high = load_dy(at, 4u) * share.high - params.coupling * own.high * sums.high;
    store(at, Eight(low, high));
}

fn store_one(at: Place, n: u32, value: f32) {
    let channel = at.first + n;
    if (channel < params.channels) {
        let place = element(at, channel);
        var sum = value;
        if (params.accumulate != 0u) {
            sum += out[params.out_offset + place];
        }
        if (params.rectified != 0u) {
            sum = select(0.0, sum, rectifier[params.rectifier_offset + place] > 0.0);
        }
        out[params.out_offset + place] = sum;
    }
}

fn load_term(at: Place, n: u32) -> f32 {
    let channel = at.first + n - REACH;
    return select(0.0, terms[element(at, channel)], channel < params.channels);
}

// A channel is in the windows of those up to `above` before it and `below` behind it.
fn sums_of_terms(at: Place) -> Eight {
    let all = Twelve(
        vec4(load_term(at, 0u), load_term(at, 1u), load_term(at, 2u), load_term(at, 3u)),
        vec4(load_term(at, 4u), load_term(at, 5u), load_term(at, 6u), load_term(at, 7u)),
        vec4(load_term(at, 8u), load_term(at, 9u), load_term(at, 10u), load_term(at, 11u)));
    var sums = near_sums(all, params.above, params.below);
    if (max(params.below, params.above) > REACH) {
        for (var n = 0u; n < 8u; n++) {
            let channel = at.first + n;
            let end = min(channel + params.below + 1u, params.channels);
            var sum = 0.0;
            for (var c = channel - min(channel, params.above); c < end; c++) {
                sum += terms[c * params.plane + at.pixel];
            }
            sums = replaced(sums, n, sum);
        }
    }
    return sums;
}
