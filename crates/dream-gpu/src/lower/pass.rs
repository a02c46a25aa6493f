//! A convolution as the shaders see it, and the shader that carries it out.

use std::sync::Arc;

use dream_graph::{Dispatch, EngineError};

use crate::{
    device::Tier,
    shaders::Shader,
    uniforms::ConvParams,
    weights::{Order, Packing, Taps},
    work::{Input, Place, Work},
};

use super::{in_fours, input, offset, operand, out_offset, place, rectifier, words};

/// Loading a pixel costs as much as multiplying it by so many weights, on software adapters.
const LOADS: usize = 20;

/// A convolution as the shaders see it: from a grid of positions to every `step`-th output.
#[derive(Clone, Copy)]
pub(super) struct Pass {
    pub groups: usize,
    pub outputs: usize,
    pub inputs: usize,
    pub transposed: bool,
    pub phases: [usize; 2],
    pub kernel: [usize; 2],
    pub image: [usize; 2],
    pub target: [usize; 2],
    pub axes: [Axis; 2],
    /// Whether its groups are the places of minimal filtering, whose kernels are transformed.
    pub filtering: bool,
}

/// A pass along one axis.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    pub grid: usize,
    pub stride: usize,
    pub dilation: usize,
    pub before: i64,
    pub taps: Taps,
    pub step: usize,
    pub origin: usize,
}

impl Axis {
    /// Positions that each see themselves.
    pub fn pointwise(grid: usize) -> Self {
        Self { grid, stride: 1, dilation: 1, before: 0, taps: Taps::all(1), step: 1, origin: 0 }
    }

    /// Whether three neighbours are seen from every position.
    pub fn three(&self) -> bool {
        self.taps.count == 3 && self.stride == 1 && self.dilation == 1
    }
}

/// What a pass goes from and to.
pub(super) struct Ends {
    pub x: Input,
    pub x_offset: u32,
    pub write: Place,
    pub out_offset: u32,
    pub accumulate: bool,
    /// As [`rectifier`] gives it.
    pub rectifier: (u32, u32, Input),
}

impl Ends {
    /// What a dispatch reads and writes.
    pub fn of(dispatch: &Dispatch) -> Result<Self, EngineError> {
        let x = operand(dispatch, 0)?;
        Ok(Self {
            x: input(x),
            x_offset: offset(x),
            write: place(dispatch),
            out_offset: out_offset(dispatch),
            accumulate: dispatch.accumulate,
            rectifier: rectifier(dispatch)?,
        })
    }

    /// Whether everything begins at a multiple of four elements.
    fn in_fours(&self) -> bool {
        in_fours([self.x_offset, self.out_offset, self.rectifier.1]).is_some()
    }

    /// The same, but written to memory of the engine's own.
    pub fn into(self, write: Place) -> Self {
        let rectifier = (0, 0, self.x.clone());
        Self { write, out_offset: 0, accumulate: false, rectifier, ..self }
    }
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
    /// barriers; a few channels per group want neither. `fours`: whether offsets are multiples of four.
    fn choose(tier: Tier, pass: &Pass, fours: bool) -> Self {
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
                if *outputs > 8 && rows.three() && columns.three() {
                    let patches = rows.grid.div_ceil(4) * columns.grid.div_ceil(4);
                    let (shader, order) = (Shader::ConvPatch, Order::Inputs);
                    return Self { shader, order, channels: 16, across: patches.div_ceil(lanes) };
                }
                if let Some(shader) = rows_of(columns, tier).filter(|_| *outputs > 8) {
                    let patches = rows.grid.div_ceil(2) * columns.grid.div_ceil(4);
                    let across = patches.div_ceil(lanes);
                    return Self { shader, order: Order::Rows, channels: 16, across };
                }
                let tiles = if fours && pass.pointwise() {
                    [Shader::ConvPointwise8, Shader::ConvPointwise16, Shader::ConvPointwise32]
                } else {
                    [Shader::Conv8, Shader::Conv16, Shader::Conv32]
                };
                let tiles = [(tiles[0], 8), (tiles[1], 16), (tiles[2], 32)];
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

impl Pass {
    /// Whether every pixel sees itself alone, and planes are multiples of four.
    fn pointwise(&self) -> bool {
        let alone = |axis: &Axis| {
            axis.taps.count == 1 && [axis.stride, axis.step] == [1, 1] && axis.before == 0
        };
        self.axes.iter().all(alone)
            && self.image == self.target
            && self.target == self.axes.map(|axis| axis.grid)
            && self.pixels().is_multiple_of(4)
    }

    /// Kernel positions.
    fn taps(&self) -> usize {
        self.axes[0].taps.count * self.axes[1].taps.count
    }

    /// Positions of the grid.
    fn pixels(&self) -> usize {
        self.axes[0].grid * self.axes[1].grid
    }

    pub fn flops(&self) -> f64 {
        2.0 * (self.groups * self.outputs * self.inputs * self.taps() * self.pixels()) as f64
    }

    /// What it costs per group and input channel, in multiply-adds.
    pub fn cost(&self, tier: Tier) -> usize {
        let channels = Variant::choose(tier, self, false).channels;
        let tiles = self.outputs.div_ceil(channels);
        self.taps() * self.pixels() * tiles * (LOADS + channels)
    }

    /// The work of it.
    pub fn work(
        &self,
        node: &str,
        ends: Ends,
        weight: &Arc<[f32]>,
        bias: Option<&Arc<[f32]>>,
        relu: bool,
        tier: Tier,
    ) -> Work {
        let Self { groups, outputs, inputs, axes: [rows, columns], .. } = self;
        let variant = Variant::choose(tier, self, ends.in_fours());
        let (rectified, rectifier_offset, rectifier) = ends.rectifier;
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
            filtering: self.filtering,
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
            x_offset: ends.x_offset,
            out_offset: ends.out_offset,
            accumulate: ends.accumulate.into(),
            relu: u32::from(relu),
            has_bias: u32::from(bias.is_some()),
            rectified,
            rectifier_offset,
        };
        let weights = Input::Weights(Arc::clone(weight), packing);
        // A binding cannot be empty; without a bias the weights stand in, unread.
        let bias = bias.map_or_else(|| weights.clone(), |bias| Input::Constant(Arc::clone(bias)));
        Work {
            node: node.to_owned(),
            shader: variant.shader,
            params: words(&params),
            write: ends.write,
            reads: vec![ends.x, weights, bias, rectifier],
            groups: [
                variant.across as u32,
                (groups * outputs.div_ceil(variant.channels)) as u32,
                1,
            ],
            flops: self.flops(),
        }
    }
}
