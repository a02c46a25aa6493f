// image + step_size · g / (size + ε), limited to 0–255. Behind the `count` levels of the image
// lies what rounding them left over, which the next step adds first (Kahan 1965).

// Keeps the division finite where the gradient is zero everywhere.
const EPSILON = 1e-20;

struct Params {
    count: u32,
    out_offset: u32,
    g_offset: u32,
    size_offset: u32,
    zero: u32,
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
        let at = params.out_offset + i;
        let rest_at = at + params.count;
        let level = out[at];
        let change = out[rest_at] + factor * g[params.g_offset + i];
        // Compilers that reassociate sums would find that nothing is left over. They cannot see
        // that this changes no bits.
        let moved = bitcast<f32>(bitcast<u32>(level + change) ^ params.zero);
        let limited = clamp(moved, 0.0, 255.0);
        out[rest_at] = select(0.0, change - (moved - level), limited == moved);
        out[at] = limited;
    }
}
