// Gradient of a softmax, y · (dy − Σ dy·y) along the middle axis of [outer, length, inner]; `x` is
// y, the softmax itself. One invocation per row of that axis; `count` is the number of rows.

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    dy_offset: u32,
    length: u32,
    inner: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let outer = i / params.inner;
    let start = outer * params.length * params.inner + i - outer * params.inner;
    let end = start + params.length * params.inner;
    var sum = 0.0;
    for (var place = start; place < end; place += params.inner) {
        sum += dy[params.dy_offset + place] * x[params.x_offset + place];
    }
    for (var place = start; place < end; place += params.inner) {
        var value = x[params.x_offset + place] * (dy[params.dy_offset + place] - sum);
        if (params.accumulate != 0u) {
            value += out[params.out_offset + place];
        }
        out[params.out_offset + place] = value;
    }
}
