// step_size · g / (size + ε): by how much the image shall change.

// Keeps the division finite where the gradient is zero everywhere.
const EPSILON = 1e-20;

struct Params {
    count: u32,
    out_offset: u32,
    g_offset: u32,
    size_offset: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read> size: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let factor = step.step_size / (size[params.size_offset] + EPSILON);
    for (var i = flat_index(id, groups); i < params.count; i += flat_count(groups)) {
        var value = factor * g[params.g_offset + i];
        if (params.accumulate != 0u) {
            value += out[params.out_offset + i];
        }
        out[params.out_offset + i] = value;
    }
}
