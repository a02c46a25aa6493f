// What each element contributes to its neighbours' LRN gradients where windows reach far:
// dy · x · s^(-beta-1). Written to scratch [channels, plane]; lrn_grad.wgsl reads it.

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let at = place(i);
    for (var channel = at.first; channel < min(at.first + RUN, params.channels); channel++) {
        let s = far_denominator(at, channel);
        out[element(at, channel)] = load_dy(at, channel) * load_x(at, channel) * inverse_power(s) / s;
    }
}
