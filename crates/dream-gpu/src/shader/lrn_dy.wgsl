// What the gradient of local response normalisation arrives with. Stands before lrn_terms.wgsl and
// lrn_grad.wgsl, behind lrn_window.wgsl.

@group(0) @binding(3) var<storage, read> dy: array<f32>;

fn load_dy(at: Place, channel: u32) -> f32 {
    // A negative channel is a huge one, thus outside too.
    return select(0.0, dy[params.dy_offset + element(at, channel)], channel < params.channels);
}

// Four channels; of those that are not there, zeros.
fn load_four_dy(at: Place, channel: u32) -> vec4<f32> {
    return vec4(load_dy(at, channel), load_dy(at, channel + 1u), load_dy(at, channel + 2u), load_dy(at, channel + 3u));
}
