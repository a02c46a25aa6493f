//! Winograd's minimal filtering, F(4 × 4, 3 × 3) and F(2 × 2, 5 × 5): what engines share.
//!
//! Tiles of outputs of a convolution with stride 1 are computed from patches of [`SIDE`] × [`SIDE`]
//! inputs: `Y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ d B)] A` (Lavin & Gray, 2015, arXiv:1509.09308). The matrices
//! evaluate polynomials at some points and infinity, and find a product from its values there (Toom &
//! Cook): row p of `G` holds the powers of the point p divided by `Π (p − q)` over all other finite
//! points q, row p of `Bᵀ` the coefficients of that product over `x − q`, column p of `Aᵀ` the powers.
//!
//! Where a picture is flat, outputs are equal to the last bit, as those of a direct convolution are, so
//! that poolings choose the same one of them: 1 is among the points, and what a patch of equal inputs
//! has at the others comes out as exactly zero, if the transforms take differences before all else.

/// Inputs of a patch along an axis: as many as points.
pub const SIDE: usize = 6;
/// The finite points are 0, 1, −1 and, of those whose powers are exact, the two that round least.
/// Results are off by some seven times as much as those of a direct convolution: some 1e-6 of the
/// largest.
pub const NEAR: f32 = 0.5;
/// The last finite point.
pub const FAR: f32 = -2.0;

/// Outputs of a tile along an axis, for kernels with such a side.
pub fn tile(kernel: usize) -> usize {
    SIDE + 1 - kernel
}

/// `G w Gᵀ` of kernels `[.., kernel, kernel]`, as `[SIDE · SIDE, ..]`.
pub fn weights(weight: &[f32], kernel: usize) -> Vec<f32> {
    let points = [0.0, 1.0, -1.0, f64::from(NEAR), f64::from(FAR)];
    let power = |p: usize, exponent: usize| match points.get(p) {
        Some(&point) => {
            let others = points.iter().filter(|&&other| other != point);
            point.powi(exponent as i32) / others.map(|other| point - other).product::<f64>()
        }
        None => f64::from(u8::from(exponent + 1 == kernel)),
    };
    let planes = weight.len() / (kernel * kernel);
    let mut transformed = vec![0.0; SIDE * SIDE * planes];
    for place in 0..SIDE * SIDE {
        let mut factors = Vec::with_capacity(kernel * kernel);
        for i in 0..kernel {
            factors.extend((0..kernel).map(|j| power(place / SIDE, i) * power(place % SIDE, j)));
        }
        let target = transformed[place * planes..].iter_mut();
        for (target, weight) in target.zip(weight.chunks_exact(kernel * kernel)) {
            let terms = factors.iter().zip(weight);
            *target = terms.map(|(factor, w)| factor * f64::from(*w)).sum::<f64>() as f32;
        }
    }
    transformed
}
