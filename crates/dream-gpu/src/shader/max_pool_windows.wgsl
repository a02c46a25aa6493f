// What max-poolings of x [channels, height, width] share: the largest element of every window, and
// where it is. Stands before max_pool.wgsl and max_pool_position.wgsl.
//
// Dispatch: an invocation for every four neighbouring windows of a row, which share what they load.

@group(0) @binding(2) var<storage, read> x: array<f32>;

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

fn largest(own: Windows) -> Largest {
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
