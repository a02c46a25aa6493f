// The transpose of warp.wgsl: each pixel of the image [3, height, width] gathers from the pixels of
// the turned image that were taken from it, or from its copies where the edges meet.

// Half the diagonal of the square that a pixel is seen in.
const REACH = 1.4142136;

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    height: u32,
    width: u32,
    surface: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let line = i / params.width;
    let channel = line / params.height;
    let pixel = vec2f(f32(i - line * params.width), f32(line - channel * params.height));
    let turn = vec2f(step.cosine, step.sine);
    let size = vec2f(f32(params.width), f32(params.height));
    // As far as the turned image shows copies of the image.
    let across = vec2f(dot(abs(turn), size), dot(abs(turn.yx), size));
    let most = vec2i(max(ceil((across / size - 1.0) / 2.0), vec2f(0.0))) + 1;
    let copies = select(most, vec2i(0), params.surface == SHEET);
    let over = params.surface == SPHERE;
    var value = 0.0;
    for (var row = -copies.y; row <= copies.y; row++) {
        // Beyond a pole the rows lie the other way, half an image further to the left.
        let far = over && (row & 1) == 1;
        let half = f32(params.width / 2u);
        let seen = select(pixel, vec2f(pixel.x - half, size.y - 1.0 - pixel.y), far);
        for (var column = -copies.x; column <= copies.x + i32(over); column++) {
            value += gathered(channel, turn, seen + vec2f(f32(column), f32(row)) * size);
        }
    }
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}

// What one copy of a pixel was to the turned image.
fn gathered(channel: u32, turn: vec2f, pixel: vec2f) -> f32 {
    let size = vec2u(params.width, params.height);
    let middle = inverse_turned(turn, size, pixel);
    let reach = REACH / length(turn);
    let first = vec2i(clamp(ceil(middle - reach), vec2f(0.0), vec2f(size)));
    let end = vec2i(clamp(floor(middle + reach) + 1.0, vec2f(0.0), vec2f(size)));
    var sum = 0.0;
    for (var y = first.y; y < end.y; y++) {
        let start = params.x_offset + (channel * params.height + u32(y)) * params.width;
        for (var column = first.x; column < end.x; column++) {
            let away = abs(turned(turn, size, vec2f(f32(column), f32(y))) - pixel);
            let near = max(1.0 - away, vec2f(0.0));
            sum = fma(near.x * near.y, x[start + u32(column)], sum);
        }
    }
    return sum;
}
