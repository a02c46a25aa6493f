// Partial sums of x·y, one per invocation, of every `sums`th element. Written to scratch [sums];
// statistic.wgsl adds them up.

struct Params {
    count: u32,
    x_offset: u32,
    y_offset: u32,
    sums: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> y: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.sums) {
        return;
    }
    var sum = 0.0;
    for (var at = i; at < params.count; at += params.sums) {
        sum = fma(x[params.x_offset + at], y[params.y_offset + at], sum);
    }
    out[i] = sum;
}
