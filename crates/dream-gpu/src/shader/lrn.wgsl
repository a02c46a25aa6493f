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
    store(at, values, params.out_offset, params.accumulate != 0u);
}
