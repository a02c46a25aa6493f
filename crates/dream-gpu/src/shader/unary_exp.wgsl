// Element-wise functions made of exponentials and logarithms. Most are a ratio in e^-|x|, which
// neither overflows nor loses digits: sigmoid(t) = 1 / (1 + e^-t), tanh(x) = 2 sigmoid(2x) − 1.

const SIGMOID = 10u;
const TANH = 11u;
const EXP = 12u;
const LOG = 13u;
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
@group(0) @binding(2) var<storage, read> x: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    for (var i = flat_index(id, groups); i < params.count; i += flat_count(groups)) {
        var value = apply(x[params.x_offset + i]);
        if (params.accumulate != 0u) {
            value += out[params.out_offset + i];
        }
        out[params.out_offset + i] = value;
    }
}

fn apply(x: f32) -> f32 {
    var t = x;
    if (params.function == TANH) {
        t = 2.0 * x;
    } else if (params.function == GELU_TANH) {
        t = 2.0 * SLOPE * (x + 0.044715 * x * x * x);
    }
    let e = exp(-min(abs(t), 87.0));
    let sigmoid = select(e, 1.0, t >= 0.0) / (1.0 + e);
    switch params.function {
        case SIGMOID: { return sigmoid; }
        case SILU, GELU_TANH: { return x * sigmoid; }
        case ELU: { return params.b * select(params.a * -one_minus(e, -x), x, x > 0.0); }
        case TANH: { return sign(x) * one_minus(e, abs(t)) / (1.0 + e); }
        case SOFTPLUS: { return max(x, 0.0) + log_one_plus(e); }
        case MISH: {
            // tanh(ln(1 + e^x)) = ((1 + e^x)² − 1) / ((1 + e^x)² + 1)
            let upper = select(e * e + 2.0 * e, 1.0 + 2.0 * e, x >= 0.0);
            return x * upper / (upper + 2.0 * select(1.0, e * e, x >= 0.0));
        }
        case ERF: { return erf(x); }
        case GELU: { return 0.5 * x * (1.0 + erf(x * 0.70710678)); }
        case EXP: { return exp(min(x, 88.7)); }
        case LOG: { return log(x); }
        case POW, default: { return power(x, params.a); }
    }
}

// 1 − e for e = e^-t and t ≥ 0, by its series where the difference would lose digits.
fn one_minus(e: f32, t: f32) -> f32 {
    let series = t * (1.0 - t * (0.5 - t * (0.16666667 - t * (0.041666667 - t * 0.0083333333))));
    return select(1.0 - e, series, t < 0.125);
}

// ln(1 + e) for 0 ≤ e ≤ 1: 2 artanh(e / (2 + e)).
fn log_one_plus(e: f32) -> f32 {
    let s = e / (2.0 + e);
    let q = s * s;
    var sum = fma(q, 1.0 / 15.0, 1.0 / 13.0);
    sum = fma(sum, q, 1.0 / 11.0);
    sum = fma(sum, q, 1.0 / 9.0);
    sum = fma(sum, q, 1.0 / 7.0);
    sum = fma(sum, q, 1.0 / 5.0);
    sum = fma(sum, q, 1.0 / 3.0);
    sum = fma(sum, q, 1.0);
    return 2.0 * s * sum;
}
