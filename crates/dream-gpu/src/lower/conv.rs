//! Convolutions and their gradients, which are convolutions too.
//!
//! The gradient of a convolution with stride s falls apart into s · s independent ones with stride
//! 1, one for every position of a pixel within a stride (its phase): pixels of one phase meet the
//! same rows and columns of the kernel. Where there are few channels, all phases are the outputs of
//! one convolution instead, which `interleave.wgsl` puts in their places.

use std::sync::Arc;

use dream_graph::{ConvGeometry, Dispatch, EngineError, Kernel, View, WindowGeometry};

use crate::{
    device::Tier,
    shaders::Shader,
    uniforms::{ConvParams, InterleaveParams},
    weights::{Order, Packing, Taps},
    work::{Input, Work},
};

use super::{
    from_scratch, input, into_scratch, offset, operand, out_offset, place, rectifier, words, work,
};

/// Loading a pixel costs as much as multiplying it by so many weights, on software adapters.
const LOADS: usize = 20;

/// A convolution as the shaders see it: from a grid of positions to every `step`-th output.
struct Pass {
    groups: usize,
    outputs: usize,
    inputs: usize,
    transposed: bool,
    phases: [usize; 2],
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
            order: Order::Taps,
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
                    let (shader, order) = (Shader::ConvPatch, Order::Inputs);
                    return Self { shader, order, channels: 16, across: patches.div_ceil(lanes) };
                }
                if let Some(shader) = rows_of(columns, tier).filter(|_| *outputs > 8) {
                    let patches = rows.grid.div_ceil(2) * columns.grid.div_ceil(4);
                    let across = patches.div_ceil(lanes);
                    return Self { shader, order: Order::Rows, channels: 16, across };
                }
                let tiles = [(Shader::Conv8, 8), (Shader::Conv16, 16), (Shader::Conv32, 32)];
                let cost =
                    |&(_, width): &(Shader, usize)| outputs.div_ceil(width) * (LOADS + width);
                let (shader, width) = tiles.into_iter().min_by_key(cost).unwrap_or(tiles[0]);
                variant(shader, width, 8 * lanes)
            }
        }
    }
}

/// The shader for software adapters that goes through a kernel with such columns row by row.
fn rows_of(columns: &Axis, tier: Tier) -> Option<Shader> {
    let shader = match (columns.taps.count, columns.stride, columns.dilation) {
        (4, 1, 1) => Shader::ConvRows4,
        (5, 1, 1) => Shader::ConvRows5,
        (7, 2, 1) => Shader::ConvRows7By2,
        _ => return None,
    };
    Some(shader).filter(|shader| shader.serves(tier))
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
        phases: [1, 1],
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
    let [rows, columns] = window.stride;
    let pass = |axes| Pass {
        groups: geometry.groups,
        outputs: geometry.in_channels / geometry.groups,
        inputs: geometry.out_channels / geometry.groups,
        transposed: true,
        phases: [1, 1],
        kernel: window.kernel,
        image: window.output,
        target: window.input,
        axes,
    };
    let phases = (0..rows).flat_map(|row| (0..columns).map(move |column| [row, column]));
    let needed = |pass: &Pass| {
        let only_adds = dispatch.accumulate && !dispatch.kernel.rectified();
        let adds_nothing = || only_adds && pass.axes.iter().any(|it| it.taps.count == 0);
        pass.axes.iter().all(|axis| axis.grid > 0) && !adds_nothing()
    };
    let each: Vec<Pass> = phases
        .map(|[row, column]| pass([phase(window, 0, row), phase(window, 1, column)]))
        .filter(needed)
        .collect();
    let works = || each.iter().map(|it| it.work(dispatch, weight, None, false, tier)).collect();
    if geometry.groups > 1 || window.dilation != [1, 1] || each.len() < 2 {
        return works();
    }
    let axes = [all_phases(window, 0), all_phases(window, 1)];
    let all = Pass {
        outputs: rows * columns * geometry.in_channels,
        phases: window.stride,
        target: axes.map(|axis| axis.grid),
        ..pass(axes)
    };
    if all.cost(tier) >= each.iter().map(|it| it.cost(tier)).sum() {
        return works();
    }
    let [height, width] = window.input;
    let (rectified, rectifier_offset, rectifier) = rectifier(dispatch)?;
    let params = InterleaveParams {
        count: dispatch.write.len as u32,
        out_offset: out_offset(dispatch),
        channels: geometry.in_channels as u32,
        height: height as u32,
        width: width as u32,
        rows: axes[0].grid as u32,
        columns: axes[1].grid as u32,
        step_y: rows as u32,
        step_x: columns as u32,
        accumulate: dispatch.accumulate.into(),
        rectified,
        rectifier_offset,
    };
    let words = all.outputs * axes[0].grid * axes[1].grid;
    let write = View { offset: 0, ..dispatch.write };
    let kernel = Kernel::ConvGrad { geometry: *geometry, weight: weight.clone(), relu: false };
    let alone = Dispatch { kernel, write, accumulate: false, ..dispatch.clone() };
    let products = Work {
        // The zeros among its weights are no work.
        flops: each.iter().map(Pass::flops).sum(),
        ..all.work(&alone, weight, None, false, tier)?
    };
    let reads = vec![from_scratch(words), rectifier];
    let interleave = work(dispatch, Shader::Interleave, &params, reads, dispatch.write.len);
    Ok(vec![into_scratch(products, words), interleave])
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
    let first = first.unwrap_or(0) as isize;
    let count = (0..window.kernel[axis]).filter(meets).count();
    Axis {
        grid: window.input[axis].saturating_sub(phase).div_ceil(stride),
        stride: 1,
        dilation: between * dilation / stride,
        before: -((source - first as i64 * dilation as i64).div_euclid(stride as i64)),
        taps: Taps { first, step: -(between as isize), count },
        step: stride,
        origin: phase,
    }
}

