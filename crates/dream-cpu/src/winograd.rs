//! Gradients of convolutions with stride 1 by minimal filtering, as an operator in tract's plans.
//!
//! The products of the transforms (`dream_graph::winograd`) are tract's.
//!
//! Not the convolutions themselves: where a picture is flat, their outputs are equal to the last bit, and
//! poolings choose the first; here they would choose by rounding, and dreams would be others in a
//! browser than natively.

use std::sync::Arc;

use dream_graph::{
    ConvGeometry, Image,
    winograd::{FAR, MOST_WEIGHTS, NEAR, PLACES, SIDE, tile, weights},
};
use tract_onnx::tract_core::{internal::*, ops::einsum::EinSum};

use crate::plan::Plan;

/// Tiles transformed together.
const BLOCK: usize = 16;
/// Tiles whose products are taken together, unless a row of tiles has more: so few that they stay in
/// the cache, and that what they take hardly counts, however large the image is.
const STRIP: usize = 128;
/// Powers of −1, [`NEAR`] and [`FAR`], a row for each output of a tile.
const POWERS: [[f32; 3]; 4] = [
    [1.0, 1.0, 1.0],
    [-1.0, NEAR, FAR],
    [1.0, NEAR * NEAR, FAR * FAR],
    [-1.0, NEAR * NEAR * NEAR, FAR * FAR * FAR],
];

/// `y[o] = Σ_k w[k] · x[o + k − before]`, where x is 0 outside the image: what the gradient of a
/// convolution with stride 1 is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Side of a kernel, 3 or 5.
    kernel: usize,
    input: Image,
    output: Image,
    before: [isize; 2],
}

impl Filter {
    /// The gradient of a convolution, if it is one that is faster so: reads dy, writes dx, with the
    /// channels changed and the kernel reversed.
    pub fn gradient(geometry: &ConvGeometry) -> Option<Self> {
        let window = &geometry.window;
        let plain = geometry.groups == 1 && window.stride == [1, 1] && window.dilation == [1, 1];
        let filter = Self {
            kernel: window.kernel[0],
            input: [geometry.out_channels, window.output[0], window.output[1]],
            output: [geometry.in_channels, window.input[0], window.input[1]],
            before: [0, 1]
                .map(|axis| window.kernel[axis] as isize - 1 - window.before[axis] as isize),
        };
        let square = matches!(window.kernel, [3, 3] | [5, 5]);
        (plain && square && filter.pays()).then_some(filter)
    }

    /// Whether it is worth while. Natively, where products are fast and the stored reference dream
    /// stands on a knife's edge of rounding, tract's own convolutions stay. In WebAssembly, and in
    /// the tests of this file: whether it is faster than those, and its weights, which are four times
    /// as many, take less than [`MOST_WEIGHTS`]. Measured natively, where products are fastest and
    /// the transforms weigh most: 8 channels are even, 16 gain half, 64 and more twice as much, down
    /// to images of 2 × 2 tiles.
    fn pays(&self) -> bool {
        let [down, across] = self.tiles();
        let [inputs, outputs] = [self.input[0], self.output[0]];
        let faster = inputs.min(outputs) >= 16 && down * across >= 4;
        let few = PLACES * inputs * outputs <= MOST_WEIGHTS;
        cfg!(any(target_family = "wasm", test)) && faster && few
    }

    /// Tiles down and across.
    fn tiles(&self) -> [usize; 2] {
        [1, 2].map(|axis| self.output[axis].div_ceil(tile(self.kernel)))
    }

    /// Rows of tiles whose products are taken together.
    fn strip(&self) -> usize {
        let [down, across] = self.tiles();
        let strips = down.div_ceil((STRIP / across).max(1));
        down.div_ceil(strips)
    }

    /// The operator for weights `[out, in, kernel, kernel]`.
    ///
    /// # Errors
    /// What tract says about the products.
    pub fn op(self, weight: &[f32]) -> TractResult<Winograd> {
        let [inputs, outputs] = [self.input[0], self.output[0]];
        let tiles = self.strip() * self.tiles()[1];
        let mut model = TypedModel::default();
        let weight = weights(weight, self.kernel, false);
        let weight = Tensor::from_shape(&[PLACES, outputs, inputs], &weight)?;
        let weight = model.add_const("weight", weight)?;
        let patches = model.add_source("patches", f32::fact([PLACES, inputs, tiles]))?;
        let product = EinSum::new("poc,pct->pot".parse()?, f32::datum_type());
        let output = model.wire_node("product", product, &[weight, patches])?;
        model.select_output_outlets(&output)?;
        let product = model.into_optimized()?.into_runnable()?;
        Ok(Winograd { filter: self, product })
    }
}

