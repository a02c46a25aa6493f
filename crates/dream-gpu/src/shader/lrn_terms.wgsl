// What each element contributes to its neighbours' LRN gradients: dy · x · s^(-beta-1). Written to
// scratch [channels, plane]; lrn_grad.wgsl reads it.

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let at = place(i);
    let all = load_all_x(at);
    let own = eight(all);
    let s = denominators(at, all);
    let share = inverse_powers(s);
    let low = load_four_dy(at, at.first) * own.low * share.low / s.low;
    let high = load_four_dy(at, at.first + 4u) * own.high * share.high / s.high;
    store(at, Eight(low, high));
}

fn store_one(at: Place, n: u32, value: f32) {
    let channel = at.first + n;
    if (channel < params.channels) {
        out[element(at, channel)] = value;
    }
}
