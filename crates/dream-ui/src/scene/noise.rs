//! Soft coloured noise: every scale at once, so that a network finds whatever it looks for.

use super::field::cascade;

/// Colour at a place of the picture.
pub fn colour(x: f32, y: f32) -> [f32; 3] {
    let light = cascade(x * 3.0, y * 3.0, 8, 0.74, 71);
    let warm = cascade(x * 2.2 + 3.0, y * 2.2, 7, 0.66, 81);
    let green = cascade(x * 2.2, y * 2.2 + 3.0, 7, 0.66, 91);
    let base = 0.50 + 0.24 * light;
    [base + 0.17 * warm, base - 0.05 * warm + 0.13 * green, base - 0.14 * warm - 0.12 * green]
}