/// The operator in tract's plans, for `[1, in, height, width]`.
#[derive(Clone, Debug)]
pub(crate) struct Winograd {
    filter: Filter,
    /// Transformed patches `[36, in, tiles]` of a strip to transformed tiles `[36, out, tiles]`.
    product: Plan,
}

impl PartialEq for Winograd {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.product, &other.product)
    }
}

impl Eq for Winograd {}

impl Op for Winograd {
    fn name(&self) -> StaticName {
        "Winograd".into()
    }

    op_as_typed_op!();
}

impl TypedOp for Winograd {
    as_op!();

    fn output_facts(&self, _: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let [channels, height, width] = self.filter.output;
        Ok(tvec!(f32::fact([1, channels, height, width])))
    }
}

impl EvalOp for Winograd {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = args_1!(inputs);
        let x = input.try_as_plain_ram()?.as_slice::<f32>()?;
        let filter = &self.filter;
        let [channels, height, width] = filter.output;
        let ([down, across], rows) = (filter.tiles(), filter.strip());
        let mut output = Tensor::zero::<f32>(&[1, channels, height, width])?;
        let mut view = output.try_as_plain_ram_mut()?;
        let y = view.as_slice_mut::<f32>()?;
        for row in (0..down).step_by(rows) {
            let mut patches = Tensor::zero::<f32>(&[PLACES, filter.input[0], rows * across])?;
            let mut view = patches.try_as_plain_ram_mut()?;
            read(filter, row, x, view.as_slice_mut()?);
            let tiles = args_1!(self.product.run(tvec![patches.into_tvalue()])?);
            let tiles = tiles.try_as_plain_ram()?.as_slice::<f32>()?;
            write(filter, row, tiles, y);
        }
        Ok(tvec!(output.into_tvalue()))
    }
}

/// Patches `[36, in, tiles]` of the strip that begins with a row of tiles, transformed: `Bᵀ d B`.
fn read(filter: &Filter, first: usize, x: &[f32], patches: &mut [f32]) {
    let [channels, height, width] = filter.input;
    let (side, rows, across) = (tile(filter.kernel), filter.strip(), filter.tiles()[1]);
    let tiles = rows * across;
    // What the patches of the strip see of one channel, with zeros around it.
    let seen = [rows, across].map(|tiles| tiles * side + SIDE - side);
    let mut plane = vec![0.0; seen[0] * seen[1]];
    let top = (first * side) as isize - filter.before[0];
    let (indent, skip) = (filter.before[1].max(0) as usize, filter.before[1].min(0).unsigned_abs());
    let run = width.saturating_sub(skip).min(seen[1].saturating_sub(indent));
    let (mut patch, mut half) = ([0.0; PLACES * BLOCK], [0.0; PLACES * BLOCK]);
    for channel in 0..channels {
        for (row, plane) in plane.chunks_exact_mut(seen[1]).enumerate() {
            let y = usize::try_from(row as isize + top).ok().filter(|&y| y < height);
            if let (Some(y), 1..) = (y, run) {
                let x = &x[(channel * height + y) * width + skip..][..run];
                plane[indent..][..run].copy_from_slice(x);
            }
        }
        for start in (0..tiles).step_by(BLOCK) {
            let len = BLOCK.min(tiles - start);
            for lane in 0..len {
                let [row, column] = [(start + lane) / across, (start + lane) % across];
                let corner = (row * seen[1] + column) * side;
                for i in 0..SIDE {
                    let x = &plane[corner + i * seen[1]..][..SIDE];
                    for (j, x) in x.iter().enumerate() {
                        patch[(i * SIDE + j) * BLOCK + lane] = *x;
                    }
                }
            }
            evaluate(&patch, &mut half);
            for (half, patch) in rows_of(&half).zip(patch.chunks_exact_mut(SIDE * BLOCK)) {
                evaluate(half, patch);
            }
            for (place, patch) in patch.chunks_exact(BLOCK).enumerate() {
                let target = (place * channels + channel) * tiles + start;
                patches[target..target + len].copy_from_slice(&patch[..len]);
            }
        }
    }
}

