// dy where it is above 0 and y is not, if the iteration redirects and the sum is 0; else 0.

struct Params {
    count: u32,
    out_offset: u32,
    dy_offset: u32,
    y_offset: u32,
    sum_offset: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> y: array<f32>;
@group(0) @binding(4) var<storage, read> sum: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let redirects = step.redirects != 0u && sum[params.sum_offset] == 0.0;
    for (var i = flat_index(id, groups); i < params.count; i += flat_count(groups)) {
        let gradient = dy[params.dy_offset + i];
        let upward = redirects && gradient > 0.0 && y[params.y_offset + i] <= 0.0;
        var value = select(0.0, gradient, upward);
        if (params.accumulate != 0u) {
            value += out[params.out_offset + i];
        }
        out[params.out_offset + i] = value;
    }
}
