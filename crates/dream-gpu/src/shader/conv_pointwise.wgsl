// Convolution with a 1 x 1 kernel as a plain matrix product: 8*OCTETS output channels x 8 pixels per
// invocation, four input channels at a time. For software adapters, which load and store four
// neighbouring pixels at once in little more time than one: planes and offsets are multiples of four.
//
// out[oc, p] = bias[oc] + sum over ic of weight[oc, ic] * x[ic, p]     (f32, planes of pixels)
//
// weight: [group][oc tile][ic][oc in tile], tile = 8*OCTETS channels, padded with zeros.
// Dispatch: (ceil(pixels / (8*LANES)), groups * ceil(out_channels / (8*OCTETS)), 1).

@group(0) @binding(1) var<storage, read_write> out: array<Pack>;
@group(0) @binding(2) var<storage, read> x: array<Pack>;
@group(0) @binding(5) var<storage, read> rectifier: array<Pack>;

/// Four pixels in each of four channels from `ic` on; behind the last one there are zeros, whatever their
/// weights are.
fn load_channels(at: u32, plane: u32, ic: u32, in_channels: u32) -> mat4x4<f32> {
    let first = at + ic * plane;
    return mat4x4<f32>(x[first], load(first + plane, ic + 1u < in_channels),
        load(first + 2u * plane, ic + 2u < in_channels), load(first + 3u * plane, ic + 3u < in_channels));
}

fn load(at: u32, wanted: bool) -> vec4<f32> {
    return select(vec4(0.0), x[select(0u, at, wanted)], wanted);
}

/// Stores one channel of four pixels.
fn store_pack(value: vec4<f32>, at: u32) {
    let to = params.out_offset / 4u + at;
    var sum = select(value, max(value, vec4(0.0)), params.relu != 0u);
    if (ACCUMULATE) {
        sum += out[to];
    }
    if (RECTIFIED) {
        sum = select(vec4(0.0), sum, rectifier[params.rectifier_offset / 4u + at] > vec4(0.0));
    }
    out[to] = sum;
}

/// Stores four channels of four pixels.
fn store(sum: mat4x4<f32>, to: Channels, plane: u32, pack: u32) {
    let rows = transpose(sum);
    let at = to.first * plane + pack;
    if (pack < plane) {
        if (to.count > 0u) { store_pack(rows[0] + to.bias.x, at); }
        if (to.count > 1u) { store_pack(rows[1] + to.bias.y, at + plane); }
        if (to.count > 2u) { store_pack(rows[2] + to.bias.z, at + 2u * plane); }
        if (to.count > 3u) { store_pack(rows[3] + to.bias.w, at + 3u * plane); }
    }
}

/// Stores a tile whose first channel is `channel` of its group.
fn store_tile(sum: Tile, group: u32, channel: u32, plane: u32, near: u32, far: u32) {
    let low = channels(group, channel);
    store(sum.low_near, low, plane, near);
    store(sum.low_far, low, plane, far);
    let high = channels(group, channel + 4u);
    store(sum.high_near, high, plane, near);
    store(sum.high_far, high, plane, far);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tiles = (params.out_channels + 8u * OCTETS - 1u) / (8u * OCTETS);
    let group = workgroup.y / tiles;
    let channel = workgroup.y % tiles * (8u * OCTETS);
    let plane = params.in_height * params.in_width / 4u;
    // Packs past the end read something and store nothing.
    let near = workgroup.x * (2u * LANES) + lane;
    let far = near + LANES;
    let first_plane = params.x_offset / 4u + group * params.in_channels * plane;
    let near_x = first_plane + min(near, plane - 1u);
    let far_x = first_plane + min(far, plane - 1u);

    var sum = Tiles();
    // Not params alone: see conv_software.wgsl.
    let in_channels = params.in_channels + workgroup.z;
    let first_row = workgroup.y * in_channels;
    for (var ic = 0u; ic < in_channels; ic += 4u) {
        let v = Values(load_channels(near_x, plane, ic, in_channels), load_channels(far_x, plane, ic, in_channels));
        sum = add_channels(sum, (first_row + ic) * OCTETS, lane, v);
    }

    store_tile(sum.t0, group, channel, plane, near, far);
    if (OCTETS > 1u) {
        store_tile(sum.t1, group, channel + 8u, plane, near, far);
    }
    if (OCTETS > 2u) {
        store_tile(sum.t2, group, channel + 16u, plane, near, far);
        store_tile(sum.t3, group, channel + 24u, plane, near, far);
    }
}
