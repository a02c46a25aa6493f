// How an output is stored that may be the gradient before a rectifier. Stands before shaders that
// have `params`, `out` and `rectifier`, the rectifier's output, behind each.wgsl or fours.wgsl.

// Adds to what is there, or replaces it; where the rectifier has let nothing through, there is 0.
fn store_rectified(value: Pack, at: u32) {
    var sum = value;
    if (params.accumulate != 0u) {
        sum += out[params.out_offset + at];
    }
    if (params.rectified != 0u) {
        sum = select(Pack(0.0), sum, rectifier[params.rectifier_offset + at] > Pack(0.0));
    }
    out[params.out_offset + at] = sum;
}
