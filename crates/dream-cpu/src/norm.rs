//! Gradients of softmax and layer normalisation.

use crate::elementwise::store;

/// `y · (dy − Σ dy·y)` along the middle axis of `[outer, length, inner]`.
pub(crate) fn softmax_grad(
    [outer, length, inner]: [usize; 3],
    dy: &[f32],
    y: &[f32],
    dx: &mut [f32],
    accumulate: bool,
) {
    if !accumulate {
        dx.fill(0.0);
    }
    for o in 0..outer {
        for i in 0..inner {
            let places = (0..length).map(|l| (o * length + l) * inner + i);
            let dot: f32 = places.clone().map(|p| dy[p] * y[p]).sum();
            places.for_each(|p| dx[p] += y[p] * (dy[p] - dot));
        }
    }
}

/// With h = (x − mean) / σ and e = dy · scale: `(e − mean(e) − h · mean(e·h)) / σ` per row.
pub(crate) fn layer_norm_grad(
    rows: usize,
    epsilon: f32,
    scale: &[f32],
    dy: &[f32],
    x: &[f32],
    dx: &mut [f32],
    accumulate: bool,
) {
    let n = scale.len();
    for row in 0..rows {
        let range = row * n..(row + 1) * n;
        let (dy, x) = (&dy[range.clone()], &x[range.clone()]);
        let mean = x.iter().sum::<f32>() / n as f32;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / n as f32;
        let inverse = 1.0 / (variance + epsilon).sqrt();
        let scaled = || dy.iter().zip(scale).map(|(dy, scale)| dy * scale);
        let centred = || x.iter().map(|x| (x - mean) * inverse);
        let mean_e = scaled().sum::<f32>() / n as f32;
        let mean_eh = scaled().zip(centred()).map(|(e, h)| e * h).sum::<f32>() / n as f32;
        let values = scaled().zip(centred()).map(|(e, h)| (e - mean_e - h * mean_eh) * inverse);
        store(&mut dx[range], accumulate, values);
    }
}
