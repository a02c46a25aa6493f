// A step of Adam upwards (Kingma and Ba 2015): behind the `count` elements that climb lie as many
// first and second moments.

struct Params {
    count: u32,
    out_offset: u32,
    g_offset: u32,
    decay_first: f32,
    decay_second: f32,
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(1) @binding(0) var<uniform> step: Step;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    for (var i = flat_index(id, groups); i < params.count; i += flat_count(groups)) {
        let at = params.out_offset + i;
        let gradient = g[params.g_offset + i];
        let first = mix(gradient, out[at + params.count], params.decay_first);
        let second = mix(gradient * gradient, out[at + 2u * params.count], params.decay_second);
        out[at + params.count] = first;
        out[at + 2u * params.count] = second;
        out[at] += step.rate * first / (sqrt(second) + params.epsilon);
    }
}
