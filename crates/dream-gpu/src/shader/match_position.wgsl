// For every position of x [channels, positions] the one of the guide [channels, guides] with the
// largest dot product, the first of equals; four are tried at a time. Written to scratch
// [positions]; match.wgsl reads it.

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
@group(0) @binding(1) var<storage, read_write> out: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> guide: array<f32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let position = flat_index(id, groups);
    if (position >= params.count) {
        return;
    }
    var best = LOWEST;
    var found = 0u;
    for (var first = 0u; first < params.guides; first += 4u) {
        // Those beyond the end repeat the last one, which is not larger than itself.
        let tried =
            min(vec4u(first, first + 1u, first + 2u, first + 3u), vec4u(params.guides - 1u));
        var places = params.guide_offset + tried;
        var at = params.x_offset + position;
        var dots = vec4f();
        for (var channel = 0u; channel < params.channels; channel++) {
            let there =
                vec4f(guide[places.x], guide[places.y], guide[places.z], guide[places.w]);
            dots = fma(vec4f(x[at]), there, dots);
            places += params.guides;
            at += params.positions;
        }
        for (var i = 0u; i < 4u; i++) {
            let larger = dots[i] > best;
            best = select(best, dots[i], larger);
            found = select(found, tried[i], larger);
        }
    }
    out[position] = found;
}
