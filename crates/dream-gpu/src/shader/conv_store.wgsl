// Where the convolutions of software adapters read a row, and how they store their sums one by one.
// Stands behind conv_software.wgsl, before conv.wgsl, conv_rows.wgsl and conv_patch.wgsl.

@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<storage, read> rectifier: array<f32>;

/// Where a row of x begins in its plane.
struct Line {
    first: u32,
    inside: bool,
}

fn line(y: u32) -> Line {
    // A negative coordinate is a huge unsigned one, thus outside too.
    let inside = y < params.in_height;
    return Line(select(0u, y * params.in_width, inside), inside);
}

/// Where a pixel of the output grid lies in the output's planes; NOWHERE past the grid's edges.
fn position(row: u32, column: u32) -> u32 {
    let at = (row * params.out_step_y + params.out_origin_y) * params.out_width
        + column * params.out_step_x + params.out_origin_x;
    return select(NOWHERE, at, (row < params.rows) & (column < params.cols));
}

fn positions(row: u32, column: u32) -> vec4<u32> {
    return vec4(position(row, column), position(row, column + 1u), position(row, column + 2u), position(row, column + 3u));
}

fn store_one(value: f32, at: u32) {
    let to = params.out_offset + at;
    var sum = value;
    if (ACCUMULATE) {
        sum += out[to];
    }
    if (RECTIFIED) {
        sum = select(0.0, sum, rectifier[params.rectifier_offset + at] > 0.0);
    }
    out[to] = sum;
}

/// Stores the sums of four channels for one pixel.
fn store_pixel(sum: vec4<f32>, to: Channels, position: u32) {
    let plane = params.out_height * params.out_width;
    let relu = params.relu != 0u;
    let value = select(sum + to.bias, max(sum + to.bias, vec4(0.0)), vec4(relu));
    if (position != NOWHERE) {
        let at = to.first * plane + position;
        if (to.count > 0u) { store_one(value.x, at); }
        if (to.count > 1u) { store_one(value.y, at + plane); }
        if (to.count > 2u) { store_one(value.z, at + 2u * plane); }
        if (to.count > 3u) { store_one(value.w, at + 3u * plane); }
    }
}

/// Stores four channels of four pixels.
fn store(sum: mat4x4<f32>, to: Channels, positions: vec4<u32>) {
    store_pixel(sum[0], to, positions.x);
    store_pixel(sum[1], to, positions.y);
    store_pixel(sum[2], to, positions.z);
    store_pixel(sum[3], to, positions.w);
}

/// Stores a tile whose first channel is `channel` of its group.
fn store_tile(sum: Tile, group: u32, channel: u32, near: vec4<u32>, far: vec4<u32>) {
    let low = channels(group, channel);
    store(sum.low_near, low, near);
    store(sum.low_far, low, far);
    let high = channels(group, channel + 4u);
    store(sum.high_near, high, near);
    store(sum.high_far, high, far);
}
