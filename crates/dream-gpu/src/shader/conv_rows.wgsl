// Convolution with wide kernels: 16 output channels x two rows of four neighbouring pixels per
// invocation, a row of the kernel and one input channel at a time, no workgroup memory and no
// barriers. For software adapters: the 8 to 13 values that four pixels see in a row are loaded once
// and used by all taps.
//
// out[oc, qy*step+origin, ..] = bias[oc] + sum over ic, ky, kx of
//     weight[oc, ic, ky, kx] * x[ic, qy*stride + ky*dilation - before, ..]     (f32, NCHW, N = 1)
//
// weight: [group][oc tile][ky][ic][kx][oc in tile], tile = 16 channels, padded with zeros.
// Dispatch: (ceil(ceil(rows/2)*ceil(cols/4) / LANES), groups * ceil(out_channels / 16), 1).

@group(0) @binding(2) var<storage, read> x: array<f32>;

override TAPS: u32 = 7u;    // 4, 5 or 7: columns of the kernel, which are not dilated
override STRIDE: u32 = 2u;  // 1 or 2: from pixel to pixel in a row

/// Where in a row the columns are that four pixels see.
struct Columns {
    a: vec4<u32>,
    b: vec4<u32>,
    c: vec4<u32>,
    d: u32,
}

/// For each tap of a row of the kernel a number for each of four pixels, or of four channels.
struct Taps {
    t0: vec4<f32>,
    t1: vec4<f32>,
    t2: vec4<f32>,
    t3: vec4<f32>,
    t4: vec4<f32>,
    t5: vec4<f32>,
    t6: vec4<f32>,
}

/// Weights of eight channels.
struct Filter {
    low: Taps,
    high: Taps,
}

fn columns(first: u32) -> Columns {
    let four = vec4(0u, 1u, 2u, 3u);
    return Columns(vec4(first) + four, vec4(first + 4u) + four, vec4(first + 8u) + four, first + 12u);
}

fn load_one(plane: u32, line: Line, column: u32) -> f32 {
    let inside = line.inside && column < params.in_width;
    return select(0.0, x[plane + select(0u, line.first + column, inside)], inside);
}

fn load_four(plane: u32, line: Line, columns: vec4<u32>) -> vec4<f32> {
    return vec4(load_one(plane, line, columns.x), load_one(plane, line, columns.y),
        load_one(plane, line, columns.z), load_one(plane, line, columns.w));
}

/// What four pixels of a row see: 3*STRIDE + TAPS columns, each loaded once.
fn load_row(plane: u32, line: Line, at: Columns) -> Taps {
    let a = load_four(plane, line, at.a);
    if (STRIDE == 1u) {
        var b = vec4(load_one(plane, line, at.b.x), load_one(plane, line, at.b.y), load_one(plane, line, at.b.z), 0.0);
        var c = vec4(0.0);
        if (TAPS > 4u) {
            b.w = load_one(plane, line, at.b.w);
        }
        if (TAPS > 5u) {
            c = vec4(load_one(plane, line, at.c.x), load_one(plane, line, at.c.y), 0.0, 0.0);
        }
        return Taps(a, vec4(a.yzw, b.x), vec4(a.zw, b.xy), vec4(a.w, b.xyz), b, vec4(b.yzw, c.x), vec4(b.zw, c.xy));
    }
    let b = load_four(plane, line, at.b);
    var c = vec4(load_one(plane, line, at.c.x), load_one(plane, line, at.c.y), 0.0, 0.0);
    var d = 0.0;
    if (TAPS > 4u) {
        c.z = load_one(plane, line, at.c.z);
    }
    if (TAPS > 5u) {
        c.w = load_one(plane, line, at.c.w);
        d = load_one(plane, line, at.d);
    }
    return Taps(vec4(a.xz, b.xz), vec4(a.yw, b.yw), vec4(a.z, b.xz, c.x), vec4(a.w, b.yw, c.y),
        vec4(b.xz, c.xz), vec4(b.yw, c.yw), vec4(b.z, c.xz, d));
}

fn filter_of(w0: Octet, w1: Octet, w2: Octet, w3: Octet, w4: Octet, w5: Octet, w6: Octet) -> Filter {
    return Filter(Taps(w0.low, w1.low, w2.low, w3.low, w4.low, w5.low, w6.low),
        Taps(w0.high, w1.high, w2.high, w3.high, w4.high, w5.high, w6.high));
}

fn add_taps(sum: mat4x4<f32>, w: Taps, v: Taps) -> mat4x4<f32> {
    let four = add_outer(add_outer(add_outer(add_outer(sum, w.t0, v.t0), w.t1, v.t1), w.t2, v.t2), w.t3, v.t3);
    if (TAPS == 4u) {
        return four;
    }
    let five = add_outer(four, w.t4, v.t4);
    if (TAPS == 5u) {
        return five;
    }
    return add_outer(add_outer(five, w.t5, v.t5), w.t6, v.t6);
}

/// Adds the products of one input channel and a row of the kernel.
fn add_row(sum: Tile, w: Filter, near: Taps, far: Taps) -> Tile {
    return Tile(add_taps(sum.low_near, w.low, near), add_taps(sum.low_far, w.low, far),
        add_taps(sum.high_near, w.high, near), add_taps(sum.high_far, w.high, far));
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tiles = (params.out_channels + 15u) / 16u;
    let group = workgroup.y / tiles;
    let channel = workgroup.y % tiles * 16u;
    let fours = (params.cols + 3u) / 4u;
    // Those past the grid's end read something and store nothing.
    let index = workgroup.x * LANES + lane;
    let row = index / fours * 2u;
    let column = index % fours * 4u;
    let near_y = row * params.stride_y - u32(params.before_y);
    let far_y = near_y + params.stride_y;
    let at = columns(column * STRIDE - u32(params.before_x));
    let in_plane = params.in_height * params.in_width;
    let first_plane = params.x_offset + group * params.in_channels * in_plane;

    var sum0 = Tile(); var sum1 = Tile();
    // Not params alone: see conv_software.wgsl.
    let kernel_h = params.kernel_h + workgroup.z;
    let in_channels = params.in_channels + workgroup.z;
    for (var ky = 0u; ky < kernel_h; ky++) {
        let near_line = line(near_y + ky * params.dilation_y);
        let far_line = line(far_y + ky * params.dilation_y);
        let first_row = (workgroup.y * kernel_h + ky) * in_channels;
        for (var ic = 0u; ic < in_channels; ic++) {
            let plane = first_plane + ic * in_plane;
            let near = load_row(plane, near_line, at);
            let far = load_row(plane, far_line, at);
            let w = (first_row + ic) * TAPS * 2u;
            // Two taps each; what is left over of the last belongs to others.
            let w01 = octets(w, lane);
            let w23 = octets(w + 4u, lane);
            var w45 = w23;
            var w6 = w23;
            if (TAPS > 4u) { w45 = octets(w + 8u, lane); }
            if (TAPS > 5u) { w6 = octets(w + 12u, lane); }
            sum0 = add_row(sum0, filter_of(w01.a, w01.c, w23.a, w23.c, w45.a, w45.c, w6.a), near, far);
            sum1 = add_row(sum1, filter_of(w01.b, w01.d, w23.b, w23.d, w45.b, w45.d, w6.b), near, far);
        }
    }

    let near_positions = positions(row, column);
    let far_positions = positions(row + 1u, column);
    store_tile(sum0, group, channel, near_positions, far_positions);
    store_tile(sum1, group, channel + 8u, near_positions, far_positions);
}