/// All phases along an axis together: position q has the pixels from `q · stride` on.
fn all_phases(window: &WindowGeometry, axis: usize) -> Axis {
    let [stride, before, kernel] = [window.stride, window.before, window.kernel].map(|of| of[axis]);
    // A pixel p of the stride meets dy at q + (p + before − k) / stride for kernel position k.
    let [stride, before] = [stride as i64, before as i64];
    let lowest = -(kernel as i64 - 1 - before).div_euclid(stride);
    let highest = (stride - 1 + before).div_euclid(stride);
    Axis {
        grid: window.input[axis].div_ceil(stride as usize),
        stride: 1,
        dilation: 1,
        before: -lowest,
        taps: Taps {
            first: (before - lowest * stride) as isize,
            step: -stride as isize,
            count: (highest - lowest + 1) as usize,
        },
        step: 1,
        origin: 0,
    }
}

impl Pass {
    /// Kernel positions.
    fn taps(&self) -> usize {
        self.axes[0].taps.count * self.axes[1].taps.count
    }

    /// Positions of the grid.
    fn pixels(&self) -> usize {
        self.axes[0].grid * self.axes[1].grid
    }

    fn flops(&self) -> f64 {
        2.0 * (self.groups * self.outputs * self.inputs * self.taps() * self.pixels()) as f64
    }

    /// What it costs per group and input channel, in multiply-adds.
    fn cost(&self, tier: Tier) -> usize {
        let channels = Variant::choose(tier, self).channels;
        let tiles = self.outputs.div_ceil(channels);
        self.taps() * self.pixels() * tiles * (LOADS + channels)
    }

    fn work(
        &self,
        dispatch: &Dispatch,
        weight: &Arc<[f32]>,
        bias: Option<&Arc<[f32]>>,
        relu: bool,
        tier: Tier,
    ) -> Result<Work, EngineError> {
        let Self { groups, outputs, inputs, axes: [rows, columns], .. } = self;
        let x = operand(dispatch, 0)?;
        let variant = Variant::choose(tier, self);
        let (rectified, rectifier_offset, rectifier) = rectifier(dispatch)?;
        let packing = Packing {
            groups: *groups,
            outputs: *outputs,
            inputs: *inputs,
            transposed: self.transposed,
            phases: self.phases,
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
            rectified,
            rectifier_offset,
        };
        let weights = Input::Weights(Arc::clone(weight), packing);
        // A binding cannot be empty; without a bias the weights stand in, unread.
        let bias = bias.map_or_else(|| weights.clone(), |bias| Input::Constant(Arc::clone(bias)));
        Ok(Work {
            node: dispatch.node.clone(),
            shader: variant.shader,
            params: words(&params),
            write: place(dispatch),
            reads: vec![input(x), weights, bias, rectifier],
            groups: [
                variant.across as u32,
                (groups * outputs.div_ceil(variant.channels)) as u32,
                1,
            ],
            flops: self.flops(),
        })
    }
}
