// Exponentials that sum to one along the middle axis of x [outer, length, inner]. One invocation
// per row of that axis; `count` is the number of rows.

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
@group(0) @binding(2) var<storage, read> x: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let outer = i / params.inner;
    let start = outer * params.length * params.inner + i - outer * params.inner;
    let end = start + params.length * params.inner;
    var largest = LOWEST;
    for (var place = start; place < end; place += params.inner) {
        largest = max(largest, x[params.x_offset + place]);
    }
    var sum = 0.0;
    for (var place = start; place < end; place += params.inner) {
        sum += weight(x[params.x_offset + place] - largest);
    }
    for (var place = start; place < end; place += params.inner) {
        var value = weight(x[params.x_offset + place] - largest) / sum;
        if (params.accumulate != 0u) {
            value += out[params.out_offset + place];
        }
        out[params.out_offset + place] = value;
    }
}

fn weight(below: f32) -> f32 {
    return exp(max(below, -87.0));
}
