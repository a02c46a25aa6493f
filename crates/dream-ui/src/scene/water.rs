//! The sunlit floor of a pool: a net of light over turquoise.

use super::field::{blend, cascade, smoothstep};

/// Colour at a place of the picture.
pub fn colour(x: f32, y: f32) -> [f32; 3] {
    let swell = cascade(x * 1.6 + 2.0, y * 1.6, 2, 0.5, 31);
    let depth = (0.55 * y + 0.35 + 0.5 * swell).clamp(0.0, 1.0);
    let water = blend([0.24, 0.72, 0.78], [0.02, 0.27, 0.47], depth);
    let net = 0.75 * caustic(x * 4.6, y * 5.4, 41) + 0.45 * caustic(x * 8.3 + 3.0, y * 9.7, 51);
    let light = net * (1.05 - 0.55 * depth);
    let glow = blend(water, [0.55, 0.93, 0.91], smoothstep(0.05, 0.75, light) * 0.75);
    blend(glow, [0.98, 1.0, 0.96], smoothstep(0.55, 1.25, light) * 0.9)
}

/// Bright along the folds of a warped field, as refracted light gathers.
fn caustic(x: f32, y: f32, seed: u32) -> f32 {
    let bend_x = cascade(x * 0.5, y * 0.5 + 7.0, 3, 0.5, seed);
    let bend_y = cascade(x * 0.5 + 7.0, y * 0.5, 3, 0.5, seed + 1);
    let fold = cascade(x * 0.62 + 1.5 * bend_x, y * 0.62 + 1.5 * bend_y, 2, 0.42, seed + 2);
    let ridge = 1.0 - (fold * 2.6).abs().min(1.0);
    ridge * ridge * ridge
}
