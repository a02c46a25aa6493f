// Packed weights of the convolutions for software adapters, where every invocation loads what it
// needs. Stands between the helpers and the shader; `weights_shared.wgsl` is the other way.

@group(0) @binding(3) var<storage, read> weight: array<vec4<f32>>;

const LANES = 4u;  // invocations of a workgroup

/// Weights of eight output channels.
struct Octet {
    low: vec4<f32>,
    high: vec4<f32>,
}

/// The `index`-th eight weights. `lane` is the invocation's place in its workgroup.
fn octet(index: u32, lane: u32) -> Octet {
    return Octet(weight[2u * index], weight[2u * index + 1u]);
}
