//! A summer sky: heaped clouds over a blue that pales towards the horizon.

use super::field::{blend, cascade, mix, smoothstep};

/// Where the sun is, as a step from a place in the cloud towards the light.
const TO_SUN: [f32; 2] = [-0.05, -0.08];

/// Colour at a place of the picture.
pub fn colour(x: f32, y: f32) -> [f32; 3] {
    let sky = blend([0.10, 0.31, 0.66], [0.62, 0.80, 0.93], y.powf(1.25));
    let here = density(x, y);
    let cover = smoothstep(0.03, 0.42, here);
    if cover == 0.0 {
        return sky;
    }
    let shade = 0.6 * density(x + TO_SUN[0], y + TO_SUN[1])
        + 0.4 * density(x + 0.3 * TO_SUN[0], y + 0.3 * TO_SUN[1]);
    let light = 0.70 + 0.75 * (here - shade) - 0.22 * here;
    let cloud = blend([0.44, 0.53, 0.67], [1.0, 0.99, 0.97], smoothstep(0.30, 0.92, light));
    blend(sky, cloud, cover)
}

/// How much cloud there is, negative for clear sky.
fn density(x: f32, y: f32) -> f32 {
    let flat = mix(1.15, 2.6, y);
    let (x, y) = (x * 2.1 + 3.7, y * 2.1 * flat.sqrt() + 1.3);
    let wind = 0.35 * cascade(x * 1.4 + 9.0, y * 1.4, 3, 0.5, 11);
    let lift = 0.35 * cascade(x * 1.4, y * 1.4 + 5.0, 3, 0.5, 12);
    let heap = cascade(x + wind, y + lift, 6, 0.54, 3);
    let puff = cascade(x * 4.0 + lift, y * 4.0 + wind, 3, 0.55, 21).abs();
    1.35 * heap - 0.42 * puff + 0.23
}
