// What d and x count for in the gradient of d·x · max(0.1, cos)^power at each position, where cos =
// d·x / (ε + ‖x‖); x is [channels, height, width], d [channels, cells]. Written to scratch [2,
// positions]; direction.wgsl reads it.

const LEAST_COSINE = 0.1;
const EPSILON = 1e-6;

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    d_offset: u32,
    channels: u32,
    height: u32,
    width: u32,
    image_height: u32,
    image_width: u32,
    stride_y: u32,
    stride_x: u32,
    cell_rows: u32,
    cell_columns: u32,
    power: f32,
    factor: f32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> d: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let position = flat_index(id, groups);
    if (position >= params.count) {
        return;
    }
    let cells = params.cell_rows * params.cell_columns;
    var at = params.x_offset + position;
    var place = params.d_offset + seen_by(position);
    var towards = 0.0;
    var square = 0.0;
    for (var channel = 0u; channel < params.channels; channel++) {
        towards = fma(d[place], x[at], towards);
        square = fma(x[at], x[at], square);
        at += params.height * params.width;
        place += cells;
    }
    let norm = sqrt(square);
    let cosine = towards / (EPSILON + norm);
    let m = max(cosine, LEAST_COSINE);
    let steep = cosine > LEAST_COSINE;
    let slope = select(0.0, towards * params.power * power(m, params.power - 1.0), steep);
    out[position] = params.factor * (power(m, params.power) + slope / (EPSILON + norm));
    let of_x = select(0.0, slope * cosine / (max(norm, EPSILON) * (EPSILON + norm)), steep);
    out[params.count + position] = -params.factor * of_x;
}

// The cell of d that a position of the tile sees.
fn seen_by(position: u32) -> u32 {
    let at = vec2u(position % params.width, position / params.width);
    let stride = vec2u(params.stride_x, params.stride_y);
    let image = vec2u(params.image_width, params.image_height);
    return cell_of(step, at, stride, image, vec2u(params.cell_columns, params.cell_rows));
}
