// Layer normalisation of x [rows, length]: (x − mean) / √(variance + epsilon) · scale + bias per
// row. One workgroup per row.

@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;

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
    let start = params.x_offset + row * params.length;
    let of_row = moments(lane, start);
    for (var i = lane; i < params.length; i += INVOCATIONS) {
        var value = (x[start + i] - of_row.mean) * of_row.inverse * scale[i] + bias[i];
        let place = params.out_offset + row * params.length + i;
        if (params.accumulate != 0u) {
            value += out[place];
        }
        out[place] = value;
    }
}
