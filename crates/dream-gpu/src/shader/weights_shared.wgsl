// Packed weights of the convolutions for software adapters with subgroups of eight at least: each of
// a workgroup's eight invocations loads four of 32 weights and hands them to the others.
// Stands between the helpers and the shader; `weights_each.wgsl` is the other way.

@group(0) @binding(3) var<storage, read> weight: array<vec4<f32>>;

const LANES = 8u;  // invocations of a workgroup
override TOGETHER: u32 = 4u;  // input channels at a time, 2 or 4

/// Weights of eight output channels.
struct Octet {
    low: vec4<f32>,
    high: vec4<f32>,
}

/// Four of them in a row.
struct Octets {
    a: Octet,
    b: Octet,
    c: Octet,
    d: Octet,
}

/// Four times eight weights from the `first` eight on. `lane` is the invocation's place in its
/// workgroup.
fn octets(first: u32, lane: u32) -> Octets {
    let w = weight[2u * first + lane];
    return Octets(
        Octet(subgroupBroadcast(w, 0u), subgroupBroadcast(w, 1u)),
        Octet(subgroupBroadcast(w, 2u), subgroupBroadcast(w, 3u)),
        Octet(subgroupBroadcast(w, 4u), subgroupBroadcast(w, 5u)),
        Octet(subgroupBroadcast(w, 6u), subgroupBroadcast(w, 7u)));
}
