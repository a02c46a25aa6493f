// Minimal filtering, first part: patches of 6 x 6 of x [channels, height, width], which begin 4 rows and
// columns apart, transformed: out [36, channels, tiles] = B^T d B. Stands behind winograd.wgsl.
//
// What several points have in common comes first, and where x is flat, all but one place is exactly 0.
//
// Dispatch: an invocation for every patch of every channel.

@group(0) @binding(2) var<storage, read> x: array<f32>;

/// Three values for each of six rows, columns or points.
struct Six {
    v0: vec3<f32>,
    v1: vec3<f32>,
    v2: vec3<f32>,
    v3: vec3<f32>,
    v4: vec3<f32>,
    v5: vec3<f32>,
}

/// Six columns of a row.
struct Row {
    near: vec3<f32>,
    far: vec3<f32>,
}

fn load(plane: u32, row: u32, column: u32) -> Row {
    // A negative coordinate is a huge unsigned one, thus outside too.
    let line = select(0u, row * params.width, row < params.height);
    let near = vec3(column) + vec3(0u, 1u, 2u);
    let far = near + 3u;
    let near_inside = (near < vec3(params.width)) & vec3(row < params.height);
    let far_inside = (far < vec3(params.width)) & vec3(row < params.height);
    let a = plane + line + select(vec3(0u), near, near_inside);
    let b = plane + line + select(vec3(0u), far, far_inside);
    return Row(select(vec3(0.0), vec3(x[a.x], x[a.y], x[a.z]), near_inside),
        select(vec3(0.0), vec3(x[b.x], x[b.y], x[b.z]), far_inside));
}

/// The factors of the points 1/2 and -2, from the first of three inputs on.
fn factors(low: vec3<f32>, middle: vec3<f32>, high: vec3<f32>) -> vec3<f32> {
    return fma(vec3(1.5), middle, high - low);
}

fn evaluate(d: Six) -> Six {
    let f0 = factors(d.v0, d.v1, d.v2);
    let f1 = factors(d.v1, d.v2, d.v3);
    let f2 = factors(d.v2, d.v3, d.v4);
    let f3 = factors(d.v3, d.v4, d.v5);
    let odd = d.v3 - d.v1;
    let even = d.v4 - d.v2;
    return Six(f2 - f0, f2 + f1, f2 - f1, fma(vec3(2.0), odd, even), fma(vec3(-0.5), odd, even), f3 - f1);
}

/// Stores three rows of a patch from its `first` place on.
fn store(rows: Six, first: u32, i: u32) {
    let v = array<vec3<f32>, 6>(rows.v0, rows.v1, rows.v2, rows.v3, rows.v4, rows.v5);
    for (var column = 0u; column < 6u; column++) {
        let at = (first + column) * params.count + i;
        out[at] = v[column].x;
        out[at + 6u * params.count] = v[column].y;
        out[at + 12u * params.count] = v[column].z;
    }
}

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let tile = tile_of(i);
    let row = (params.first_row + tile.row) * 4u - u32(params.before_y);
    let column = tile.column * 4u - u32(params.before_x);
    let plane = params.x_offset + tile.channel * params.height * params.width;
    let r0 = load(plane, row, column);
    let r1 = load(plane, row + 1u, column);
    let r2 = load(plane, row + 2u, column);
    let r3 = load(plane, row + 3u, column);
    let r4 = load(plane, row + 4u, column);
    let r5 = load(plane, row + 5u, column);
    let near = evaluate(Six(r0.near, r1.near, r2.near, r3.near, r4.near, r5.near));
    let far = evaluate(Six(r0.far, r1.far, r2.far, r3.far, r4.far, r5.far));
    let high = transpose(mat3x3<f32>(near.v0, near.v1, near.v2));
    let high_far = transpose(mat3x3<f32>(far.v0, far.v1, far.v2));
    let low = transpose(mat3x3<f32>(near.v3, near.v4, near.v5));
    let low_far = transpose(mat3x3<f32>(far.v3, far.v4, far.v5));
    store(evaluate(Six(high[0], high[1], high[2], high_far[0], high_far[1], high_far[2])), 0u, i);
    store(evaluate(Six(low[0], low[1], low[2], low_far[0], low_far[1], low_far[2])), 18u, i);
}
