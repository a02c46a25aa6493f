//! A polished slab: warm white with grey veins and a thread of gold.

use super::field::{blend, cascade, mix, smoothstep};

/// Colour at a place of the picture.
pub fn colour(x: f32, y: f32) -> [f32; 3] {
    let (x, y) = (x * 1.7 + 0.4, y * 1.7 + 2.2);
    let fold_x = cascade(x, y, 5, 0.5, 61);
    let fold_y = cascade(x + 5.2, y + 1.3, 5, 0.5, 62);
    let cloud = cascade(x * 0.9 + 1.9 * fold_x, y * 0.9 + 1.9 * fold_y, 5, 0.5, 63);
    let stone = blend([0.96, 0.945, 0.92], [0.64, 0.66, 0.69], smoothstep(-0.15, 0.55, cloud));
    let slant = x * 0.8 + y * 1.1;
    let broad = vein(slant * 0.9 + 1.5 * fold_x + 0.9 * cloud, 3.2);
    let fine = vein(slant * 1.9 - 2.1 * fold_y + 1.1 * cloud, 7.0);
    let veined = blend(stone, [0.20, 0.23, 0.29], broad * mix(0.45, 0.9, fold_y + 0.5).min(0.95));
    let veined = blend(veined, [0.42, 0.42, 0.46], 0.55 * fine);
    let gold = vein(slant * 0.55 + 1.7 * fold_y - 0.8 * cloud + 0.31, 16.0);
    blend(veined, [0.74, 0.55, 0.26], 0.8 * gold * smoothstep(-0.1, 0.3, fold_x))
}

/// 1 where `across` is a whole number, falling off the faster the sharper.
fn vein(across: f32, sharpness: f32) -> f32 {
    let off = (across - across.round()).abs() * 2.0;
    (1.0 - off).max(0.0).powf(sharpness)
}
