// Convolution with a 3 x 3 kernel and stride 1: 16 output channels x a patch of 4 x 4 pixels per
// invocation, one input channel at a time, no workgroup memory and no barriers. For software
// adapters: the 36 values that a patch sees are loaded once and used by all nine taps.
//
// out[oc, qy*step+origin, ..] = bias[oc] + sum over ic, ky, kx of
//     weight[oc, ic, ky, kx] * x[ic, qy*stride + ky*dilation - before, ..]     (f32, NCHW, N = 1)
//
// weight: [group][oc tile][ic][ky][kx][oc in tile], tile = 16 channels, padded with zeros.
// Dispatch: (ceil(ceil(rows/4)*ceil(cols/4) / LANES), groups * ceil(out_channels / 16), 1).

@group(0) @binding(2) var<storage, read> x: array<f32>;

/// Six neighbours in a row of x, as each column of the kernel meets four of them.
struct Row {
    left: vec4<f32>,
    middle: vec4<f32>,
    right: vec4<f32>,
}

/// Where the six columns are.
struct Columns {
    near: vec4<u32>,
    far: vec2<u32>,
    near_inside: vec4<bool>,
    far_inside: vec2<bool>,
}

/// Weights of four output channels: a row of the kernel each, and in it a column for each column.
struct Filter {
    top: mat3x4<f32>,
    middle: mat3x4<f32>,
    bottom: mat3x4<f32>,
}

/// Weights of eight output channels.
struct Filters {
    low: Filter,
    high: Filter,
}

/// Sums of four channels: the four rows of the patch, and in each a column for each pixel.
struct Patch {
    row0: mat4x4<f32>,
    row1: mat4x4<f32>,
    row2: mat4x4<f32>,
    row3: mat4x4<f32>,
}

/// Sums of eight channels.
struct Patches {
    low: Patch,
    high: Patch,
}

/// The six rows that a patch sees.
struct Rows {
    v0: Row,
    v1: Row,
    v2: Row,
    v3: Row,
    v4: Row,
    v5: Row,
}

fn columns(first: u32) -> Columns {
    let near = vec4(first) + vec4(0u, 1u, 2u, 3u);
    let far = vec2(first) + vec2(4u, 5u);
    let near_inside = near < vec4(params.in_width);
    let far_inside = far < vec2(params.in_width);
    return Columns(select(vec4(0u), near, near_inside), select(vec2(0u), far, far_inside), near_inside, far_inside);
}

fn load(plane: u32, line: Line, at: Columns) -> Row {
    let near = vec4(plane + line.first) + at.near;
    let far = vec2(plane + line.first) + at.far;
    let a = select(vec4(0.0), vec4(x[near.x], x[near.y], x[near.z], x[near.w]), at.near_inside & vec4(line.inside));
    let b = select(vec2(0.0), vec2(x[far.x], x[far.y]), at.far_inside & vec2(line.inside));
    return Row(a, vec4(a.yzw, b.x), vec4(a.zw, b));
}

fn add_row(sum: mat4x4<f32>, w: mat3x4<f32>, v: Row) -> mat4x4<f32> {
    return add_outer(add_outer(add_outer(sum, w[0], v.left), w[1], v.middle), w[2], v.right);
}

fn add_rows(sum: mat4x4<f32>, w: Filter, v0: Row, v1: Row, v2: Row) -> mat4x4<f32> {
    return add_row(add_row(add_row(sum, w.top, v0), w.middle, v1), w.bottom, v2);
}

fn add_patch(sum: Patch, w: Filter, v: Rows) -> Patch {
    return Patch(add_rows(sum.row0, w, v.v0, v.v1, v.v2), add_rows(sum.row1, w, v.v1, v.v2, v.v3),
        add_rows(sum.row2, w, v.v2, v.v3, v.v4), add_rows(sum.row3, w, v.v3, v.v4, v.v5));
}

/// Adds the products of one input channel and eight output channels.
fn add_octet(sum: Patches, w: Filters, v: Rows) -> Patches {
    return Patches(add_patch(sum.low, w.low, v), add_patch(sum.high, w.high, v));
}

/// Weights of eight output channels, for the nine taps in order.
fn filters(w0: Octet, w1: Octet, w2: Octet, w3: Octet, w4: Octet, w5: Octet, w6: Octet, w7: Octet, w8: Octet) -> Filters {
    return Filters(
        Filter(mat3x4<f32>(w0.low, w1.low, w2.low), mat3x4<f32>(w3.low, w4.low, w5.low),
            mat3x4<f32>(w6.low, w7.low, w8.low)),
        Filter(mat3x4<f32>(w0.high, w1.high, w2.high), mat3x4<f32>(w3.high, w4.high, w5.high),
            mat3x4<f32>(w6.high, w7.high, w8.high)));
}

fn store_patch(sum: Patch, to: Channels, row: u32, column: u32) {
    store(sum.row0, to, positions(row, column));
    store(sum.row1, to, positions(row + 1u, column));
    store(sum.row2, to, positions(row + 2u, column));
    store(sum.row3, to, positions(row + 3u, column));
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tiles = (params.out_channels + 15u) / 16u;
    let group = workgroup.y / tiles;
    let channel = workgroup.y % tiles * 16u;
    let patches = (params.cols + 3u) / 4u;
    // Patches past the grid's end read something and store nothing.
    let patch_index = workgroup.x * LANES + lane;
    let row = patch_index / patches * 4u;
    let column = patch_index % patches * 4u;
    let first_row = row - u32(params.before_y);
    let y0 = line(first_row); let y1 = line(first_row + 1u); let y2 = line(first_row + 2u);
    let y3 = line(first_row + 3u); let y4 = line(first_row + 4u); let y5 = line(first_row + 5u);
    let at = columns(column - u32(params.before_x));
    let in_plane = params.in_height * params.in_width;
    let first_plane = params.x_offset + group * params.in_channels * in_plane;

    var sum0 = Patches(); var sum1 = Patches();
    // Not params alone: see conv_software.wgsl.
    let in_channels = params.in_channels + workgroup.z;
    for (var ic = 0u; ic < in_channels; ic++) {
        let plane = first_plane + ic * in_plane;
        let v = Rows(load(plane, y0, at), load(plane, y1, at), load(plane, y2, at),
            load(plane, y3, at), load(plane, y4, at), load(plane, y5, at));
        let first = (workgroup.y * in_channels + ic) * 18u;
        // Two times eight channels for each tap; what is left over of the last belongs to others.
        let taps01 = octets(first, lane);
        let taps23 = octets(first + 4u, lane);
        let taps45 = octets(first + 8u, lane);
        let taps67 = octets(first + 12u, lane);
        let tap8 = octets(first + 16u, lane);
        sum0 = add_octet(sum0, filters(taps01.a, taps01.c, taps23.a, taps23.c, taps45.a, taps45.c, taps67.a, taps67.c, tap8.a), v);
        sum1 = add_octet(sum1, filters(taps01.b, taps01.d, taps23.b, taps23.d, taps45.b, taps45.d, taps67.b, taps67.d, tap8.b), v);
    }

    store_patch(sum0.low, channels(group, channel), row, column);
    store_patch(sum0.high, channels(group, channel + 4u), row, column);
    store_patch(sum1.low, channels(group, channel + 8u), row, column);
    store_patch(sum1.high, channels(group, channel + 12u), row, column);
}
