// Element-wise functions made of a few operations. Software devices execute every arm of a switch,
// so the costly functions have a file of their own, unary_exp.wgsl. Functions have one number in
// all files.

const RELU = 0u;
const LEAKY_RELU = 1u;
const CLIP = 2u;
const HARD_SIGMOID = 3u;
const HARD_SWISH = 4u;
const SOFTSIGN = 5u;
const NEG = 6u;
const ABS = 7u;
const SQRT = 8u;
const RECIPROCAL = 9u;

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
    switch params.function {
        case RELU: { return max(x, 0.0); }
        case LEAKY_RELU: { return select(params.a * x, x, x > 0.0); }
        case CLIP: { return min(max(x, params.a), params.b); }
        case HARD_SIGMOID: { return saturate(params.a * x + params.b); }
        case HARD_SWISH: { return x * saturate(x / 6.0 + 0.5); }
        case SOFTSIGN: { return x / (1.0 + abs(x)); }
        case NEG: { return -x; }
        case ABS: { return abs(x); }
        case SQRT: { return sqrt(x); }
        case RECIPROCAL, default: { return 1.0 / x; }
    }
}
