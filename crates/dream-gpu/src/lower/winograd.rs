//! Gradients of convolutions with 3 × 3 kernels by minimal filtering (`dream_graph::winograd`): patches
//! of dy are transformed, multiplied by transformed weights as 36 convolutions with 1 × 1 kernels, and
//! transformed into tiles of dx; strip by strip, which bounds what they take.

use std::sync::Arc;

use dream_graph::winograd::{MOST_WEIGHTS, PLACES, tile};

use crate::{
    device::Tier,
    shaders::Shader,
    uniforms::{Uniform, WinogradParams},
    work::{Input, Place, Work},
};

use super::{
    Target, groups, in_fours,
    pass::{Axis, Ends, Pass},
};

/// Side of the kernels.
const KERNEL: usize = 3;
/// Tiles whose products are taken together, unless a row of tiles has more.
const STRIP: usize = 256;
/// Tiles and channels from which it is faster.
const LEAST_TILES: usize = 32;
const LEAST_CHANNELS: usize = 32;

/// Whether a pass can be done so on a device, and is faster.
pub(super) fn pays(pass: &Pass, target: Target) -> bool {
    let square =
        pass.kernel == [KERNEL; 2] && pass.axes.iter().all(|axis| axis.three() && axis.step == 1);
    let [down, across] = tiles(pass);
    let words = PLACES * pass.inputs.max(pass.outputs) * tiles_of(strip(pass), across);
    matches!(target.tier, Tier::Software { .. })
        && square
        && pass.groups == 1
        && pass.inputs.min(pass.outputs) >= LEAST_CHANNELS
        && PLACES * pass.inputs * pass.outputs <= MOST_WEIGHTS
        && down * across >= LEAST_TILES
        && 4 * words as u64 <= target.largest
}

/// Tiles down and across.
fn tiles(pass: &Pass) -> [usize; 2] {
    pass.axes.map(|axis| axis.grid.div_ceil(tile(KERNEL)))
}

/// Rows of tiles whose products are taken together.
fn strip(pass: &Pass) -> usize {
    let [down, across] = tiles(pass);
    let strips = down.div_ceil((STRIP / across).max(1));
    down.div_ceil(strips)
}

/// Tiles in some rows, four at a time: some of them are past the rows' end.
fn tiles_of(rows: usize, across: usize) -> usize {
    (rows * across).next_multiple_of(4)
}

/// The works of a pass.
pub(super) fn works(
    pass: &Pass,
    node: &str,
    ends: &Ends,
    weight: &Arc<[f32]>,
    tier: Tier,
) -> Vec<Work> {
    let [down, across] = tiles(pass);
    let rows = strip(pass);
    // Four neighbours at once where rows are fours; offsets count them then.
    let (out_offset, rectifier_offset) = (ends.out_offset, ends.rectifier.1);
    let row = [pass.target[1] as u32, out_offset, rectifier_offset];
    let (shader, [_, out_offset, rectifier_offset]) = match in_fours(row) {
        Some(fours) => (Shader::WinogradWriteFours, fours),
        None => (Shader::WinogradWrite, row),
    };
    let strip_from = |first: usize| {
        let rows = rows.min(down - first);
        let tiles = tiles_of(rows, across);
        let product = Pass {
            groups: PLACES,
            image: [1, tiles],
            target: [1, tiles],
            axes: [1, tiles].map(Axis::pointwise),
            filtering: true,
            ..*pass
        };
        let scratch = |index, channels| Place::Scratch { index, words: PLACES * channels * tiles };
        let (patches, products) = (scratch(0, pass.inputs), scratch(1, pass.outputs));
        let between = Ends {
            x: Input::Place(patches),
            x_offset: 0,
            write: products,
            out_offset: 0,
            accumulate: false,
            rectifier: (0, 0, Input::Place(patches)),
        };
        let share = rows as f64 / down as f64;
        let (rectified, _, rectifier) = ends.rectifier.clone();
        let transform = |shader, channels: usize, size: [usize; 2], write, reads| {
            let params = WinogradParams {
                count: (channels * tiles) as u32,
                tiles: tiles as u32,
                across: across as u32,
                first_row: first as u32,
                rows: rows as u32,
                height: size[0] as u32,
                width: size[1] as u32,
                before_y: pass.axes[0].before as i32,
                before_x: pass.axes[1].before as i32,
                x_offset: ends.x_offset,
                out_offset,
                accumulate: ends.accumulate.into(),
                rectified,
                rectifier_offset,
            };
            Work {
                node: node.to_owned(),
                shader,
                params: params.words(),
                write,
                reads,
                groups: groups(channels * tiles),
                flops: 0.0,
            }
        };
        let reads = vec![ends.x.clone()];
        let read = transform(Shader::WinogradRead, pass.inputs, pass.image, patches, reads);
        let multiply = product.work(node, between, weight, None, false, tier);
        let reads = vec![Input::Place(products), rectifier];
        let write = transform(shader, pass.outputs, pass.target, ends.write, reads);
        [read, Work { flops: share * pass.flops(), ..multiply }, write]
    };
    (0..down).step_by(rows).flat_map(strip_from).collect()
}
