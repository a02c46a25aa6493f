// factor · x / ‖x‖, or 0 where that is 0; `square` is ‖x‖².

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    square_offset: u32,
    factor: f32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> square: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let norm = sqrt(square[params.square_offset]);
    let factor = select(0.0, params.factor / norm, norm > 0.0);
    for (var i = flat_index(id, groups); i < params.count; i += flat_count(groups)) {
        var value = factor * x[params.x_offset + i];
        if (params.accumulate != 0u) {
            value += out[params.out_offset + i];
        }
        out[params.out_offset + i] = value;
    }
}
