// Packed weights of the convolutions for software adapters with subgroups of eight at least: each of
// a workgroup's eight invocations loads one of eight weights and hands it to the others.
// Stands between the helpers and the shader; `weights_each.wgsl` is the other way.

@group(0) @binding(3) var<storage, read> weight: array<f32>;

const LANES = 8u;  // invocations of a workgroup

/// Weights of eight output channels.
struct Octet {
    low: vec4<f32>,
    high: vec4<f32>,
}

/// The `index`-th eight weights. `lane` is the invocation's place in its workgroup.
fn octet(index: u32, lane: u32) -> Octet {
    let w = weight[8u * index + lane];
    return Octet(
        vec4(subgroupBroadcast(w, 0u), subgroupBroadcast(w, 1u), subgroupBroadcast(w, 2u), subgroupBroadcast(w, 3u)),
        vec4(subgroupBroadcast(w, 4u), subgroupBroadcast(w, 5u), subgroupBroadcast(w, 6u), subgroupBroadcast(w, 7u)));
}
