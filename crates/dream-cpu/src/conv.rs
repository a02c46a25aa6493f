//! Gradient of a convolution, through tract's convolutions.
//!
//! With stride 1 it is a convolution itself: dy, with zeros around it, correlated with the reversed
//! weights, by minimal filtering where that pays. With a larger stride it is a transposed
//! convolution: a matrix product of the weights with dy, whose rows are added up where windows
//! overlap. In all, the channels read and written change places.

use dream_graph::{ConvGeometry, EngineError};
use tract_onnx::tract_core::{
    ops::{
        cnn::{Conv, Deconv, KernelFormat, PaddingSpec, PoolSpec},
        nn::DataFormat,
    },
    prelude::*,
};

use crate::{
    elementwise::store,
    plan::{Plan, node_error, run, slice},
    winograd::Filter,
};

/// A planned gradient of a convolution.
pub(crate) struct ConvGrad {
    plan: Plan,
    channels: usize,
    /// Height and width of dy.
    from: [usize; 2],
    /// Height and width of what the plan reads, and where dy begins in it (negative: before it).
    to: [usize; 2],
    origin: [isize; 2],
}

impl ConvGrad {
    /// Plans the gradient for weights `[out, in / groups, kernel_h, kernel_w]`.
    pub fn new(node: &str, geometry: &ConvGeometry, weight: &[f32]) -> Result<Self, EngineError> {
        let plan = if geometry.window.stride == [1, 1] { correlation } else { transposed };
        plan(geometry, weight).map_err(|error| node_error(node, &format!("{error:#}")))
    }

    /// Adds the gradient to `dx`, or replaces it.
    pub fn run(
        &self,
        node: &str,
        dy: &[f32],
        dx: &mut [f32],
        accumulate: bool,
    ) -> Result<(), EngineError> {
        let padded = self.pad(dy).map_err(|error| node_error(node, &format!("{error:#}")))?;
        let output = run(&self.plan, tvec![padded], node)?;
        store(dx, accumulate, slice(&output[0])?.iter().copied());
        Ok(())
    }

    /// dy with zeros around it, or without its rim.
    fn pad(&self, dy: &[f32]) -> TractResult<Tensor> {
        let ([rows, columns], [height, width]) = (self.from, self.to);
        let shape = [1, self.channels, height, width];
        if self.from == self.to && self.origin == [0, 0] {
            return Tensor::from_shape(&shape, dy);
        }
        let mut padded = Tensor::zero::<f32>(&shape)?;
        let mut view = padded.try_as_plain_ram_mut()?;
        let target = view.as_slice_mut::<f32>()?;
        let [top, left] = self.origin;
        let (skip, indent) = (left.min(0).unsigned_abs(), left.max(0) as usize);
        let run = columns.saturating_sub(skip).min(width.saturating_sub(indent));
        for (dy, target) in
            dy.chunks_exact(rows * columns).zip(target.chunks_exact_mut(height * width))
        {
            for (row, dy) in dy.chunks_exact(columns).enumerate() {
                let y = usize::try_from(row as isize + top).ok().filter(|&y| y < height);
                if let Some(y) = y {
                    let target = &mut target[y * width + indent..][..run];
                    target.copy_from_slice(&dy[skip..skip + run]);
                }
            }
        }
        Ok(padded)
    }
}

/// Stride 1: `dx[i] = Σ_k w[k] · dy[i + p − k·d]`.
fn correlation(geometry: &ConvGeometry, weight: &[f32]) -> TractResult<ConvGrad> {
    let window = &geometry.window;
    let weight = weights(geometry, weight, true)?;
    if let Some(filter) = Filter::gradient(geometry) {
        let op = filter.op(weight.try_as_plain_ram()?.as_slice()?)?;
        return Ok(ConvGrad {
            plan: plan(geometry, window.output, op, [])?,
            channels: geometry.out_channels,
            from: window.output,
            to: window.output,
            origin: [0, 0],
        });
    }
    let reach = [0, 1].map(|axis| (window.kernel[axis] - 1) * window.dilation[axis]);
    let to = [0, 1].map(|axis| window.input[axis] + reach[axis]);
    let conv = Conv {
        pool_spec: pool_spec(geometry, PaddingSpec::Valid),
        kernel_fmt: KernelFormat::OIHW,
        group: geometry.groups,
        q_params: None,
    };
    Ok(ConvGrad {
        plan: plan(geometry, to, conv, [weight, tensor0(0f32)])?,
        channels: geometry.out_channels,
        from: window.output,
        to,
        origin: [0, 1].map(|axis| reach[axis] as isize - window.before[axis] as isize),
    })
}

