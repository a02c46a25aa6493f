//! Smooth random fields: gradient noise on an integer lattice, and sums of its octaves.

/// Gradient noise, about −0.7 to 0.7, features one unit wide, the same for the same arguments.
pub fn noise(x: f32, y: f32, seed: u32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (dx, dy) = (x - left, y - top);
    let (column, row) = (left as i32, top as i32);
    let corner = |i: i32, j: i32| {
        let [gx, gy] = DIRECTIONS[(hash(column + i, row + j, seed) >> 28) as usize];
        gx * (dx - i as f32) + gy * (dy - j as f32)
    };
    let (sx, sy) = (fade(dx), fade(dy));
    mix(mix(corner(0, 0), corner(1, 0), sx), mix(corner(0, 1), corner(1, 1), sx), sy)
}

/// `octaves` layers of noise, each twice as fine and `gain` times as strong as the one before.
pub fn cascade(x: f32, y: f32, octaves: u32, gain: f32, seed: u32) -> f32 {
    let (mut sum, mut strength, mut fineness) = (0.0, 1.0, 1.0);
    for octave in 0..octaves {
        sum += strength * noise(x * fineness, y * fineness, seed.wrapping_add(octave * 101));
        strength *= gain;
        fineness *= 2.03;
    }
    sum
}

/// From `a` to `b` as `t` goes from 0 to 1.
pub fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// [`mix`] of two colours.
pub fn blend(a: [f32; 3], b: [f32; 3], t: f32) -> [f32; 3] {
    [mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)]
}

/// 0 below `low`, 1 above `high`, smooth between.
pub fn smoothstep(low: f32, high: f32, value: f32) -> f32 {
    let t = ((value - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Sixteen unit vectors around the circle.
const DIRECTIONS: [[f32; 2]; 16] = {
    const A: f32 = 0.923_88;
    const B: f32 = 0.382_683;
    const C: f32 = std::f32::consts::FRAC_1_SQRT_2;
    [
        [1.0, 0.0],
        [A, B],
        [C, C],
        [B, A],
        [0.0, 1.0],
        [-B, A],
        [-C, C],
        [-A, B],
        [-1.0, 0.0],
        [-A, -B],
        [-C, -C],
        [-B, -A],
        [0.0, -1.0],
        [B, -A],
        [C, -C],
        [A, -B],
    ]
};

fn fade(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

fn hash(x: i32, y: i32, seed: u32) -> u32 {
    let mut h = (x as u32).wrapping_mul(0x9E37_79B1)
        ^ (y as u32).wrapping_mul(0x85EB_CA77).rotate_left(13)
        ^ seed.wrapping_mul(0xC2B2_AE3D);
    h ^= h >> 15;
    h = h.wrapping_mul(0x2C1B_3C6D);
    h ^= h >> 12;
    h = h.wrapping_mul(0x297A_2D39);
    h ^ (h >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_bounded_smooth_and_zero_on_the_lattice() {
        assert_eq!(noise(3.0, -2.0, 1), 0.0);
        for step in 0..1000 {
            let (x, y) = (step as f32 * 0.173 - 40.0, step as f32 * 0.091);
            let here = noise(x, y, 7);
            assert!(here.abs() < 0.9);
            assert!((noise(x + 0.001, y, 7) - here).abs() < 0.01, "a jump at {x}");
        }
        assert_ne!(noise(0.5, 0.5, 1), noise(0.5, 0.5, 2));
    }
}
