// Gradient of a function of two operands at one of them: dy times the derivative, summed over the
// axes along which that operand was broadcast. Each sum may be split into several parts, [outputs,
// parts]. `table` lists first the operand's own axes, then the summed ones, both without their
// outermost, innermost first: length, step of dy, step of a, step of b.

const ONE = 0u;
const MINUS_ONE = 1u;
const TIMES_B = 2u;
const TIMES_A = 3u;
const DIV_A = 4u;
const DIV_B = 5u;
const NOT_SMALLER = 6u;
const SMALLER = 7u;
const NOT_LARGER = 8u;
const LARGER = 9u;

struct Params {
    count: u32,
    out_offset: u32,
    dy_offset: u32,
    a_offset: u32,
    b_offset: u32,
    parts: u32,
    summed: u32,
    own_axes: u32,
    own_dy_step: u32,
    own_a_step: u32,
    own_b_step: u32,
    summed_axes: u32,
    summed_dy_step: u32,
    summed_a_step: u32,
    summed_b_step: u32,
    derivative: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> a: array<f32>;
@group(0) @binding(4) var<storage, read> b: array<f32>;
@group(0) @binding(5) var<storage, read> table: array<u32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let output = i / params.parts;
    let own = vec3u(params.own_dy_step, params.own_a_step, params.own_b_step);
    let across = vec3u(params.summed_dy_step, params.summed_a_step, params.summed_b_step);
    let start = vec3u(params.dy_offset, params.a_offset, params.b_offset)
        + places(output, 0u, params.own_axes, own);
    var value = 0.0;
    for (var term = i - output * params.parts; term < params.summed; term += params.parts) {
        let place = start + places(term, params.own_axes, params.summed_axes, across);
        if (params.derivative == ONE) {
            value += dy[place.x];
        } else {
            value += dy[place.x] * derivative(a[place.y], b[place.z]);
        }
    }
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}

// Places in dy, a and b of the element with this number among `axes` axes from row `first` of the
// table and an outermost one with these steps.
fn places(number: u32, first: u32, axes: u32, outermost: vec3u) -> vec3u {
    var rest = number;
    var sum = vec3u(0u);
    for (var row = first * 4u; row < (first + axes) * 4u; row += 4u) {
        let outer = rest / table[row];
        let index = rest - outer * table[row];
        sum += index * vec3u(table[row + 1u], table[row + 2u], table[row + 3u]);
        rest = outer;
    }
    return sum + rest * outermost;
}

fn derivative(a: f32, b: f32) -> f32 {
    switch params.derivative {
        case MINUS_ONE: { return -1.0; }
        case TIMES_B: { return b; }
        case TIMES_A: { return a; }
        case DIV_A: { return 1.0 / b; }
        case DIV_B: { return -a / (b * b); }
        case NOT_SMALLER: { return select(0.0, 1.0, a >= b); }
        case SMALLER: { return select(0.0, 1.0, a < b); }
        case NOT_LARGER: { return select(0.0, 1.0, a <= b); }
        case LARGER, default: { return select(0.0, 1.0, a > b); }
    }
}
