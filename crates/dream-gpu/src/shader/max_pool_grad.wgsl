// Gradient of a max-pooling at x [channels, height, width]: sum of dy [channels, rows, columns]
// over the windows whose position, by max_pool_position.wgsl, is this one.

@group(0) @binding(1) var<storage, read_write> out: array<Pack>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> position: array<u32>;
@group(0) @binding(4) var<storage, read> rectifier: array<Pack>;

// 1 or 2: windows of 3 x 3 without dilation, this stride apart, whose loops are unrolled here; 0: any.
override STRIDE_OF_THREES: u32 = 0u;

// Four neighbours in two rows: where they lie in their channel, and the sums of their gradients.
struct Neighbours {
    upper_place: vec4<u32>,
    lower_place: vec4<u32>,
    upper: vec4<f32>,
    lower: vec4<f32>,
}

// Dispatch: an invocation for every four neighbours in two rows, which share the windows.

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = flat_index(id, groups);
    let per_line = quotient(params.width + 3u, 4u);
    let lines = (params.height + 1u) / 2u;
    let line = quotient(i, per_line);
    let channel = quotient(line, lines);
    let plane = params.height * params.width;
    if (channel * plane >= params.count) {
        return;
    }
    let top = 2u * (line - channel * lines);
    let left = 4u * (i - line * per_line);
    let place = vec4(top * params.width + left) + vec4(0u, 1u, 2u, 3u);
    let first_window = channel * params.rows * params.columns;
    let none = Neighbours(place, place + params.width, vec4(0.0), vec4(0.0));
    // Positions in the padded image.
    let y = top + params.before_h;
    let x = left + params.before_w;
    var sums = none;
    if (STRIDE_OF_THREES == 0u) {
        sums = add_any(none, first_window, y, x);
    } else {
        sums = add_threes(none, first_window, y, x);
    }
    let at = channel * plane + top * params.width + left;
    store_row(sums.upper, at, params.width - left);
    if (top + 1u < params.height) {
        store_row(sums.lower, at + params.width, params.width - left);
    }
}

fn add(sums: Neighbours, place: u32, own: f32) -> Neighbours {
    let there = vec4(place);
    return Neighbours(sums.upper_place, sums.lower_place,
        sums.upper + select(vec4(0.0), vec4(own), there == sums.upper_place),
        sums.lower + select(vec4(0.0), vec4(own), there == sums.lower_place));
}

// Windows of any size.
fn add_any(none: Neighbours, first_window: u32, y: u32, x: u32) -> Neighbours {
    // The windows that reach any of the eight.
    let reach_h = (params.kernel_h - 1u) * params.dilation_h + 1u;
    let reach_w = (params.kernel_w - 1u) * params.dilation_w + 1u;
    let first_row = select(0u, quotient(max(y, reach_h) - reach_h, params.stride_h) + 1u, y >= reach_h);
    let first_column = select(0u, quotient(max(x, reach_w) - reach_w, params.stride_w) + 1u, x >= reach_w);
    let end_row = min(quotient(y + 1u, params.stride_h) + 1u, params.rows);
    let end_column = min(quotient(x + 3u, params.stride_w) + 1u, params.columns);
    // What every round of the loops needs is read before them: software adapters pay for each time.
    let columns = params.columns;
    let first_dy = params.dy_offset;
    var sums = none;
    for (var row = first_row; row < end_row; row++) {
        let windows = first_window + row * columns;
        for (var column = first_column; column < end_column; column++) {
            sums = add(sums, position[windows + column], dy[first_dy + windows + column]);
        }
    }
    return sums;
}

// Windows of 3 x 3: 4 x 6 of them reach the eight with stride 1, 2 x 3 with stride 2.
fn add_threes(none: Neighbours, first_window: u32, y: u32, x: u32) -> Neighbours {
    // Rows and columns before the first wrap to large numbers and fail the test for the last.
    let row = select(y - 2u, u32((i32(y) - 1) >> 1u), STRIDE_OF_THREES == 2u);
    let column = select(x - 2u, u32((i32(x) - 1) >> 1u), STRIDE_OF_THREES == 2u);
    var sums = add_row(add_row(none, first_window, row, column), first_window, row + 1u, column);
    if (STRIDE_OF_THREES == 1u) {
        sums = add_row(add_row(sums, first_window, row + 2u, column), first_window, row + 3u, column);
    }
    return sums;
}

fn add_row(found: Neighbours, first_window: u32, row: u32, column: u32) -> Neighbours {
    var sums = add_window(found, first_window, row, column);
    sums = add_window(sums, first_window, row, column + 1u);
    sums = add_window(sums, first_window, row, column + 2u);
    if (STRIDE_OF_THREES == 1u) {
        sums = add_window(sums, first_window, row, column + 3u);
        sums = add_window(sums, first_window, row, column + 4u);
        sums = add_window(sums, first_window, row, column + 5u);
    }
    return sums;
}

fn add_window(sums: Neighbours, first_window: u32, row: u32, column: u32) -> Neighbours {
    let there = row < params.rows && column < params.columns;
    let window = first_window + select(0u, row * params.columns + column, there);
    return add(sums, select(NOWHERE, position[window], there), dy[params.dy_offset + window]);
}
