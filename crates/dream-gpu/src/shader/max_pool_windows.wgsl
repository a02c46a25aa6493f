// What max-poolings of x [channels, height, width] share: the largest element of every window, and
// where it is. Stands before max_pool.wgsl and max_pool_position.wgsl.
//
// Dispatch: an invocation for every four neighbouring windows of a row, which share what they load.

@group(0) @binding(2) var<storage, read> x: array<f32>;

// 1 or 2: windows of 3 x 3 without dilation, this stride apart, whose loops are unrolled here; 0: any.
override STRIDE_OF_THREES: u32 = 0u;

// Four windows: what is largest in each, and where in its channel it is first, in scan order.
struct Largest {
    value: vec4<f32>,
    place: vec4<u32>,
}

// Four windows of an output row, counted over all channels, and how many of them there are.
struct Windows {
    line: u32,
    column: u32,
    count: u32,
}

fn windows(i: u32) -> Windows {
    let per_line = quotient(params.columns + 3u, 4u);
    let line = quotient(i, per_line);
    let column = 4u * (i - line * per_line);
    let count = select(0u, min(4u, params.columns - column), line * params.columns < params.count);
    return Windows(line, column, count);
}

// The largest of each of four windows.
fn largest(own: Windows) -> Largest {
    if (STRIDE_OF_THREES == 0u) {
        return largest_of_any(own);
    }
    let channel = quotient(own.line, params.rows);
    // Positions before the image wrap to large numbers and fail the test for its end.
    let top = (own.line - channel * params.rows) * STRIDE_OF_THREES - params.before_h;
    let left = own.column * STRIDE_OF_THREES - params.before_w;
    let plane = params.x_offset + channel * params.height * params.width;
    let none = Largest(vec4(LOWEST), vec4(NOWHERE));
    return larger_of_row(larger_of_row(larger_of_row(none, plane, top, left), plane, top + 1u, left), plane, top + 2u, left);
}

// The larger of what was found and three neighbours of a row for each window.
fn larger_of_row(found: Largest, plane: u32, y: u32, left: u32) -> Largest {
    let row = y * params.width;
    let inside = y < params.height;
    let near = load_four(plane + row, left, inside);
    var next = vec4(load_one(plane + row, left + 4u, inside), load_one(plane + row, left + 5u, inside), 0.0, 0.0);
    var taps = mat3x4<f32>(near, vec4(near.yzw, next.x), vec4(near.zw, next.xy));
    if (STRIDE_OF_THREES == 2u) {
        next.z = load_one(plane + row, left + 6u, inside);
        next.w = load_one(plane + row, left + 7u, inside);
        let last = load_one(plane + row, left + 8u, inside);
        taps = mat3x4<f32>(vec4(near.xz, next.xz), vec4(near.yw, next.yw), vec4(near.z, next.xz, last));
    }
    let place = vec4(row + left) + STRIDE_OF_THREES * vec4(0u, 1u, 2u, 3u);
    return larger(larger(larger(found, taps[0], place), taps[1], place + 1u), taps[2], place + 2u);
}

fn larger(found: Largest, value: vec4<f32>, place: vec4<u32>) -> Largest {
    let is_larger = value > found.value;
    return Largest(select(found.value, value, is_larger), select(found.place, place, is_larger));
}

fn load_one(row: u32, column: u32, inside: bool) -> f32 {
    let there = inside && column < params.width;
    return select(LOWEST, x[select(0u, row + column, there)], there);
}

fn load_four(row: u32, column: u32, inside: bool) -> vec4<f32> {
    return vec4(load_one(row, column, inside), load_one(row, column + 1u, inside),
        load_one(row, column + 2u, inside), load_one(row, column + 3u, inside));
}

fn largest_of_any(own: Windows) -> Largest {
    let channel = quotient(own.line, params.rows);
    // Positions before the image wrap to large numbers and fail the test for its end.
    let top = (own.line - channel * params.rows) * params.stride_h - params.before_h;
    let left = own.column * params.stride_w - params.before_w;
    let plane = params.x_offset + channel * params.height * params.width;
    // What every round of the loops needs is read before them: software adapters pay for each time.
    let kernel = vec2(params.kernel_w, params.kernel_h);
    let dilation = vec2(params.dilation_w, params.dilation_h);
    let size = vec2(params.width, params.height);
    let begins = vec4(0u, 1u, 2u, 3u) * params.stride_w;
    let reach = begins.w + (kernel.x - 1u) * dilation.x + 1u;
    var best = vec4(LOWEST);
    var place = vec4(NOWHERE);
    for (var ky = 0u; ky < kernel.y; ky++) {
        let from_y = top + ky * dilation.y;
        if (from_y >= size.y) {
            continue;
        }
        for (var at = 0u; at < reach; at++) {
            let from_x = left + at;
            if (from_x < size.x) {
                let here = from_y * size.x + from_x;
                let value = vec4(x[plane + here]);
                // Huge before a window begins.
                var tap = vec4(at) - begins;
                var on_grid = vec4(true);
                if (dilation.x > 1u) {
                    on_grid = tap % dilation.x == vec4(0u);
                    tap /= dilation.x;
                }
                let larger = (value > best) & (tap < vec4(kernel.x)) & on_grid;
                best = select(best, value, larger);
                place = select(place, vec4(here), larger);
            }
        }
    }
    return Largest(best, place);
}
