// What the gradient of local response normalisation arrives with. Stands before lrn_terms.wgsl and
// lrn_grad.wgsl, behind lrn_window.wgsl.

@group(0) @binding(3) var<storage, read> dy: array<f32>;

// Four channels from the `n`th of eight on; of channels that are not there, anything.
fn load_dy(at: Place, n: u32) -> vec4<f32> {
    let c = at.first + n;
    let start = params.dy_offset;
    return vec4(dy[start + element(at, c)], dy[start + element(at, c + 1u)],
        dy[start + element(at, c + 2u)], dy[start + element(at, c + 3u)]);
}
