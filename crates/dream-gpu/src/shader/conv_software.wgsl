// What the convolutions of software adapters share: the flags of their uniform, their weights, and how
// products are summed up in register tiles. Stands before conv.wgsl, conv_rows.wgsl, conv_patch.wgsl
// and conv_pointwise.wgsl.
//
// Their loops end at params plus the workgroup's place in depth, where the grid is one deep: that adds
// nothing, but lavapipe compiles loops over params alone anew for each of their values, seconds per dispatch.

// The uniform's flags. Pipelines are made for them, because a load costs as much as tens of multiply-adds.
override ACCUMULATE: bool = true;
override RECTIFIED: bool = true;

override OCTETS: u32 = 4u;  // 1, 2 or 4: eight output channels each, in the shaders that have several tiles

// Bindings 1, 2 and 5 are out, x and the rectifier's output.
// Binding 3 is the weights: octet().
@group(0) @binding(4) var<storage, read> bias: array<f32>;

/// sum + w vᵀ, each product rounded once with its sum.
fn add_outer(sum: mat4x4<f32>, w: vec4<f32>, v: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(fma(w, vec4(v.x), sum[0]), fma(w, vec4(v.y), sum[1]),
        fma(w, vec4(v.z), sum[2]), fma(w, vec4(v.w), sum[3]));
}

/// Sums of eight channels, four low and four high, for eight pixels: a column for each pixel.
struct Tile {
    low_near: mat4x4<f32>,
    low_far: mat4x4<f32>,
    high_near: mat4x4<f32>,
    high_far: mat4x4<f32>,
}

/// Sums of 8*OCTETS channels.
struct Tiles {
    t0: Tile,
    t1: Tile,
    t2: Tile,
    t3: Tile,
}

/// Values of eight pixels, four near and four far: a column for each of TOGETHER input channels.
struct Values {
    near: mat4x4<f32>,
    far: mat4x4<f32>,
}

/// Adds the products of TOGETHER input channels, each with its weights.
fn add_tile(sum: Tile, w0: Octet, w1: Octet, w2: Octet, w3: Octet, v: Values) -> Tile {
    let low = mat4x4<f32>(w0.low, w1.low, w2.low, w3.low);
    let high = mat4x4<f32>(w0.high, w1.high, w2.high, w3.high);
    return Tile(add_outers(sum.low_near, low, v.near), add_outers(sum.low_far, low, v.far),
        add_outers(sum.high_near, high, v.near), add_outers(sum.high_far, high, v.far));
}

fn add_outers(sum: mat4x4<f32>, w: mat4x4<f32>, v: mat4x4<f32>) -> mat4x4<f32> {
    let two = add_outer(add_outer(sum, w[0], v[0]), w[1], v[1]);
    if (TOGETHER == 2u) {
        return two;
    }
    return add_outer(add_outer(two, w[2], v[2]), w[3], v[3]);
}

/// Adds the products of TOGETHER input channels, whose weights begin with the `w`-th eight.
fn add_channels(sum: Tiles, w: u32, lane: u32, v: Values) -> Tiles {
    let w0 = octets(w, lane);
    if (OCTETS == 1u) {
        return Tiles(add_tile(sum.t0, w0.a, w0.b, w0.c, w0.d, v), sum.t1, sum.t2, sum.t3);
    }
    var w1 = w0;
    if (OCTETS * TOGETHER > 4u) {
        w1 = octets(w + 4u, lane);
    }
    if (OCTETS == 2u) {
        return Tiles(add_tile(sum.t0, w0.a, w0.c, w1.a, w1.c, v), add_tile(sum.t1, w0.b, w0.d, w1.b, w1.d, v),
            sum.t2, sum.t3);
    }
    var w2 = w0;
    var w3 = w0;
    if (TOGETHER == 4u) {
        w2 = octets(w + 8u, lane);
        w3 = octets(w + 12u, lane);
    }
    return Tiles(add_tile(sum.t0, w0.a, w1.a, w2.a, w3.a, v), add_tile(sum.t1, w0.b, w1.b, w2.b, w3.b, v),
        add_tile(sum.t2, w0.c, w1.c, w2.c, w3.c, v), add_tile(sum.t3, w0.d, w1.d, w2.d, w3.d, v));
}

/// Four output channels that are written.
struct Channels {
    first: u32,        // among those of all groups
    count: u32,        // of the four, those that there are; the rest is padding
    bias: vec4<f32>,
}

/// The four channels from `first` of a group.
fn channels(group: u32, first: u32) -> Channels {
    let count = params.out_channels - min(first, params.out_channels);
    let oc = group * params.out_channels + first;
    let at = min(vec4(oc) + vec4(0u, 1u, 2u, 3u), vec4(params.groups * params.out_channels - 1u));
    let i = select(vec4(0u), at, vec4(params.has_bias != 0u));
    let own = select(vec4(0.0), vec4(bias[i.x], bias[i.y], bias[i.z], bias[i.w]), vec4(params.has_bias != 0u));
    return Channels(oc, count, own);
}
