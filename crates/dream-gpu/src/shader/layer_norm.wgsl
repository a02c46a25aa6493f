// Layer normalisation of x [rows, length]: (x − mean) / √(variance + epsilon) · scale + bias per
// row. One workgroup per row.

struct Params {
    rows: u32,
    length: u32,
    out_offset: u32,
    x_offset: u32,
    dy_offset: u32,
    epsilon: f32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;

var<workgroup> lanes: array<f32, INVOCATIONS>;

@compute @workgroup_size(INVOCATIONS)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let row = group.y * groups.x + group.x;
    if (row >= params.rows) {
        return;
    }
    let n = f32(params.length);
    let start = params.x_offset + row * params.length;
    var sum = 0.0;
    for (var i = lane; i < params.length; i += INVOCATIONS) {
        sum += x[start + i];
    }
    let mean = total(lane, sum) / n;
    var squares = 0.0;
    for (var i = lane; i < params.length; i += INVOCATIONS) {
        let centred = x[start + i] - mean;
        squares += centred * centred;
    }
    let inverse = 1.0 / sqrt(total(lane, squares) / n + params.epsilon);
    for (var i = lane; i < params.length; i += INVOCATIONS) {
        var value = (x[start + i] - mean) * inverse * scale[i] + bias[i];
        let place = params.out_offset + row * params.length + i;
        if (params.accumulate != 0u) {
            value += out[place];
        }
        out[place] = value;
    }
}

// Sum of all lanes' values.
fn total(lane: u32, value: f32) -> f32 {
    workgroupBarrier();
    lanes[lane] = value;
    workgroupBarrier();
    var sum = 0.0;
    for (var i = 0u; i < INVOCATIONS; i++) {
        sum += lanes[i];
    }
    return sum;
}
