// Local response normalisation of x: x · s^-beta.

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = flat_index(id, groups);
    if (index >= params.count) {
        return;
    }
    let at = place(index);
    if (FAR) {
        for (var channel = at.first; channel < min(at.first + RUN, params.channels); channel++) {
            store(at, channel, load_x(at, channel) * inverse_power(far_denominator(at, channel)));
        }
        return;
    }
    let first = at.first - 2u;
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
    store_own(at, 0u, Window(a, b, c, d, e));
    store_own(at, 1u, Window(b, c, d, e, f));
    store_own(at, 2u, Window(c, d, e, f, g));
    store_own(at, 3u, Window(d, e, f, g, h));
    store_own(at, 4u, Window(e, f, g, h, i));
    store_own(at, 5u, Window(f, g, h, i, j));
    store_own(at, 6u, Window(g, h, i, j, k));
    store_own(at, 7u, Window(h, i, j, k, l));
}

fn store_own(at: Place, n: u32, x: Window) {
    store(at, at.first + n, x.own * inverse_power(denominator(x)));
}

fn store(at: Place, channel: u32, value: Pack) {
    if (channel < params.channels) {
        let to = params.out_offset + element(at, channel);
        var sum = value;
        if (params.accumulate != 0u) {
            sum += out[to];
        }
        out[to] = sum;
    }
}
