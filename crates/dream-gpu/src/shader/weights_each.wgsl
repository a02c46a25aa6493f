// Packed weights of the convolutions for software adapters, where every invocation loads what it
// needs. Stands between the helpers and the shader; `weights_shared.wgsl` is the other way.

@group(0) @binding(3) var<storage, read> weight: array<vec4<f32>>;

const LANES = 4u;  // invocations of a workgroup
// Input channels at a time, 2 or 4: with four, SwiftShader compiles convolutions with windows twice as long.
override TOGETHER: u32 = 2u;

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

fn octet(index: u32) -> Octet {
    return Octet(weight[2u * index], weight[2u * index + 1u]);
}

/// Four times eight weights from the `first` eight on. `lane` is the invocation's place in its
/// workgroup.
fn octets(first: u32, lane: u32) -> Octets {
    return Octets(octet(first), octet(first + 1u), octet(first + 2u), octet(first + 3u));
}
