// Max-pooling that keeps for its gradient where each window is first largest, as
// max_pool_position.wgsl finds it: both [channels, rows, columns].

@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read_write> positions: array<u32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let own = windows(flat_index(id, groups));
    if (own.count == 0u) {
        return;
    }
    let found = largest(own);
    let first = own.line * params.columns + own.column;
    store(first, found.value.x, found.place.x);
    if (own.count > 1u) {
        store(first + 1u, found.value.y, found.place.y);
    }
    if (own.count > 2u) {
        store(first + 2u, found.value.z, found.place.z);
    }
    if (own.count > 3u) {
        store(first + 3u, found.value.w, found.place.w);
    }
}

fn store(at: u32, value: f32, place: u32) {
    var sum = value;
    if (params.accumulate != 0u) {
        sum += out[params.out_offset + at];
    }
    out[params.out_offset + at] = sum;
    positions[at] = place;
}
