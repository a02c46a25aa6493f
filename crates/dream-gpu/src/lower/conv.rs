//! Convolutions and their gradients, which are convolutions too.
//!
//! The gradient of a convolution with stride s falls apart into s · s independent ones with stride
//! 1, one for every position of a pixel within a stride (its phase): pixels of one phase meet the
//! same rows and columns of the kernel.

use std::sync::Arc;

use dream_graph::{ConvGeometry, Dispatch, EngineError, WindowGeometry};

use crate::{
    device::Tier,
    shaders::Shader,
    uniforms::ConvParams,
    weights::{Order, Packing, Taps},
    work::{Input, Work},
};

use super::{input, offset, operand, place, words};

/// A convolution as the shaders see it: from a grid of positions to every `step`-th output.
struct Pass {
    groups: usize,
    outputs: usize,
    inputs: usize,
    transposed: bool,
    kernel: [usize; 2],
    image: [usize; 2],
    target: [usize; 2],
    axes: [Axis; 2],
}

/// A pass along one axis.
#[derive(Clone, Copy)]
struct Axis {
    grid: usize,
    stride: usize,
    dilation: usize,
    before: i64,
    taps: Taps,
    step: usize,
    origin: usize,
}

/// A shader with the part of the output that one workgroup makes.
struct Variant {
    shader: Shader,
    order: Order,
    /// Output channels of a workgroup.
    channels: usize,
    /// Workgroups that cover the grid.
    across: usize,
}

impl Variant {
    /// Real devices want tiles in workgroup memory, software adapters register tiles without
    /// barriers; a few channels per group want neither.
    fn choose(tier: Tier, pass: &Pass) -> Self {
        let Pass { groups, outputs, axes: [rows, columns], .. } = pass;
        let variant = |shader, channels, pixels| Self {
            shader,
            order: Order::TapsFirst,
            channels,
            across: (rows.grid * columns.grid).div_ceil(pixels),
        };
        match tier {
            _ if *groups > 1 && *outputs < 4 => variant(Shader::ConvDepthwise, 1, 256),
            Tier::Integrated | Tier::Discrete => variant(Shader::ConvTiled, 64, 64),
            Tier::Software { subgroups } => {
                let lanes = if subgroups { 8 } else { 4 };
                let three = |a: &Axis| a.taps.count == 3 && a.stride == 1 && a.dilation == 1;
                if *outputs > 8 && three(rows) && three(columns) {
                    let patches = rows.grid.div_ceil(4) * columns.grid.div_ceil(4);
                    let (shader, order) = (Shader::ConvPatch, Order::InputsFirst);
                    return Self { shader, order, channels: 16, across: patches.div_ceil(lanes) };
                }
                // Loading eight pixels costs as much as multiplying them by some 20 weights.
                let tiles = [(Shader::Conv8, 8), (Shader::Conv16, 16), (Shader::Conv32, 32)];
                let cost = |&(_, width): &(Shader, usize)| outputs.div_ceil(width) * (20 + width);
                let (shader, width) = tiles.into_iter().min_by_key(cost).unwrap_or(tiles[0]);
                variant(shader, width, 8 * lanes)
            }
        }
    }
}

/// Lowers a convolution.
pub(crate) fn conv(
    dispatch: &Dispatch,
    geometry: &ConvGeometry,
    weight: &Arc<[f32]>,
    bias: Option<&Arc<[f32]>>,
    relu: bool,
    tier: Tier,
) -> Result<Vec<Work>, EngineError> {
    let window = &geometry.window;
    let axis = |axis: usize| Axis {
        grid: window.output[axis],
        stride: window.stride[axis],
        dilation: window.dilation[axis],
        before: window.before[axis] as i64,
        taps: Taps::all(window.kernel[axis]),
        step: 1,
        origin: 0,
    };
    let pass = Pass {
        groups: geometry.groups,
        outputs: geometry.out_channels / geometry.groups,
        inputs: geometry.in_channels / geometry.groups,
        transposed: false,
        kernel: window.kernel,
        image: window.input,
        target: window.output,
        axes: [axis(0), axis(1)],
    };
    Ok(vec![pass.work(dispatch, weight, bias, relu, tier)?])
}