/// Larger strides: each dy spread over its window.
fn transposed(geometry: &ConvGeometry, weight: &[f32]) -> TractResult<ConvGrad> {
    let window = &geometry.window;
    // Rows and columns that the windows reach beyond the image, or that they leave out at its end.
    let (after, missed): (TVec<usize>, TVec<usize>) = [0, 1]
        .map(|axis| {
            let reach = (window.output[axis] - 1) * window.stride[axis]
                + (window.kernel[axis] - 1) * window.dilation[axis]
                + 1;
            let end = window.before[axis] + window.input[axis];
            (reach.saturating_sub(end), end.saturating_sub(reach))
        })
        .into_iter()
        .unzip();
    let padding = PaddingSpec::Explicit(window.before.as_slice().into(), after);
    let deconv = Deconv {
        pool_spec: pool_spec(geometry, padding),
        kernel_format: KernelFormat::OIHW,
        adjustments: missed,
        group: geometry.groups,
    };
    let size = window.output;
    Ok(ConvGrad {
        plan: plan(geometry, size, deconv, [weights(geometry, weight, false)?, tensor0(0f32)])?,
        channels: geometry.out_channels,
        from: size,
        to: size,
        origin: [0, 0],
    })
}

fn plan(
    geometry: &ConvGeometry,
    [height, width]: [usize; 2],
    op: impl Into<Box<dyn TypedOp>>,
    constants: impl IntoIterator<Item = Tensor>,
) -> TractResult<Plan> {
    let mut model = TypedModel::default();
    let input = model.add_source("dy", f32::fact([1, geometry.out_channels, height, width]))?;
    let mut operands = tvec![input];
    for (index, constant) in constants.into_iter().enumerate() {
        operands.push(model.add_const(format!("constant {index}"), constant)?);
    }
    let output = model.wire_node("dx", op, &operands)?;
    model.select_output_outlets(&output)?;
    model.into_optimized()?.into_runnable()
}

fn pool_spec(geometry: &ConvGeometry, padding: PaddingSpec) -> PoolSpec {
    PoolSpec {
        data_format: DataFormat::NCHW,
        kernel_shape: geometry.window.kernel.as_slice().into(),
        padding,
        dilations: Some(geometry.window.dilation.as_slice().into()),
        strides: Some(geometry.window.stride.as_slice().into()),
        input_channels: geometry.out_channels,
        output_channels: geometry.in_channels,
    }
}

/// `[in, out / groups, kernel_h, kernel_w]` from `[out, in / groups, kernel_h, kernel_w]`, each
/// kernel reversed or not.
fn weights(geometry: &ConvGeometry, weight: &[f32], reversed: bool) -> TractResult<Tensor> {
    let [height, width] = geometry.window.kernel;
    let inputs = geometry.in_channels / geometry.groups;
    let outputs = geometry.out_channels / geometry.groups;
    let mut transposed = Vec::with_capacity(weight.len());
    for channel in 0..geometry.in_channels {
        let (group, input) = (channel / inputs, channel % inputs);
        for output in 0..outputs {
            let plane = (group * outputs + output) * inputs + input;
            let kernel = weight[plane * height * width..][..height * width].iter().copied();
            if reversed {
                transposed.extend(kernel.rev());
            } else {
                transposed.extend(kernel);
            }
        }
    }
    Tensor::from_shape(&[geometry.in_channels, outputs, height, width], &transposed)
}
