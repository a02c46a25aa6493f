// Partial sums of x, |x| or x², one per invocation, of every `sums`th element. Written to scratch
// [sums]; statistic.wgsl reads them.

const MEAN = 0u;
const MEAN_ABS = 1u;

struct Params {
    count: u32,
    x_offset: u32,
    sums: u32,
    statistic: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.sums) {
        return;
    }
    var sum = 0.0;
    for (var at = i; at < params.count; at += params.sums) {
        let element = x[params.x_offset + at];
        let size = select(element * element, abs(element), params.statistic == MEAN_ABS);
        sum += select(size, element, params.statistic == MEAN);
    }
    out[i] = sum;
}
