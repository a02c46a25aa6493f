// Convolution with a 1 x 1 kernel, stride 1 and no padding, over planes of whole fours: 8*OCTETS output
// channels x 8 pixels per invocation, four input channels at a time, no workgroup memory and no
// barriers. For software adapters, which load four neighbours for the price of two.
//
// out[oc, p] = bias[oc] + sum over ic of weight[oc, ic] * x[ic, p]     (f32, planes, N = 1)
//
// weight: [group][oc tile][ic][oc in tile], tile = 8*OCTETS channels, padded with zeros.
// Dispatch: (ceil(rows*cols / (8*LANES)), groups * ceil(out_channels / (8*OCTETS)), 1).

@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;

/// A channel's four pixels, or zeros behind the last channel, whatever its weights are.
fn load(at: u32, wanted: bool) -> vec4<f32> {
    return select(vec4(0.0), x[select(0u, at, wanted)], wanted);
}

/// Four channels from `ic` on, `fours` apart.
fn load_four(at: u32, fours: u32, ic: u32, in_channels: u32) -> mat4x4<f32> {
    let first = at + ic * fours;
    return mat4x4<f32>(load(first, true), load(first + fours, ic + 1u < in_channels),
        load(first + 2u * fours, ic + 2u < in_channels), load(first + 3u * fours, ic + 3u < in_channels));
}

/// Where four pixels lie in the output's planes; NOWHERE past their end.
fn positions(four: u32, fours: u32) -> vec4<u32> {
    return select(vec4(NOWHERE), vec4(4u * four) + vec4(0u, 1u, 2u, 3u), four < fours);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tiles = (params.out_channels + 8u * OCTETS - 1u) / (8u * OCTETS);
    let group = workgroup.y / tiles;
    let channel = workgroup.y % tiles * (8u * OCTETS);
    // Those past the planes' end read the last and store nothing.
    let fours = params.in_height * params.in_width / 4u;
    let near = workgroup.x * (2u * LANES) + lane;
    let far = near + LANES;
    let first_plane = params.x_offset / 4u + group * params.in_channels * fours;
    let near_at = first_plane + min(near, fours - 1u);
    let far_at = first_plane + min(far, fours - 1u);

    var sum = Tiles();
    // Not params alone, as in `finish`.
    let finish = finish(workgroup.z);
    let in_channels = params.in_channels + workgroup.z;
    for (var ic = 0u; ic < in_channels; ic += 4u) {
        let v = Values(load_four(near_at, fours, ic, in_channels), load_four(far_at, fours, ic, in_channels));
        sum = add_channels(sum, (workgroup.y * in_channels + ic) * OCTETS, lane, v);
    }

    store_tiles(sum, group, channel, positions(near, fours), positions(far, fours), finish);
}
