// Max-pooling: the largest element of every window, [channels, rows, columns].

@group(0) @binding(1) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let own = windows(flat_index(id, groups));
    if (own.count == 0u) {
        return;
    }
    let value = largest(own).value;
    for (var n = 0u; n < own.count; n++) {
        let at = params.out_offset + own.line * params.columns + own.column + n;
        var sum = value[n];
        if (params.accumulate != 0u) {
            sum += out[at];
        }
        out[at] = sum;
    }
}
