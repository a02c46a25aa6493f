// dy times the derivative of element-wise functions made of exponentials, at the function's input
// x. The derivatives in terms of outputs are in unary_grad.wgsl.

const SILU = 14u;
const ELU = 15u;
const SOFTPLUS = 16u;
const MISH = 17u;
const ERF = 18u;
const GELU = 19u;
const GELU_TANH = 20u;
const POW = 21u;

// √(2/π), of the tanh approximation of Φ.
const SLOPE = 0.7978845608;

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
        var value = dy[params.dy_offset + i] * derivative(x[params.x_offset + i]);
        if (params.accumulate != 0u) {
            value += out[params.out_offset + i];
        }
        out[params.out_offset + i] = value;
    }
}

fn derivative(x: f32) -> f32 {
    var t = x;
    if (params.function == GELU_TANH) {
        t = 2.0 * SLOPE * (x + 0.044715 * x * x * x);
    }
    let e = exp(-min(abs(t), 87.0));
    // sigmoid(t), and 1 − sigmoid(t) without a difference.
    let sigmoid = select(e, 1.0, t >= 0.0) / (1.0 + e);
    let complement = select(1.0, e, t >= 0.0) / (1.0 + e);
    switch params.function {
        case SILU: { return sigmoid * (1.0 + x * complement); }
        case ELU: { return params.b * select(params.a * e, 1.0, x > 0.0); }
        case SOFTPLUS: { return sigmoid; }
        case MISH: {
            let upper = select(e * e + 2.0 * e, 1.0 + 2.0 * e, x >= 0.0);
            let tanh_softplus = upper / (upper + 2.0 * select(1.0, e * e, x >= 0.0));
            return tanh_softplus + x * (1.0 - tanh_softplus * tanh_softplus) * sigmoid;
        }
        case ERF: { return 1.1283791671 * exp(-min(x * x, 87.0)); }
        case GELU: {
            let density = 0.3989422804 * exp(-min(0.5 * x * x, 87.0));
            return 0.5 * (1.0 + erf(x * 0.70710678)) + x * density;
        }
        case GELU_TANH: {
            let slope = 2.0 * SLOPE * (1.0 + 3.0 * 0.044715 * x * x);
            return sigmoid + x * sigmoid * complement * slope;
        }
        case POW, default: { return params.a * power(x, params.a - 1.0); }
    }
}
