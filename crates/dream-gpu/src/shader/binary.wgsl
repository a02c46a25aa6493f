// A function of two operands, broadcast against each other. `table` lists the axes of the output
// but the outermost, innermost first: length, step of a, step of b.

const ADD = 0u;
const SUB = 1u;
const MUL = 2u;
const DIV = 3u;
const MAX = 4u;
const MIN = 5u;

struct Params {
    count: u32,
    out_offset: u32,
    a_offset: u32,
    b_offset: u32,
    inner_axes: u32,
    a_step: u32,
    b_step: u32,
    function: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read> table: array<u32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    for (var i = flat_index(id, groups); i < params.count; i += flat_count(groups)) {
        var rest = i;
        var at_a = params.a_offset;
        var at_b = params.b_offset;
        for (var axis = 0u; axis < params.inner_axes; axis++) {
            let outer = rest / table[axis * 3u];
            let index = rest - outer * table[axis * 3u];
            at_a += index * table[axis * 3u + 1u];
            at_b += index * table[axis * 3u + 2u];
            rest = outer;
        }
        var value = apply(a[at_a + rest * params.a_step], b[at_b + rest * params.b_step]);
        if (params.accumulate != 0u) {
            value += out[params.out_offset + i];
        }
        out[params.out_offset + i] = value;
    }
}

fn apply(a: f32, b: f32) -> f32 {
    switch params.function {
        case ADD: { return a + b; }
        case SUB: { return a - b; }
        case MUL: { return a * b; }
        case DIV: { return a / b; }
        case MAX: { return max(a, b); }
        case MIN, default: { return min(a, b); }
    }
}
