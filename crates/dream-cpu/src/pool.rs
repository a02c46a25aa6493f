//! Gradients of poolings. Images are `[channels, height, width]`.

use dream_graph::{PoolGeometry, WindowGeometry};

/// Sends each dy to the first largest position of its window.
pub(crate) fn max_pool_grad(
    geometry: &PoolGeometry,
    dy: &[f32],
    x: &[f32],
    dx: &mut [f32],
    accumulate: bool,
) {
    if !accumulate {
        dx.fill(0.0);
    }
    let window = &geometry.window;
    let ([height, width], [rows, columns]) = (window.input, window.output);
    let (mut best, mut place) = (vec![0.0; columns], vec![0u32; columns]);
    let spans = column_spans(window);
    for channel in 0..geometry.channels {
        let x = &x[channel * height * width..][..height * width];
        let dx = &mut dx[channel * height * width..][..height * width];
        for row in 0..rows {
            best.fill(f32::NEG_INFINITY);
            place.fill(u32::MAX);
            let (first, last) = window.inside(0, row);
            for ky in first..last {
                let start = window.source(0, row, ky) * width;
                for &(kx, from, to) in &spans {
                    let (stride, source) = (window.stride[1], start + window.source(1, from, kx));
                    let values = x[source..start + width].iter().step_by(stride);
                    let bests = best[from..to].iter_mut().zip(&mut place[from..to]);
                    // Selects instead of branches, so that rows of stride 1 vectorise.
                    for (i, (&value, (best, place))) in values.zip(bests).enumerate() {
                        let larger = value > *best;
                        *best = if larger { value } else { *best };
                        *place = if larger { (source + i * stride) as u32 } else { *place };
                    }
                }
            }
            let dy = &dy[(channel * rows + row) * columns..][..columns];
            for (&dy, &place) in dy.iter().zip(&place) {
                if let Some(dx) = dx.get_mut(place as usize) {
                    *dx += dy;
                }
            }
        }
    }
}

/// Spreads each dy over its window in equal shares.
pub(crate) fn avg_pool_grad(geometry: &PoolGeometry, dy: &[f32], dx: &mut [f32], accumulate: bool) {
    if !accumulate {
        dx.fill(0.0);
    }
    let window = &geometry.window;
    let ([height, width], [rows, columns]) = (window.input, window.output);
    let shares: Vec<f32> = (0..rows * columns)
        .map(|i| 1.0 / geometry.divisor(i / columns, i % columns) as f32)
        .collect();
    let spans = column_spans(window);
    for channel in 0..geometry.channels {
        let dx = &mut dx[channel * height * width..][..height * width];
        for row in 0..rows {
            let dy = &dy[(channel * rows + row) * columns..][..columns];
            let shares = &shares[row * columns..][..columns];
            let (first, last) = window.inside(0, row);
            for ky in first..last {
                let start = window.source(0, row, ky) * width;
                for &(kx, from, to) in &spans {
                    let mut source = start + window.source(1, from, kx);
                    for column in from..to {
                        dx[source] += dy[column] * shares[column];
                        source += window.stride[1];
                    }
                }
            }
        }
    }
}

/// Each kernel column that ever lies inside the image, with the output columns at which it does.
fn column_spans(window: &WindowGeometry) -> Vec<(usize, usize, usize)> {
    let inside = |kx: usize, column: usize| {
        let (first, last) = window.inside(1, column);
        (first..last).contains(&kx)
    };
    let columns = window.output[1];
    (0..window.kernel[1])
        .filter_map(|kx| {
            let from = (0..columns).find(|&column| inside(kx, column))?;
            let to = (from..columns).find(|&column| !inside(kx, column)).unwrap_or(columns);
            Some((kx, from, to))
        })
        .collect()
}
