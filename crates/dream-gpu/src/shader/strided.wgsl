// factor · x with axes permuted or repeated. `table` lists the axes of the output but the
// outermost, innermost first: length, step of x.

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    inner_axes: u32,
    step: u32,
    factor: f32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> table: array<u32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    for (var i = flat_index(id, groups); i < params.count; i += flat_count(groups)) {
        var rest = i;
        var place = params.x_offset;
        for (var axis = 0u; axis < params.inner_axes; axis++) {
            let outer = rest / table[axis * 2u];
            place += (rest - outer * table[axis * 2u]) * table[axis * 2u + 1u];
            rest = outer;
        }
        var value = params.factor * x[place + rest * params.step];
        if (params.accumulate != 0u) {
            value += out[params.out_offset + i];
        }
        out[params.out_offset + i] = value;
    }
}
