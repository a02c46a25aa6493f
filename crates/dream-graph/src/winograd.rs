//! Minimal filtering: the numbers that every engine's own transforms share.
//!
//! Winograd's F(4 × 4, 3 × 3) and F(2 × 2, 5 × 5) (Lavin & Gray, 2015, arXiv:1509.09308) compute
//! tiles of outputs from patches of 6 × 6 inputs, with one multiplication for each place of a patch,
//! 36 instead of 144 or 100: `Y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ d B)] A`. The sum over the channels is taken
//! between the transforms, so that the multiplications of all tiles are 36 matrix products. The
//! transforms evaluate polynomials at 0, ±1, [`NEAR`], [`FAR`] and infinity (Toom & Cook).

/// Inputs of a patch along an axis: as many as points.
pub const SIDE: usize = 6;
/// Places of a patch.
pub const PLACES: usize = SIDE * SIDE;
/// Transformed weights that are not too many: 20 MB of them.
pub const MOST_WEIGHTS: usize = 5_000_000;
/// Of the points beside 0, ±1 and infinity whose powers are exact, those that round least. Results are
/// off by some seven times as much as those of direct convolutions: some 1e-6 of the largest.
pub const NEAR: f32 = 0.5;
/// The last finite point.
pub const FAR: f32 = -2.0;

/// Outputs of a tile along an axis, for kernels whose side is 3 or 5.
pub fn tile(kernel: usize) -> usize {
    SIDE + 1 - kernel
}

/// `G w Gᵀ` of kernels `[.., kernel, kernel]`, as `[36, ..]`; of reversed ones for a gradient. Row p of G
/// holds the powers of the point p divided by `Π (p − q)` over all other finite points q.
pub fn weights(weight: &[f32], kernel: usize, reversed: bool) -> Vec<f32> {
    let points = [0.0, 1.0, -1.0, f64::from(NEAR), f64::from(FAR)];
    let power = |p: usize, exponent: usize| match points.get(p) {
        Some(&point) => {
            let others = points.iter().filter(|&&other| other != point);
            point.powi(exponent as i32) / others.map(|other| point - other).product::<f64>()
        }
        None => f64::from(u8::from(exponent + 1 == kernel)),
    };
    let planes = weight.len() / (kernel * kernel);
    let mut transformed = vec![0.0; PLACES * planes];
    for place in 0..PLACES {
        let mut factors = Vec::with_capacity(kernel * kernel);
        for i in 0..kernel {
            factors.extend((0..kernel).map(|j| power(place / SIDE, i) * power(place % SIDE, j)));
        }
        if reversed {
            factors.reverse();
        }
        let target = transformed[place * planes..].iter_mut();
        for (target, weight) in target.zip(weight.chunks_exact(kernel * kernel)) {
            let terms = factors.iter().zip(weight);
            *target = terms.map(|(factor, w)| factor * f64::from(*w)).sum::<f64>() as f32;
        }
    }
    transformed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_polynomials_evaluated_at_the_points() {
        // Rows and columns 1, x, x² at 1: their sum, over (1 − 0)(1 + 1)(1 − ½)(1 + 2) = 3 twice.
        let weight = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0];
        let transformed = weights(&weight, 3, false);
        assert_eq!(transformed[SIDE + 1], 46.0 / 9.0);
        assert_eq!(transformed[PLACES - 1], 10.0);
        let reversed = weights(&weight, 3, true);
        assert_eq!((reversed[SIDE + 1], reversed[PLACES - 1]), (46.0 / 9.0, 1.0));
    }
}
