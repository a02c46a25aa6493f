// How neighbours in a row are stored one by one; row_fours.wgsl is the other way. Stands behind
// rectified.wgsl.

// Stores as many of four neighbours as there are.
fn store_row(values: vec4<f32>, first: u32, count: u32) {
    store_rectified(values.x, first);
    if (count > 1u) {
        store_rectified(values.y, first + 1u);
    }
    if (count > 2u) {
        store_rectified(values.z, first + 2u);
    }
    if (count > 3u) {
        store_rectified(values.w, first + 3u);
    }
}
