// alpha · a · b, batched: out [batch, m, n], each invocation a tile of 4 × 4. a [m, k] and b [k,
// n] lie with any steps, so transposes cost nothing. The sum over k may be split into several
// parts, [parts, batch, m, n]. `table` lists the batch axes but the outermost, innermost first:
// length, step of a, step of b.

struct Params {
    count: u32,
    out_offset: u32,
    a_offset: u32,
    b_offset: u32,
    m: u32,
    n: u32,
    k: u32,
    batch: u32,
    part_length: u32,
    a_row: u32,
    a_column: u32,
    b_row: u32,
    b_column: u32,
    inner_axes: u32,
    a_step: u32,
    b_step: u32,
    alpha: f32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read> table: array<u32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    if (i >= params.count) {
        return;
    }
    let tiles_n = (params.n + 3u) / 4u;
    let tiles_m = (params.m + 3u) / 4u;
    let tile_rows = i / tiles_n;
    let matrix = tile_rows / tiles_m;
    let part = matrix / params.batch;
    let column = (i - tile_rows * tiles_n) * 4u;
    let row = (tile_rows - matrix * tiles_m) * 4u;

    var rest = matrix - part * params.batch;
    var at_a = params.a_offset;
    var at_b = params.b_offset;
    for (var axis = 0u; axis < params.inner_axes; axis++) {
        let outer = rest / table[axis * 3u];
        let index = rest - outer * table[axis * 3u];
        at_a += index * table[axis * 3u + 1u];
        at_b += index * table[axis * 3u + 2u];
        rest = outer;
    }
    at_a += rest * params.a_step;
    at_b += rest * params.b_step;

    // Rows and columns beyond the edge repeat the last one and are not written.
    let rows = min(vec4u(row, row + 1u, row + 2u, row + 3u), vec4u(params.m - 1u));
    let columns = min(vec4u(column, column + 1u, column + 2u, column + 3u), vec4u(params.n - 1u));
    let first = part * params.part_length;
    let end = min(first + params.part_length, params.k);
    var places_a = at_a + rows * params.a_row + first * params.a_column;
    var places_b = at_b + columns * params.b_column + first * params.b_row;
    var sum_0 = vec4f();
    var sum_1 = vec4f();
    var sum_2 = vec4f();
    var sum_3 = vec4f();
    for (var at = first; at < end; at++) {
        let across = vec4f(b[places_b.x], b[places_b.y], b[places_b.z], b[places_b.w]);
        sum_0 = fma(vec4f(a[places_a.x]), across, sum_0);
        sum_1 = fma(vec4f(a[places_a.y]), across, sum_1);
        sum_2 = fma(vec4f(a[places_a.z]), across, sum_2);
        sum_3 = fma(vec4f(a[places_a.w]), across, sum_3);
        places_a += params.a_column;
        places_b += params.b_row;
    }
    let corner = params.out_offset + matrix * params.m * params.n;
    put(corner, row, column, sum_0);
    put(corner, row + 1u, column, sum_1);
    put(corner, row + 2u, column, sum_2);
    put(corner, row + 3u, column, sum_3);
}

fn put(corner: u32, row: u32, column: u32, sums: vec4f) {
    if (row >= params.m) {
        return;
    }
    for (var i = 0u; i < min(4u, params.n - column); i++) {
        let place = corner + row * params.n + column + i;
        var value = params.alpha * sums[i];
        if (params.accumulate != 0u) {
            value += out[place];
        }
        out[place] = value;
    }
}
