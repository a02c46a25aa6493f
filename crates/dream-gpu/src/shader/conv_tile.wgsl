// Register tiles of the convolutions for software adapters: eight channels for eight pixels. Stands
// before conv.wgsl and conv_rows.wgsl, behind conv_software.wgsl.

/// Sums of eight channels, four low and four high, for eight pixels: a column for each pixel.
struct Tile {
    low_near: mat4x4<f32>,
    low_far: mat4x4<f32>,
    high_near: mat4x4<f32>,
    high_far: mat4x4<f32>,
}

/// Stores a tile whose first channel is `channel` of its group.
fn store_tile(sum: Tile, group: u32, channel: u32, near: vec4<u32>, far: vec4<u32>) {
    let low = channels(group, channel);
    store(sum.low_near, low, near);
    store(sum.low_far, low, far);
    let high = channels(group, channel + 4u);
    store(sum.high_near, high, near);
    store(sum.high_far, high, far);
}
