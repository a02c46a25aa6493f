//! What is done to gradients before they change the image: statistics and Gaussians.

use dream_graph::{LEAST_ROOT_MEAN_SQUARE, SMOOTH_RADIUS, Statistic, Surface};

/// A statistic, summed in double precision.
pub(crate) fn statistic(statistic: Statistic, x: &[f32]) -> f32 {
    let x = x.iter().map(|&x| f64::from(x));
    let count = x.len() as f64;
    match statistic {
        Statistic::Mean => (x.sum::<f64>() / count) as f32,
        Statistic::MeanAbs => (x.map(f64::abs).sum::<f64>() / count) as f32,
        Statistic::RootMeanSquare => {
            let mean = x.map(|x| x * x).sum::<f64>() / count;
            (mean.sqrt() as f32).max(LEAST_ROOT_MEAN_SQUARE)
        }
    }
}

/// A Gaussian along the middle axis of `[outer, length, inner]`.
pub(crate) fn smooth(
    ([length, inner], surface): ([usize; 2], Surface),
    deviation: f32,
    x: &[f32],
    out: &mut [f32],
    accumulate: bool,
) {
    if !accumulate {
        out.fill(0.0);
    }
    let weights = gaussian(deviation);
    let radius = SMOOTH_RADIUS as i64;
    let block = length * inner;
    for (x, out) in x.chunks_exact(block).zip(out.chunks_exact_mut(block)) {
        for (middle, out) in out.chunks_exact_mut(inner).enumerate() {
            for (away, weight) in (-radius..=radius).zip(&weights) {
                let [from, first] = place([length, inner], surface, middle as i64 + away);
                let (before, behind) = x[from * inner..][..inner].split_at(first);
                let seen = behind.iter().chain(before);
                out.iter_mut().zip(seen).for_each(|(out, x)| *out += weight * x);
            }
        }
    }
}

fn gaussian(deviation: f32) -> Vec<f32> {
    let deviation = f64::from(deviation).max(1e-3);
    let radius = SMOOTH_RADIUS as i64;
    let weights = (-radius..=radius).map(|away| (-0.5 * (away as f64 / deviation).powi(2)).exp());
    let sum: f64 = weights.clone().sum();
    weights.map(|weight| (weight / sum) as f32).collect()
}

/// Where a position of the first axis is that may lie beyond it, and what of the second axis is
/// seen first there.
fn place(size: [usize; 2], surface: Surface, at: i64) -> [usize; 2] {
    if surface != Surface::Sheet {
        return surface.rolled(size, [at, 0]);
    }
    let last = size[0] as i64 - 1;
    let there = at.rem_euclid((2 * last).max(1));
    [there.min(2 * last - there) as usize, 0]
}
