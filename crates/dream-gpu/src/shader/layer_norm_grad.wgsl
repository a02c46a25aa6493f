// Gradient of a layer normalisation at x [rows, length]. With h = (x − mean) / σ and e = dy ·
// scale: (e − mean(e) − h · mean(e·h)) / σ per row. One workgroup per row.

@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> scale: array<f32>;

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
    let of_row = moments(lane, start);
    let dy_start = params.dy_offset + row * params.length;
    var e_sum = 0.0;
    var eh_sum = 0.0;
    for (var i = lane; i < params.length; i += INVOCATIONS) {
        let e = dy[dy_start + i] * scale[i];
        e_sum += e;
        eh_sum += e * (x[start + i] - of_row.mean) * of_row.inverse;
    }
    let mean_e = total(lane, e_sum) / n;
    let mean_eh = total(lane, eh_sum) / n;
    for (var i = lane; i < params.length; i += INVOCATIONS) {
        let e = dy[dy_start + i] * scale[i];
        let h = (x[start + i] - of_row.mean) * of_row.inverse;
        var value = (e - mean_e - h * mean_eh) * of_row.inverse;
        let place = params.out_offset + row * params.length + i;
        if (params.accumulate != 0u) {
            value += out[place];
        }
        out[place] = value;
    }
}
