// x into the row of [rows, count] that belongs to the iteration.

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    rows: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let row = step.iteration % params.rows;
    out[params.out_offset + row * params.count + i] = x[params.x_offset + i];
}
