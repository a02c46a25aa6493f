// Max-pooling where it is known where each window is largest: `positions` by max_pool_position.wgsl.

@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> positions: array<u32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let channel = quotient(i, params.rows * params.columns);
    let position = positions[i];
    let known = position != NOWHERE;
    let plane = params.x_offset + channel * params.height * params.width;
    var value = select(LOWEST, x[plane + select(0u, position, known)], known);
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}
