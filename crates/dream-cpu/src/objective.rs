//! Kernels of objectives: seeds that no other kernel makes. Layers are `[channels, positions]`.

use dream_graph::{IterationParams, LayerGrid, Tile};

use crate::elementwise::store;

/// Below this a cosine does not count less (Lucid).
const LEAST_COSINE: f32 = 0.1;
/// Keeps the cosine of nothing finite (Lucid).
const EPSILON: f32 = 1e-6;
/// Positions that are matched at a time, so that their dot products stay in the cache.
const BLOCK: usize = 16;

/// `value` at one channel and position, if there is one.
pub(crate) fn neuron(
    [rows, columns]: [usize; 2],
    channel: usize,
    at: Option<[usize; 2]>,
    value: f32,
    out: &mut [f32],
    accumulate: bool,
) {
    if !accumulate {
        out.fill(0.0);
    }
    if let Some([row, column]) = at {
        out[(channel * rows + row) * columns + column] += value;
    }
}

/// For every position of a the guide's position with the largest dot product, the first of equals.
pub(crate) fn best_match(
    [positions, guides]: [usize; 2],
    factor: f32,
    a: &[f32],
    guide: &[f32],
    out: &mut [f32],
    accumulate: bool,
) {
    let mut best = vec![0; positions];
    let mut scores = vec![0.0; BLOCK * guides];
    for (block, best) in best.chunks_mut(BLOCK).enumerate() {
        let scores = &mut scores[..best.len() * guides];
        scores.fill(0.0);
        for (a, guide) in a.chunks_exact(positions).zip(guide.chunks_exact(guides)) {
            let a = &a[block * BLOCK..];
            for (scores, a) in scores.chunks_exact_mut(guides).zip(a) {
                scores.iter_mut().zip(guide).for_each(|(score, guide)| *score += a * guide);
            }
        }
        for (best, scores) in best.iter_mut().zip(scores.chunks_exact(guides)) {
            *best = (1..guides).fold(0, |at, i| if scores[i] > scores[at] { i } else { at });
        }
    }
    let rows = out.chunks_exact_mut(positions).zip(guide.chunks_exact(guides));
    for (out, guide) in rows {
        store(out, accumulate, best.iter().map(|&at| factor * guide[at]));
    }
}

/// The cell of something laid over the image that each position of a tile's layer sees.
pub(crate) fn cells_seen(
    grid: &LayerGrid,
    cells: [usize; 2],
    params: &IterationParams,
    tile: &Tile,
) -> Vec<usize> {
    let [rows, columns] = grid.size;
    let positions = (0..rows).flat_map(|row| (0..columns).map(move |column| [row, column]));
    positions.map(|position| grid.cell(position, cells, params, tile)).collect()
}

/// x times what a mask says of the cell that each position sees.
pub(crate) fn mask(seen: &[usize], x: &[f32], mask: &[f32], out: &mut [f32], accumulate: bool) {
    for (x, out) in x.chunks_exact(seen.len()).zip(out.chunks_exact_mut(seen.len())) {
        store(out, accumulate, x.iter().zip(seen).map(|(x, &cell)| x * mask[cell]));
    }
}

/// Gradient of `factor · Σ d·a · m^power` with m = max(0.1, d·a / (ε + ‖a‖)) at each position, which
/// sees one of the `cells` of each channel of d.
pub(crate) fn direction(
    (cell, cells): (&[usize], usize),
    [power, factor]: [f32; 2],
    a: &[f32],
    d: &[f32],
    out: &mut [f32],
    accumulate: bool,
) {
    let positions = cell.len();
    let channels = || a.chunks_exact(positions).zip(d.chunks_exact(cells));
    let (mut dots, mut squares) = (vec![0.0; positions], vec![0.0; positions]);
    for (a, d) in channels() {
        for (p, &a) in a.iter().enumerate() {
            dots[p] += d[cell[p]] * a;
            squares[p] += a * a;
        }
    }
    let terms: Vec<[f32; 2]> = dots
        .iter()
        .zip(&squares)
        .map(|(&dot, &square)| terms(dot, square, power).map(|term| factor * term))
        .collect();
    for ((a, d), out) in channels().zip(out.chunks_exact_mut(positions)) {
        let values = a.iter().zip(&terms).zip(cell);
        store(out, accumulate, values.map(|((a, [of_d, of_a]), &cell)| of_d * d[cell] + of_a * a));
    }
}

/// What d and a count for in the gradient at a position with this dot product and ‖a‖².
fn terms(dot: f32, square: f32, power: f32) -> [f32; 2] {
    let norm = square.sqrt();
    let cosine = dot / (EPSILON + norm);
    let m = cosine.max(LEAST_COSINE);
    let plain = m.powf(power);
    if cosine <= LEAST_COSINE {
        return [plain, 0.0];
    }
    let slope = dot * power * m.powf(power - 1.0);
    [plain + slope / (EPSILON + norm), -slope * cosine / (norm * (EPSILON + norm))]
}

/// Σ x·y, summed in double precision.
pub(crate) fn dot(x: &[f32], y: &[f32]) -> f64 {
    x.iter().zip(y).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum()
}

/// dy where it is above 0 and y is not.
pub(crate) fn redirect(dy: &[f32], y: &[f32], out: &mut [f32], accumulate: bool) {
    let upward = |(&dy, &y): (&f32, &f32)| if y <= 0.0 && dy > 0.0 { dy } else { 0.0 };
    store(out, accumulate, dy.iter().zip(y).map(upward));
}

/// `factor · x / √square`, or 0 where that is 0.
pub(crate) fn normalise(factor: f32, x: &[f32], square: f32, out: &mut [f32], accumulate: bool) {
    let factor = if square > 0.0 { factor / square.sqrt() } else { 0.0 };
    store(out, accumulate, x.iter().map(|x| factor * x));
}
