// Local response normalisation of x: x · s^-beta.

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
    let values = Eight(own.low * share.low, own.high * share.high);
    store(at, values);
}

fn store_one(at: Place, n: u32, value: f32) {
    let channel = at.first + n;
    if (channel < params.channels) {
        let to = params.out_offset + element(at, channel);
        var sum = value;
        if (params.accumulate != 0u) {
            sum += out[to];
        }
        out[to] = sum;
    }
}
