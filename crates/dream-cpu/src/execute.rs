//! Executes dispatches: matches every kernel to its function.

use dream_graph::{CURVE, Dispatch, EngineError, IterationParams, Kernel, Tile, remap};

use crate::{
    broadcast::{binary, binary_grad, broadcast, reduce_max_grad},
    conv::ConvGrad,
    elementwise::{rectify, scale, scale_channels, store, unary, unary_grad},
    image::{Window, adam, ascend, crop, roll_in, roll_out, step},
    layout::permute,
    lrn::lrn_grad,
    matmul::MatMul,
    memory::{Memory, missing},
    norm::{layer_norm_grad, softmax_grad},
    objective::{best_match, cells_seen, direction, dot, mask, neuron, normalise, redirect},
    plan::node_error,
    pool::{avg_pool_grad, max_pool_grad},
    statistic::{smooth, statistic},
    warp::{warp, warp_grad},
};

/// A dispatch with the tract plan that it needs, if any.
pub(crate) struct Planned {
    dispatch: Dispatch,
    product: Product,
}

enum Product {
    None,
    Conv(ConvGrad),
    MatMul(MatMul),
}

impl Planned {
    /// Plans one dispatch.
    pub fn new(dispatch: &Dispatch) -> Result<Self, EngineError> {
        let node = &dispatch.node;
        let product = match &dispatch.kernel {
            Kernel::ConvGrad { geometry, weight, .. } => {
                Product::Conv(ConvGrad::new(node, geometry, weight)?)
            }
            Kernel::MatMul { spec, operands } => {
                Product::MatMul(MatMul::new(node, *spec, operands, &dispatch.reads)?)
            }
            _ => Product::None,
        };
        Ok(Self { dispatch: dispatch.clone(), product })
    }
}

/// An iteration and the tile that it is at.
pub(crate) type Step = (IterationParams, Tile);

/// Executes dispatches in order. `step` is where the iteration is, if there is one.
pub(crate) fn execute(
    memory: &mut Memory,
    dispatches: &[Planned],
    step: Option<Step>,
) -> Result<(), EngineError> {
    let step = step.unwrap_or((IterationParams::STILL, Tile::WHOLE));
    for planned in dispatches {
        let view = planned.dispatch.write;
        // The output is taken out of the memory while the kernel reads the rest of it.
        let mut taken = std::mem::take(memory.buffer_mut(view.buffer)?);
        let done = match taken.get_mut(view.offset..view.offset + view.len) {
            Some(output) => run(memory, planned, step, output),
            None => Err(missing(view.buffer, view.len)),
        };
        *memory.buffer_mut(view.buffer)? = taken;
        done?;
    }
    Ok(())
}

