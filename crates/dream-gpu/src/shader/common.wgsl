// Helpers of every compute shader; prepended to each file by plain concatenation.

// Invocations of a workgroup of a flat kernel.
const INVOCATIONS = 64u;
// Below every value that a maximum is taken of; WGSL promises no infinities.
const LOWEST = -0x1.fffffep+127f;
// No position.
const NOWHERE = 0xffffffffu;

// What an image is the surface of.
const SHEET = 0u;
const SPHERE = 2u;

// What the iteration and the tile change: group 1 of the shaders that depend on them. The image is
// turned about its middle, then moved by the shift on its surface.
struct Step {
    shift_x: i32,
    shift_y: i32,
    step_size: f32,
    smoothing: f32,
    origin_x: i32,
    origin_y: i32,
    first_x: u32,
    first_y: u32,
    end_x: u32,
    end_y: u32,
    cosine: f32,
    sine: f32,
    rate: f32,
    iteration: u32,
    redirects: u32,
    surface: u32,
}

// Number of an invocation in a flat grid, which has several rows where one would be too long.
fn flat_index(id: vec3u, groups: vec3u) -> u32 {
    return id.y * (groups.x * INVOCATIONS) + id.x;
}

// Invocations of a flat grid: the stride of kernels that handle several elements each.
fn flat_count(groups: vec3u) -> u32 {
    return groups.x * groups.y * INVOCATIONS;
}

// `a / b`, exactly. Software adapters divide integers one by one, but floats by the vector.
fn quotient(a: u32, b: u32) -> u32 {
    let inverse = 1.0 / f32(b);
    // Each step leaves an error a million times smaller, the second at most one.
    let near = u32(f32(a) * inverse);
    let nearer = u32(i32(near) + i32(floor(f32(i32(a - near * b)) * inverse)));
    let rest = i32(a - nearer * b);
    return select(select(nearer, nearer + 1u, rest >= i32(b)), nearer - 1u, rest < 0);
}

// `v` modulo `n`, never negative.
fn wrapped(v: i32, n: u32) -> u32 {
    let rest = v % i32(n);
    return u32(select(rest, rest + i32(n), rest < 0));
}

// The pixel of an image of `size` (width, height) that lies at a place which may be beyond its edges:
// round it, or, on a sphere, beyond the pole half its width on.
fn on_surface(place: vec2i, size: vec2u, surface: u32) -> vec2u {
    let row = wrapped(place.y, 2u * size.y);
    let far = row >= size.y;
    let over = far && surface == SPHERE;
    let near = select(row, select(row - size.y, 2u * size.y - 1u - row, over), far);
    return vec2u(wrapped(place.x + i32(select(0u, size.x / 2u, over)), size.x), near);
}

// Where on an image of `size` (width, height) a pixel of the turned image comes from.
fn turned(turn: vec2f, size: vec2u, pixel: vec2f) -> vec2f {
    let middle = (vec2f(size) - 1.0) / 2.0;
    let away = pixel - middle;
    return middle + vec2f(turn.x * away.x - turn.y * away.y, turn.y * away.x + turn.x * away.y);
}

// Where on the turned image a pixel of the image comes to lie.
fn inverse_turned(turn: vec2f, size: vec2u, pixel: vec2f) -> vec2f {
    return turned(vec2f(turn.x, -turn.y) / dot(turn, turn), size, pixel);
}

// Which of `cells` (columns, rows) of something laid over an image of `size` (width, height) a
// position (column, row) of the tile's layer sees, whose positions are `stride` apart.
fn cell_of(step: Step, position: vec2u, stride: vec2u, size: vec2u, cells: vec2u) -> u32 {
    let pixel = vec2i(step.origin_x, step.origin_y) + vec2i(position * stride)
        - vec2i(step.shift_x, step.shift_y);
    let rolled = vec2f(on_surface(pixel, size, step.surface));
    let seen = floor(turned(vec2f(step.cosine, step.sine), size, rolled) + 0.5);
    let cell = vec2u(clamp(seen, vec2f(0.0), vec2f(size) - 1.0)) * cells / size;
    return cell.y * cells.x + cell.x;
}

// The one of three values that belongs to a colour channel.
fn of_channel(channel: u32, first: f32, second: f32, third: f32) -> f32 {
    return select(select(third, second, channel == 1u), first, channel == 0u);
}

// x^p as C defines it for the powers that networks use: integers and halves by products and square
// roots, which know negative x, others by logarithms.
fn power(x: f32, p: f32) -> f32 {
    let whole = floor(p);
    let half = p - whole;
    if (abs(whole) > 64.0 || (half != 0.0 && half != 0.5)) {
        return pow(x, p);
    }
    var result = select(1.0, sqrt(max(x, 0.0)), half == 0.5);
    var square = x;
    for (var bits = u32(abs(whole)); bits > 0u; bits >>= 1u) {
        if ((bits & 1u) == 1u) {
            result = select(result * square, result / square, whole < 0.0);
        }
        square *= square;
    }
    return result;
}

// Gauss error function within two units in the last place (N. Juffa's minimax polynomials).
fn erf(x: f32) -> f32 {
    let t = min(abs(x), 4.0);
    let s = t * t;
    var far = fma(-1.72853470e-5, t, 3.83197126e-4);
    far = fma(far, s, fma(-3.88396438e-3, t, 2.42546219e-2));
    far = fma(far, t, -1.06777877e-1);
    far = fma(far, t, -6.34846687e-1);
    far = fma(far, t, -1.28717512e-1);
    far = 1.0 - exp(fma(far, t, -t));
    var near = fma(-5.96761703e-4, s, 4.99119423e-3);
    near = fma(near, s, -2.67681349e-2);
    near = fma(near, s, 1.12819925e-1);
    near = fma(near, s, -3.76125336e-1);
    near = fma(near, s, 1.28379166e-1);
    near = fma(near, t, t);
    return sign(x) * select(near, far, t > 0.927734375);
}
