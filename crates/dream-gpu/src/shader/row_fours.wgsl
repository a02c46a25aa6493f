// How four neighbours in a row are stored at once, where rows and offsets are multiples of four, and
// offsets count fours; row_each.wgsl is the other way. Stands behind rectified.wgsl.

fn store_row(values: vec4<f32>, first: u32, count: u32) {
    store_rectified(values, first / 4u);
}
