// Minimal filtering, last part: products [36, channels, tiles] to tiles of 4 x 4 of out [channels, height,
// width]: A^T m A. Stands behind winograd.wgsl, rectified.wgsl and row_each.wgsl or row_fours.wgsl.
//
// Dispatch: an invocation for every tile of every channel.

@group(0) @binding(2) var<storage, read> products: array<f32>;
@group(0) @binding(3) var<storage, read> rectifier: array<Pack>;

/// Three columns for each of four rows.
struct Four {
    v0: vec3<f32>,
    v1: vec3<f32>,
    v2: vec3<f32>,
    v3: vec3<f32>,
}

/// Three places of a row of products, from the `first` on.
fn load(first: u32, i: u32) -> vec3<f32> {
    let at = first * params.count + i;
    return vec3(products[at], products[at + params.count], products[at + 2u * params.count]);
}

fn interpolate(m0: vec3<f32>, m1: vec3<f32>, m2: vec3<f32>, m3: vec3<f32>, m4: vec3<f32>, m5: vec3<f32>) -> Four {
    let sum = m1 + m2;
    let difference = m1 - m2;
    return Four(m0 + (sum + (m3 + m4)), difference + fma(vec3(0.5), m3, -2.0 * m4),
        sum + fma(vec3(0.25), m3, 4.0 * m4), m5 + (difference + fma(vec3(0.125), m3, -8.0 * m4)));
}

/// Three columns of products to three columns of four rows.
fn columns(first: u32, i: u32) -> Four {
    return interpolate(load(first, i), load(first + 6u, i), load(first + 12u, i), load(first + 18u, i),
        load(first + 24u, i), load(first + 30u, i));
}

fn store(values: vec4<f32>, row: u32, column: u32, plane: u32) {
    if (row < params.height) {
        store_row(values, (plane + row) * params.width + column, params.width - column);
    }
}

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let tile = tile_of(i);
    let row = (params.first_row + tile.row) * 4u;
    if (tile.row >= params.rows) {
        return;
    }
    let column = tile.column * 4u;
    let near = columns(0u, i);
    let far = columns(3u, i);
    // Three rows at a time, then the last one.
    let m = transpose(mat3x3<f32>(near.v0, near.v1, near.v2));
    let n = transpose(mat3x3<f32>(far.v0, far.v1, far.v2));
    let three = interpolate(m[0], m[1], m[2], n[0], n[1], n[2]);
    let last = interpolate(vec3(near.v3.x), vec3(near.v3.y), vec3(near.v3.z), vec3(far.v3.x), vec3(far.v3.y), vec3(far.v3.z));
    let plane = tile.channel * params.height;
    store(vec4(three.v0.x, three.v1.x, three.v2.x, three.v3.x), row, column, plane);
    store(vec4(three.v0.y, three.v1.y, three.v2.y, three.v3.y), row + 1u, column, plane);
    store(vec4(three.v0.z, three.v1.z, three.v2.z, three.v3.z), row + 2u, column, plane);
    store(vec4(last.v0.x, last.v1.x, last.v2.x, last.v3.x), row + 3u, column, plane);
}