/// Lowers the gradient of a convolution.
pub(crate) fn conv_grad(
    dispatch: &Dispatch,
    geometry: &ConvGeometry,
    weight: &Arc<[f32]>,
    tier: Tier,
) -> Result<Vec<Work>, EngineError> {
    let window = &geometry.window;
    let mut works = Vec::new();
    for row in 0..window.stride[0] {
        for column in 0..window.stride[1] {
            let axes = [phase(window, 0, row), phase(window, 1, column)];
            let empty = axes.iter().any(|axis| axis.grid == 0);
            let adds_nothing = dispatch.accumulate && axes.iter().any(|axis| axis.taps.count == 0);
            if empty || adds_nothing {
                continue;
            }
            let pass = Pass {
                groups: geometry.groups,
                outputs: geometry.in_channels / geometry.groups,
                inputs: geometry.out_channels / geometry.groups,
                transposed: true,
                kernel: window.kernel,
                image: window.output,
                target: window.input,
                axes,
            };
            works.push(pass.work(dispatch, weight, None, false, tier)?);
        }
    }
    Ok(works)
}

/// Pixels `q · stride + phase` along an axis: kernel position k brings them dy at
/// `q + (phase + before − k · dilation) / stride`, where that is a whole number.
fn phase(window: &WindowGeometry, axis: usize, phase: usize) -> Axis {
    let (stride, dilation) = (window.stride[axis], window.dilation[axis]);
    let source = (phase + window.before[axis]) as i64;
    let meets = |k: &usize| (source - (k * dilation) as i64).rem_euclid(stride as i64) == 0;
    let mut meeting = (0..window.kernel[axis]).rev().filter(meets);
    let (first, second) = (meeting.next(), meeting.next());
    let between = first.zip(second).map_or(stride, |(first, second)| first - second);
    let first = first.unwrap_or(0);
    let count = (0..window.kernel[axis]).filter(meets).count();
    Axis {
        grid: window.input[axis].saturating_sub(phase).div_ceil(stride),
        stride: 1,
        dilation: between * dilation / stride,
        before: -((source - (first * dilation) as i64).div_euclid(stride as i64)),
        taps: Taps { first, step: -(between as isize), count },
        step: stride,
        origin: phase,
    }
}

impl Pass {
    fn work(
        &self,
        dispatch: &Dispatch,
        weight: &Arc<[f32]>,
        bias: Option<&Arc<[f32]>>,
        relu: bool,
        tier: Tier,
    ) -> Result<Work, EngineError> {
        let Self { groups, outputs, inputs, axes: [rows, columns], .. } = self;
        let variant = Variant::choose(tier, self);
        let x = operand(dispatch, 0)?;
        let packing = Packing {
            groups: *groups,
            outputs: *outputs,
            inputs: *inputs,
            transposed: self.transposed,
            kernel: self.kernel,
            taps: [rows.taps, columns.taps],
            tile: variant.channels,
            order: variant.order,
        };
        let params = ConvParams {
            in_channels: *inputs as u32,
            out_channels: *outputs as u32,
            groups: *groups as u32,
            in_height: self.image[0] as u32,
            in_width: self.image[1] as u32,
            rows: rows.grid as u32,
            cols: columns.grid as u32,
            kernel_h: rows.taps.count as u32,
            kernel_w: columns.taps.count as u32,
            stride_y: rows.stride as u32,
            stride_x: columns.stride as u32,
            dilation_y: rows.dilation as u32,
            dilation_x: columns.dilation as u32,
            before_y: rows.before as i32,
            before_x: columns.before as i32,
            out_height: self.target[0] as u32,
            out_width: self.target[1] as u32,
            out_step_y: rows.step as u32,
            out_step_x: columns.step as u32,
            out_origin_y: rows.origin as u32,
            out_origin_x: columns.origin as u32,
            x_offset: offset(x),
            out_offset: dispatch.write.offset as u32,
            accumulate: u32::from(dispatch.accumulate),
            relu: u32::from(relu),
            has_bias: u32::from(bias.is_some()),
        };
        let pixels = rows.grid * columns.grid;
        let taps = rows.taps.count * columns.taps.count;
        let weights = Input::Weights(Arc::clone(weight), packing);
        // A binding cannot be empty; without a bias the weights stand in, unread.
        let bias = bias.map_or_else(|| weights.clone(), |bias| Input::Constant(Arc::clone(bias)));
        Ok(Work {
            node: dispatch.node.clone(),
            shader: variant.shader,
            params: words(&params),
            write: place(dispatch),
            reads: vec![input(x), weights, bias],
            groups: [
                variant.across as u32,
                (groups * outputs.div_ceil(variant.channels)) as u32,
                1,
            ],
            flops: 2.0 * (groups * outputs * inputs * taps * pixels) as f64,
        })
    }
}
