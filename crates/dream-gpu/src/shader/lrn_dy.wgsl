// What the gradient of local response normalisation arrives with. Stands before lrn_terms.wgsl and
// lrn_grad.wgsl, behind lrn_window.wgsl.

@group(0) @binding(3) var<storage, read> dy: array<Pack>;

// Zero where there is no such channel; a negative one is a huge one.
fn load_dy(at: Place, channel: u32) -> Pack {
    return select(Pack(0.0), dy[params.dy_offset + element(at, channel)], channel < params.channels);
}