/// Tiles of a strip from products `[36, out, tiles]`: `Aᵀ m A`.
fn write(filter: &Filter, first: usize, products: &[f32], y: &mut [f32]) {
    let [channels, height, width] = filter.output;
    let (side, rows, across) = (tile(filter.kernel), filter.strip(), filter.tiles()[1]);
    let tiles = rows * across;
    let mut product = [0.0; PLACES * BLOCK];
    let (mut half, mut tile) = (vec![0.0; side * SIDE * BLOCK], vec![0.0; side * side * BLOCK]);
    for (channel, y) in y.chunks_exact_mut(height * width).enumerate() {
        for start in (0..tiles).step_by(BLOCK) {
            let len = BLOCK.min(tiles - start);
            for (place, product) in product.chunks_exact_mut(BLOCK).enumerate() {
                let source = (place * channels + channel) * tiles + start;
                product[..len].copy_from_slice(&products[source..source + len]);
            }
            interpolate(&product, &mut half);
            for (half, tile) in rows_of(&half).zip(tile.chunks_exact_mut(side * BLOCK)) {
                interpolate(half, tile);
            }
            for lane in 0..len {
                let [row, column] = [(start + lane) / across, (start + lane) % across];
                let [top, left] = [(first + row) * side, column * side];
                for i in 0..side.min(height.saturating_sub(top)) {
                    let y = &mut y[(top + i) * width + left..(top + i + 1) * width];
                    for (j, y) in y.iter_mut().take(side).enumerate() {
                        *y = tile[(i * side + j) * BLOCK + lane];
                    }
                }
            }
        }
    }
}

/// The rows of a block of patches.
fn rows_of(patch: &[f32]) -> impl Iterator<Item = &[f32]> {
    patch.chunks_exact(SIDE * BLOCK)
}

/// `Bᵀ d` along the first axis: what its rows share, the factors of ½ and −2 or those of ±1, comes
/// first.
fn evaluate(d: &[f32], v: &mut [f32]) {
    let [d0, d1, d2, d3, d4, d5] = parts(d);
    let [v0, v1, v2, v3, v4, v5] = parts_mut(v);
    for x in 0..d0.len() {
        // The factors of both points, from each of the first inputs on.
        let from = |low: f32, mid: f32, high: f32| high - (NEAR + FAR) * mid + NEAR * FAR * low;
        let (f0, f1) = (from(d0[x], d1[x], d2[x]), from(d1[x], d2[x], d3[x]));
        let (f2, f3) = (from(d2[x], d3[x], d4[x]), from(d3[x], d4[x], d5[x]));
        let (odd, even) = (d3[x] - d1[x], d4[x] - d2[x]);
        v0[x] = f2 - f0;
        v1[x] = f2 + f1;
        v2[x] = f2 - f1;
        v3[x] = even - FAR * odd;
        v4[x] = even - NEAR * odd;
        v5[x] = f3 - f1;
    }
}

/// `Aᵀ m` along the first axis.
fn interpolate(m: &[f32], y: &mut [f32]) {
    let [m0, m1, m2, m3, m4, m5] = parts(m);
    let len = m0.len();
    for (y, [ones, near, far]) in y.chunks_exact_mut(len).zip(POWERS) {
        for x in 0..len {
            y[x] = (m1[x] + ones * m2[x]) + (near * m3[x] + far * m4[x]);
        }
    }
    let last = y.len() - len;
    for x in 0..len {
        y[x] += m0[x];
        y[last + x] += m5[x];
    }
}

/// A block in six parts of the same length.
fn parts(block: &[f32]) -> [&[f32]; SIDE] {
    let len = block.len() / SIDE;
    std::array::from_fn(|i| &block[i * len..][..len])
}

fn parts_mut(block: &mut [f32]) -> [&mut [f32]; SIDE] {
    let len = block.len() / SIDE;
    let mut parts = block.chunks_exact_mut(len);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

#[cfg(test)]
#[path = "winograd_tests.rs"]
mod tests;
