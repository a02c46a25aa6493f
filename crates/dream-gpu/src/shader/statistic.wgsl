// The mean of x or |x|, or the root of the mean of x², from the partial sums of
// statistic_sums.wgsl: one workgroup, one element.

const ROOT_MEAN_SQUARE = 2u;
// What a root mean square is at least, so that one can divide by it.
const LEAST_ROOT_MEAN_SQUARE = 1e-10;

struct Params {
    out_offset: u32,
    sums: u32,
    statistic: u32,
    factor: f32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> partial: array<f32>;

var<workgroup> lanes: array<f32, INVOCATIONS>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(local_invocation_index) lane: u32) {
    var sum = 0.0;
    for (var i = lane; i < params.sums; i += INVOCATIONS) {
        sum += partial[i];
    }
    lanes[lane] = sum;
    workgroupBarrier();
    if (lane > 0u) {
        return;
    }
    var value = 0.0;
    for (var i = 0u; i < INVOCATIONS; i++) {
        value += lanes[i];
    }
    value *= params.factor;
    if (params.statistic == ROOT_MEAN_SQUARE) {
        value = max(sqrt(value), LEAST_ROOT_MEAN_SQUARE);
    }
    if (params.accumulate != 0u) {
        value += out[params.out_offset];
    }
    out[params.out_offset] = value;
}
