// dy where y > 0, else 0: the gradient of a rectifier, by its output y.

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    dy_offset: u32,
    function: u32,
    a: f32,
    b: f32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> y: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    // What every round of the loop needs is read before it: software adapters pay for each time.
    let count = params.count;
    let dy_offset = params.dy_offset;
    let y_offset = params.x_offset;
    let out_offset = params.out_offset;
    let accumulate = params.accumulate != 0u;
    for (var i = flat_index(id, groups); i < count; i += flat_count(groups)) {
        // A select, not a product: where y is 0, an overflown dy must not spread.
        var value = select(0.0, dy[dy_offset + i], y[y_offset + i] > 0.0);
        if (accumulate) {
            value += out[out_offset + i];
        }
        out[out_offset + i] = value;
    }
}
