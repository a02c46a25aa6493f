//! Max-pooling, and gradients of poolings. Images are `[channels, height, width]`.
//!
//! tract's max-pooling compares element by element; this one compares rows as a whole, which vectorises,
//! and takes its place in tract's plans.

use dream_graph::{PoolGeometry, Shape, WindowGeometry};
use tract_onnx::tract_core::internal::*;

/// The largest of each window; minus infinity where a window sees nothing of the image.
fn max_pool(geometry: &PoolGeometry, x: &[f32], y: &mut [f32]) {
    let window = &geometry.window;
    let ([height, width], [rows, columns]) = (window.input, window.output);
    let spans = column_spans(window);
    // The largest of each column of a row's windows.
    let mut tallest = vec![0.0; width];
    for (x, y) in x.chunks_exact(height * width).zip(y.chunks_exact_mut(rows * columns)) {
        for (row, y) in y.chunks_exact_mut(columns).enumerate() {
            tallest.fill(f32::NEG_INFINITY);
            let (first, last) = window.inside(0, row);
            for ky in first..last {
                let values = &x[window.source(0, row, ky) * width..][..width];
                raise(&mut tallest, values.iter());
            }
            y.fill(f32::NEG_INFINITY);
            for &(kx, from, to) in &spans {
                let values = tallest[window.source(1, from, kx)..].iter();
                match window.stride[1] {
                    1 => raise(&mut y[from..to], values),
                    stride => raise(&mut y[from..to], values.step_by(stride)),
                }
            }
        }
    }
}

/// Replaces what is smaller: a select instead of a branch, so that it vectorises.
fn raise<'a>(best: &mut [f32], values: impl Iterator<Item = &'a f32>) {
    best.iter_mut().zip(values).for_each(|(best, &value)| {
        *best = if value > *best { value } else { *best };
    });
}

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

/// Max-pooling in tract's plans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MaxPool {
    /// Of all channels of all pictures.
    pub geometry: PoolGeometry,
    /// What it makes.
    pub output: Shape,
}

impl Op for MaxPool {
    fn name(&self) -> StaticName {
        "MaxPool".into()
    }

    op_as_typed_op!();
}

impl EvalOp for MaxPool {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = args_1!(inputs);
        let mut output = Tensor::zero::<f32>(&self.output)?;
        let x = input.try_as_plain_ram()?.as_slice::<f32>()?;
        max_pool(&self.geometry, x, output.try_as_plain_ram_mut()?.as_slice_mut::<f32>()?);
        Ok(tvec!(output.into_tvalue()))
    }
}

impl TypedOp for MaxPool {
    as_op!();

    fn output_facts(&self, _: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(f32::fact(&self.output)))
    }
}
