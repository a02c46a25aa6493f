// factor · the guide [channels, guides] at the position that match_position.wgsl has found for each
// position of out [channels, positions].

struct Params {
    count: u32,
    out_offset: u32,
    x_offset: u32,
    guide_offset: u32,
    channels: u32,
    positions: u32,
    guides: u32,
    factor: f32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> guide: array<f32>;
@group(0) @binding(3) var<storage, read> found: array<u32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let channel = i / params.positions;
    let at = channel * params.guides + found[i - channel * params.positions];
    var value = params.factor * guide[params.guide_offset + at];
    if (params.accumulate != 0u) {
        value += out[params.out_offset + i];
    }
    out[params.out_offset + i] = value;
}
