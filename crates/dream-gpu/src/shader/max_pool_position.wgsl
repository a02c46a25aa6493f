// Where in its channel each window of x is first largest, in scan order. Written to scratch
// [channels, rows, columns]; max_pool_grad.wgsl reads it.

@group(0) @binding(1) var<storage, read_write> out: array<u32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let own = windows(flat_index(id, groups));
    if (own.count == 0u) {
        return;
    }
    let place = largest(own).place;
    for (var n = 0u; n < own.count; n++) {
        out[own.line * params.columns + own.column + n] = place[n];
    }
}