fn run(
    memory: &Memory,
    planned: &Planned,
    (params, tile): Step,
    out: &mut [f32],
) -> Result<(), EngineError> {
    let Dispatch { node, kernel, reads, accumulate, .. } = &planned.dispatch;
    let read = |index: usize| match reads.get(index) {
        Some(source) => memory.source(source),
        None => Err(node_error(node, &format!("{} lacks an operand", kernel.name()))),
    };
    let add = *accumulate;
    match kernel {
        Kernel::ConvGrad { .. } | Kernel::MatMul { .. } => match &planned.product {
            Product::Conv(conv) => conv.run(node, read(0)?, out, add)?,
            Product::MatMul(matmul) => matmul.run(node, read(0)?, read(1)?, out, add)?,
            Product::None => return Err(node_error(node, &"it has no plan")),
        },
        Kernel::MaxPoolGrad { geometry, .. } => {
            max_pool_grad(geometry, read(0)?, read(1)?, out, add);
        }
        Kernel::AvgPoolGrad(geometry) => avg_pool_grad(geometry, read(0)?, out, add),
        Kernel::LrnGrad { geometry, .. } => lrn_grad(geometry, read(0)?, read(1)?, out, add),
        Kernel::UnaryGrad(unary) => unary_grad(*unary, read(0)?, read(1)?, out, add),
        Kernel::BinaryGrad { op, side, output, operands } => {
            // Sums and differences read no operands.
            let none: &[f32] = &[];
            let [a, b] = if reads.len() > 1 { [read(1)?, read(2)?] } else { [none; 2] };
            binary_grad(*op, *side, output, operands, [read(0)?, a, b], out, add);
        }
        Kernel::ScaleChannels { factors, summands: None, plane } => {
            scale_channels(factors, *plane, read(0)?, out, add);
        }
        Kernel::Remap { maps } => store(out, add, remap(maps, read(0)?).into_iter()),
        Kernel::Permute { shape, perm } => permute(shape, perm, read(0)?, out, add),
        Kernel::Broadcast { from, to, factor } => broadcast(from, to, *factor, read(0)?, out, add),
        Kernel::ReduceMaxGrad { shape, axes } => {
            reduce_max_grad(shape, axes, read(0)?, read(1)?, out, add);
        }
        Kernel::SoftmaxGrad { outer, length, inner } => {
            softmax_grad([*outer, *length, *inner], read(0)?, read(1)?, out, add);
        }
        Kernel::LayerNormGrad { rows, epsilon, scale } => {
            layer_norm_grad(*rows, *epsilon, scale, read(0)?, read(1)?, out, add);
        }
        Kernel::Scale { factor } => scale(*factor, read(0)?, out, add),
        Kernel::Fill { start, end, value } => {
            if !add {
                out.fill(0.0);
            }
            out[*start..*end].iter_mut().for_each(|element| *element += value);
        }
        Kernel::Neuron { grid, channel, place, value } => {
            let at = grid.position(*place, &params, &tile);
            neuron(grid.size, *channel, at, *value, out, add);
        }
        Kernel::Match { positions, guides, factor, .. } => {
            best_match([*positions, *guides], *factor, read(0)?, read(1)?, out, add);
        }
        Kernel::Direction { grid, cells, power, factor, .. } => {
            let seen = cells_seen(grid, *cells, &params, &tile);
            let seen = (&seen[..], cells[0] * cells[1]);
            direction(seen, [*power, *factor], read(0)?, read(1)?, out, add);
        }
        Kernel::Mask { grid, cells, .. } => {
            let seen = cells_seen(grid, *cells, &params, &tile);
            mask(&seen, read(0)?, read(1)?, out, add);
        }
        Kernel::Dot { factor } => {
            let dot = (f64::from(*factor) * dot(read(0)?, read(1)?)) as f32;
            store(out, add, std::iter::once(dot));
        }
        Kernel::Redirect => {
            let redirects = params.redirects && read(2)?[0] == 0.0;
            let [dy, y] = if redirects { [read(0)?, read(1)?] } else { [&[][..]; 2] };
            if !add && !redirects {
                out.fill(0.0);
            }
            redirect(dy, y, out, add);
        }
        Kernel::Record => {
            let scores = read(0)?;
            let row = params.iteration as usize % CURVE * scores.len();
            out[row..row + scores.len()].copy_from_slice(scores);
        }
        Kernel::Normalise { factor } => normalise(*factor, read(0)?, read(1)?[0], out, add),
        Kernel::Crop { size, stride, .. } => crop(*size, *stride, &tile, read(0)?, out, add),
        Kernel::RollIn { size, tile: window, preprocessing } => {
            let place = Window::new(*size, *window, &tile, params.shift);
            roll_in(&place, preprocessing, read(0)?, out);
        }
        Kernel::RollOut { size, tile: window, preprocessing } => {
            let place = Window::new(*size, *window, &tile, params.shift);
            roll_out(&place, preprocessing, read(0)?, out, add);
        }
        Kernel::Statistic(kind) => {
            store(out, add, std::iter::once(statistic(*kind, read(0)?)));
        }
        Kernel::Smooth { shape, axis, factor, surface } => {
            let lengths = [shape[*axis], shape[axis + 1..].iter().product()];
            smooth((lengths, *surface), factor * params.smoothing, read(0)?, out, add);
        }
        Kernel::Unary(function) => unary(*function, read(0)?, out, add),
        Kernel::Binary { op, output, operands } => {
            binary(*op, output, operands, [read(0)?, read(1)?], out, add);
        }
        Kernel::Warp { size, surface, outside } => {
            warp((*size, *surface), *outside, params.turn, read(0)?, out);
        }
        Kernel::WarpGrad { size, surface } => {
            warp_grad((*size, *surface), params.turn, read(0)?, out, add);
        }
        Kernel::Step => step(params.step_size, read(0)?, read(1)?[0], out, add),
        Kernel::Adam => adam(params.rate, read(0)?, out),
        Kernel::Ascend => ascend(params.step_size, read(0)?, read(1)?[0], out),
        Kernel::Conv { .. }
        | Kernel::MaxPool(_)
        | Kernel::AvgPool(_)
        | Kernel::Lrn(_)
        | Kernel::Reduce { .. }
        | Kernel::Softmax { .. }
        | Kernel::LayerNorm { .. }
        | Kernel::ScaleChannels { summands: Some(_), .. } => {
            return Err(node_error(node, &"its forward pass is tract's"));
        }
    }
    if kernel.rectified() {
        rectify(read(reads.len() - 1)?, out);
    }
    Ok(())
}
