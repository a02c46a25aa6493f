// Gradient of a maximum over axes at x: dy where this is the position found by
// reduce_max_position.wgsl. `table` lists the axes of x but the outermost, innermost first: length,
// step of dy.

struct Params {
    count: u32,
    out_offset: u32,
    dy_offset: u32,
    inner_axes: u32,
    step: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> position: array<u32>;
@group(0) @binding(4) var<storage, read> table: array<u32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    var rest = i;
    var group = 0u;
    for (var axis = 0u; axis < params.inner_axes; axis++) {
        let outer = rest / table[axis * 2u];
        group += (rest - outer * table[axis * 2u]) * table[axis * 2u + 1u];
        rest = outer;
    }
    group += rest * params.step;
    var value = select(0.0, dy[params.dy_offset + group], position[group] == i);
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}
