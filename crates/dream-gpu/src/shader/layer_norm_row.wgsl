// What layer normalisations and their gradient share: their uniform, sums over a row by all of a
// workgroup's lanes, and mean and deviation of a row of x; stands before both.

struct Params {
    rows: u32,
    length: u32,
    out_offset: u32,
    x_offset: u32,
    dy_offset: u32,
    epsilon: f32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;

var<workgroup> lanes: array<f32, INVOCATIONS>;

struct Moments {
    mean: f32,
    inverse: f32,   // 1 / √(variance + epsilon)
}

// Of the row of x that begins at `start`.
fn moments(lane: u32, start: u32) -> Moments {
    let n = f32(params.length);
    var sum = 0.0;
    for (var i = lane; i < params.length; i += INVOCATIONS) {
        sum += x[start + i];
    }
    let mean = total(lane, sum) / n;
    var squares = 0.0;
    for (var i = lane; i < params.length; i += INVOCATIONS) {
        let centred = x[start + i] - mean;
        squares += centred * centred;
    }
    return Moments(mean, 1.0 / sqrt(total(lane, squares) / n + params.epsilon));
}

// Sum of all lanes' values.
fn total(lane: u32, value: f32) -> f32 {
    workgroupBarrier();
    lanes[lane] = value;
    workgroupBarrier();
    var sum = 0.0;
    for (var i = 0u; i < INVOCATIONS; i++) {
        sum += lanes[i];
    }
    return sum;
}
