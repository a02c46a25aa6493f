// Where x is first largest in each reduced group. Written to scratch [outputs];
// reduce_max_grad.wgsl reads it. Parameters and table as in reduce.wgsl.

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    parts: u32,
    reduced: u32,
    kept_axes: u32,
    kept_step: u32,
    reduced_axes: u32,
    reduced_step: u32,
    largest: u32,
    factor: f32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> table: array<u32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let start = place(i, 0u, params.kept_axes, params.kept_step);
    var best = LOWEST;
    var position = NOWHERE;
    for (var term = 0u; term < params.reduced; term++) {
        let at = start + place(term, params.kept_axes, params.reduced_axes, params.reduced_step);
        let value = x[params.x_offset + at];
        let larger = value > best;
        best = select(best, value, larger);
        position = select(position, at, larger);
    }
    out[i] = position;
}

// Where the element with this number lies among `axes` axes from row `first` of the table and an
// outermost one with this step.
fn place(number: u32, first: u32, axes: u32, outermost: u32) -> u32 {
    var rest = number;
    var sum = 0u;
    for (var row = first * 2u; row < (first + axes) * 2u; row += 2u) {
        let outer = rest / table[row];
        sum += (rest - outer * table[row]) * table[row + 1u];
        rest = outer;
    }
    return sum + rest * outermost;
}
