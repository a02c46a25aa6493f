// dy times the derivative of element-wise functions whose derivative takes a few operations. `x` is
// the function's input, or its output for Sigmoid, Tanh, Exp and Sqrt. The costly derivatives are in
// unary_exp_grad.wgsl; Relu's is in relu_grad.wgsl.

const LEAKY_RELU = 1u;
const CLIP = 2u;
const HARD_SIGMOID = 3u;
const HARD_SWISH = 4u;
const SOFTSIGN = 5u;
const NEG = 6u;
const ABS = 7u;
const SQRT = 8u;
const RECIPROCAL = 9u;
const SIGMOID = 10u;
const TANH = 11u;
const EXP = 12u;
const LOG = 13u;

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
@group(0) @binding(3) var<storage, read> x: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    for (var i = flat_index(id, groups); i < params.count; i += flat_count(groups)) {
        let v = x[params.x_offset + i];
        var value = dy[params.dy_offset + i] * derivative(v);
        if (params.accumulate != 0u) {
            value += out[params.out_offset + i];
        }
        out[params.out_offset + i] = value;
    }
}

fn derivative(v: f32) -> f32 {
    switch params.function {
        case LEAKY_RELU: { return select(params.a, 1.0, v > 0.0); }
        case CLIP: { return select(0.0, 1.0, v >= params.a && v <= params.b); }
        case HARD_SIGMOID: {
            let y = params.a * v + params.b;
            return select(0.0, params.a, y > 0.0 && y < 1.0);
        }
        case HARD_SWISH: { return select(select(v / 3.0 + 0.5, 1.0, v >= 3.0), 0.0, v <= -3.0); }
        case SOFTSIGN: { return 1.0 / ((1.0 + abs(v)) * (1.0 + abs(v))); }
        case NEG: { return -1.0; }
        case ABS: { return sign(v); }
        case SQRT: { return 0.5 / v; }
        case RECIPROCAL: { return -1.0 / (v * v); }
        case SIGMOID: { return v * (1.0 - v); }
        case TANH: { return 1.0 - v * v; }
        case EXP: { return v; }
        case LOG, default: { return 1.0 / v; }
    }
}
