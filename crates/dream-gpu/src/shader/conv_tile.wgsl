// Register tiles of the convolutions for software adapters: eight channels for eight pixels. Stands
// before conv.wgsl, conv_plain.wgsl and conv_rows.wgsl, behind conv_software.wgsl.

/// Sums of eight channels, four low and four high, for eight pixels: a column for each pixel.
struct Tile {
    low_near: mat4x4<f32>,
    low_far: mat4x4<f32>,
    high_near: mat4x4<f32>,
    high_far: mat4x4<f32>,
}

override OCTETS: u32 = 4u;  // 1, 2 or 4: eight output channels each

/// Sums of 8*OCTETS channels.
struct Tiles {
    t0: Tile,
    t1: Tile,
    t2: Tile,
    t3: Tile,
}

/// Values of eight pixels, four near and four far: a column for each of four input channels.
struct Values {
    near: mat4x4<f32>,
    far: mat4x4<f32>,
}

/// Adds the products of four input channels, each with its weights.
fn add_four(sum: Tile, w0: Octet, w1: Octet, w2: Octet, w3: Octet, v: Values) -> Tile {
    let low = mat4x4<f32>(w0.low, w1.low, w2.low, w3.low);
    let high = mat4x4<f32>(w0.high, w1.high, w2.high, w3.high);
    return Tile(add_outers(sum.low_near, low, v.near), add_outers(sum.low_far, low, v.far),
        add_outers(sum.high_near, high, v.near), add_outers(sum.high_far, high, v.far));
}

fn add_outers(sum: mat4x4<f32>, w: mat4x4<f32>, v: mat4x4<f32>) -> mat4x4<f32> {
    return add_outer(add_outer(add_outer(add_outer(sum, w[0], v[0]), w[1], v[1]), w[2], v[2]), w[3], v[3]);
}

/// Adds the products of four input channels, whose weights begin with the `w`-th eight.
fn add_channels(sum: Tiles, w: u32, lane: u32, v: Values) -> Tiles {
    let w0 = octets(w, lane);
    if (OCTETS == 1u) {
        return Tiles(add_four(sum.t0, w0.a, w0.b, w0.c, w0.d, v), sum.t1, sum.t2, sum.t3);
    }
    let w1 = octets(w + 4u, lane);
    if (OCTETS == 2u) {
        return Tiles(add_four(sum.t0, w0.a, w0.c, w1.a, w1.c, v), add_four(sum.t1, w0.b, w0.d, w1.b, w1.d, v),
            sum.t2, sum.t3);
    }
    let w2 = octets(w + 8u, lane);
    let w3 = octets(w + 12u, lane);
    return Tiles(add_four(sum.t0, w0.a, w1.a, w2.a, w3.a, v), add_four(sum.t1, w0.b, w1.b, w2.b, w3.b, v),
        add_four(sum.t2, w0.c, w1.c, w2.c, w3.c, v), add_four(sum.t3, w0.d, w1.d, w2.d, w3.d, v));
}

/// Stores a tile whose first channel is `channel` of its group.
fn store_tile(sum: Tile, group: u32, channel: u32, near: vec4<u32>, far: vec4<u32>, finish: Finish) {
    let low = channels(group, channel, finish);
    store(sum.low_near, low, near);
    store(sum.low_far, low, far);
    let high = channels(group, channel + 4u, finish);
    store(sum.high_near, high, near);
    store(sum.high_far, high, far);
}

/// Stores all tiles, the first of which begins with `channel` of its group.
fn store_tiles(sum: Tiles, group: u32, channel: u32, near: vec4<u32>, far: vec4<u32>, finish: Finish) {
    store_tile(sum.t0, group, channel, near, far, finish);
    if (OCTETS > 1u) {
        store_tile(sum.t1, group, channel + 8u, near, far, finish);
    }
    if (OCTETS > 2u) {
        store_tile(sum.t2, group, channel + 16u, near, far, finish);
        store_tile(sum.t3, group, channel + 24u, near, far, finish);
    }
}
