// Gradient of LRN at x: dy · s^-beta − coupling · x · Σ dy · x · s^(-beta-1), the sum over the
// channels whose window holds this one: those up to `above` before it and `below` behind it. The terms
// of small windows are computed where they are summed up; those of larger ones, by lrn_terms.wgsl, are
// `terms`.

@group(0) @binding(4) var<storage, read> terms: array<Pack>;
@group(0) @binding(5) var<storage, read> rectifier: array<Pack>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = flat_index(id, groups);
    if (index >= params.count) {
        return;
    }
    let at = place(index);
    if (FAR) {
        for (var channel = at.first; channel < min(at.first + RUN, params.channels); channel++) {
            let direct = load_dy(at, channel) * inverse_power(far_denominator(at, channel));
            store_rectified(direct - params.coupling * load_x(at, channel) * sum_of_terms(at, channel), element(at, channel));
        }
        return;
    }
    // x of sixteen channels, the shares of twelve, and eight gradients.
    let first = at.first - 4u;
    let a = load_x(at, first);
    let b = load_x(at, first + 1u);
    let c = load_x(at, first + 2u);
    let d = load_x(at, first + 3u);
    let e = load_x(at, first + 4u);
    let f = load_x(at, first + 5u);
    let g = load_x(at, first + 6u);
    let h = load_x(at, first + 7u);
    let i = load_x(at, first + 8u);
    let j = load_x(at, first + 9u);
    let k = load_x(at, first + 10u);
    let l = load_x(at, first + 11u);
    let m = load_x(at, first + 12u);
    let n = load_x(at, first + 13u);
    let o = load_x(at, first + 14u);
    let p = load_x(at, first + 15u);
    let s0 = share(at, first + 2u, Window(a, b, c, d, e));
    let s1 = share(at, first + 3u, Window(b, c, d, e, f));
    let s2 = share(at, first + 4u, Window(c, d, e, f, g));
    let s3 = share(at, first + 5u, Window(d, e, f, g, h));
    let s4 = share(at, first + 6u, Window(e, f, g, h, i));
    let s5 = share(at, first + 7u, Window(f, g, h, i, j));
    let s6 = share(at, first + 8u, Window(g, h, i, j, k));
    let s7 = share(at, first + 9u, Window(h, i, j, k, l));
    let s8 = share(at, first + 10u, Window(i, j, k, l, m));
    let s9 = share(at, first + 11u, Window(j, k, l, m, n));
    let s10 = share(at, first + 12u, Window(k, l, m, n, o));
    let s11 = share(at, first + 13u, Window(l, m, n, o, p));
    store(at, 0u, e, s2.direct, Window(s0.indirect, s1.indirect, s2.indirect, s3.indirect, s4.indirect));
    store(at, 1u, f, s3.direct, Window(s1.indirect, s2.indirect, s3.indirect, s4.indirect, s5.indirect));
    store(at, 2u, g, s4.direct, Window(s2.indirect, s3.indirect, s4.indirect, s5.indirect, s6.indirect));
    store(at, 3u, h, s5.direct, Window(s3.indirect, s4.indirect, s5.indirect, s6.indirect, s7.indirect));
    store(at, 4u, i, s6.direct, Window(s4.indirect, s5.indirect, s6.indirect, s7.indirect, s8.indirect));
    store(at, 5u, j, s7.direct, Window(s5.indirect, s6.indirect, s7.indirect, s8.indirect, s9.indirect));
    store(at, 6u, k, s8.direct, Window(s6.indirect, s7.indirect, s8.indirect, s9.indirect, s10.indirect));
    store(at, 7u, l, s9.direct, Window(s7.indirect, s8.indirect, s9.indirect, s10.indirect, s11.indirect));
}

// What a channel's dy gives to its own gradient, and what to those of its window, before `coupling`.
struct Share {
    direct: Pack,
    indirect: Pack,
}

fn share(at: Place, channel: u32, x: Window) -> Share {
    let s = denominator(x);
    let direct = load_dy(at, channel) * inverse_power(s);
    return Share(direct, direct * x.own / s);
}

fn store(at: Place, n: u32, x: Pack, direct: Pack, indirect: Window) {
    let channel = at.first + n;
    if (channel < params.channels) {
        let sum = sum_of(indirect, params.above, params.below);
        store_rectified(direct - params.coupling * x * sum, element(at, channel));
    }
}

fn sum_of_terms(at: Place, channel: u32) -> Pack {
    let end = min(channel + params.below + 1u, params.channels);
    var sum = Pack(0.0);
    for (var c = channel - min(channel, params.above); c < end; c++) {
        sum += terms[c * params.plane + at.pack];
    }
    return sum;
}
