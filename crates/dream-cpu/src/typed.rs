//! A graph as tract's typed model: one step per operator, wired directly, so that neither tract's
//! ONNX reader nor its shape inference is linked. The graph has been laid out already.

mod remap;
mod unary;

use dream_graph::{
    Binary, Constant, Conv, Graph, MatMulSpec, Op, Operand, Padding, PoolSpec, Reduction,
    WindowSpec,
};
use tract_onnx::tract_core::{
    internal::{
        AxisOp, ToDim, TractErrorContext, TypedOp, ensure, perm_to_ops, wire_rank_broadcast,
    },
    ops::{
        array::TypedConcat,
        cnn::{self, KernelFormat, PaddingSpec, SumPool},
        einsum::EinSum,
        math,
        nn::{DataFormat, Reduce, Reducer, Softmax},
    },
    prelude::*,
};

use crate::{lrn::Lrn, matmul, pool::MaxPool};

/// The model of `graph` with the named values as outputs, in that order.
///
/// # Errors
/// A target that the graph lacks, or what tract says about an operator, beginning with its name.
pub(crate) fn typed_model(graph: &Graph, targets: &[&str]) -> TractResult<TypedModel> {
    let mut wiring = Wiring { model: TypedModel::default(), steps: 0 };
    let image = graph.value(graph.input());
    let source = wiring.model.add_source(&image.name, f32::fact(&image.shape))?;
    let mut outlets = vec![source; graph.values().len()];
    for node in graph.nodes() {
        let output = graph.value(node.output);
        let mut wire = || {
            let operands = node.inputs.iter().map(|operand| match operand {
                Operand::Value(id) => Ok(outlets[id.0]),
                Operand::Constant(Constant { shape, data }) => wiring.constant(shape, data),
            });
            let operands = operands.collect::<TractResult<Vec<_>>>()?;
            let shapes: Vec<&[usize]> = node.inputs.iter().map(|it| graph.shape(it)).collect();
            wiring.node(&node.op, &operands, &shapes, &output.shape)
        };
        let outlet = wire().with_context(|| format!("{} ({})", output.name, node.op.name()))?;
        let shape = wiring.model.outlet_fact(outlet)?.shape.as_concrete();
        ensure!(shape == Some(&output.shape), "{} became {shape:?}", output.name);
        outlets[node.output.0] = outlet;
    }
    let targets = targets.iter().map(|name| Ok(outlets[graph.find(name)?.0]));
    let targets = targets.collect::<TractResult<Vec<_>>>()?;
    wiring.model.select_output_outlets(&targets)?;
    Ok(wiring.model)
}

/// A model under construction.
struct Wiring {
    model: TypedModel,
    /// Steps so far: their names.
    steps: usize,
}

impl Wiring {
    fn name(&mut self) -> String {
        self.steps += 1;
        format!("step {}", self.steps)
    }

    fn step(
        &mut self,
        op: impl Into<Box<dyn TypedOp>>,
        inputs: &[OutletId],
    ) -> TractResult<OutletId> {
        let name = self.name();
        Ok(self.model.wire_node(name, op, inputs)?[0])
    }

    /// A step on operands that are broadcast against each other.
    fn broadcast(
        &mut self,
        op: impl Into<Box<dyn TypedOp>>,
        inputs: &[OutletId],
    ) -> TractResult<OutletId> {
        let name = self.name();
        let inputs = wire_rank_broadcast(name, &mut self.model, inputs)?;
        self.step(op, &inputs)
    }

    fn constant(&mut self, shape: &[usize], data: &[f32]) -> TractResult<OutletId> {
        let name = self.name();
        self.model.add_const(name, Tensor::from_shape(shape, data)?)
    }

    fn scalar(&mut self, value: f32) -> TractResult<OutletId> {
        self.constant(&[], &[value])
    }

    /// Wires one operator; `from` are the shapes of its operands, `to` is that of its result.
    fn node(
        &mut self,
        op: &Op,
        operands: &[OutletId],
        from: &[&[usize]],
        to: &[usize],
    ) -> TractResult<OutletId> {
        let x = operands[0];
        match op {
            Op::Conv(conv) => self.conv(conv, x),
            Op::MaxPool(spec) => {
                let [planes, height, width] = [from[0][0] * from[0][1], from[0][2], from[0][3]];
                let geometry = spec.geometry([planes, height, width]);
                let geometry = geometry.context("its windows do not fit")?;
                self.step(MaxPool { geometry, output: to.to_vec() }, &[x])
            }
            Op::AvgPool(spec) => {
                let count_include_pad = spec.count_include_pad;
                let pool_spec = pool(spec, to[1]);
                self.step(SumPool { pool_spec, count_include_pad, normalize: true }, &[x])
            }
            Op::Lrn(spec) => self.step(Lrn(*spec), &[x]),
            Op::Unary(unary) => self.unary(*unary, x),
            Op::Binary(binary) => {
                let op = match binary {
                    Binary::Add => math::add(),
                    Binary::Sub => math::sub(),
                    Binary::Mul => math::mul(),
                    Binary::Div => math::div(),
                    Binary::Max => math::max(),
                    Binary::Min => math::min(),
                };
                self.broadcast(op, operands)
            }
            Op::BatchNorm { scale, shift } => {
                let mut shape = vec![1; to.len()];
                shape[1] = scale.len();
                let scale = self.constant(&shape, scale)?;
                let scaled = self.step(math::mul(), &[x, scale])?;
                let shift = self.constant(&shape, shift)?;
                self.step(math::add(), &[scaled, shift])
            }
            Op::Concat { axis } => self.step(TypedConcat { axis: *axis }, operands),
            Op::Remap { maps, fill } => self.remap(maps, *fill, x),
            Op::Transpose { perm } => {
                perm_to_ops(perm).into_iter().try_fold(x, |x, op| self.step(op, &[x]))
            }
            Op::Reshape { shape } => {
                let dims = |shape: &[usize]| shape.iter().map(|n| n.to_dim()).collect();
                self.step(AxisOp::Reshape(0, dims(from[0]), dims(shape)), &[x])
            }
            Op::MatMul(spec) => self.matmul(*spec, operands, from),
            Op::Reduce { kind, axes, keep_dims } => {
                let reduced = self.reduce(*kind, axes, x, from[0])?;
                let dropped = axes.iter().rev().filter(|_| !keep_dims);
                dropped.copied().try_fold(reduced, |x, axis| self.step(AxisOp::Rm(axis), &[x]))
            }
            Op::Softmax { axis } => {
                self.step(Softmax { axes: tvec![*axis], ..Softmax::default() }, &[x])
            }
            Op::LayerNorm { axis, epsilon, scale, bias } => {
                let axes: Vec<usize> = (*axis..to.len()).collect();
                let mean = self.reduce(Reduction::Mean, &axes, x, to)?;
                let centred = self.step(math::sub(), &[x, mean])?;
                let squares = self.step(math::square(), &[centred])?;
                let variance = self.reduce(Reduction::Mean, &axes, squares, to)?;
                let epsilon = self.scalar(*epsilon)?;
                let variance = self.broadcast(math::add(), &[variance, epsilon])?;
                let factor = self.step(math::rsqrt(), &[variance])?;
                let normal = self.step(math::mul(), &[centred, factor])?;
                let scale = self.constant(&to[*axis..], scale)?;
                let scaled = self.broadcast(math::mul(), &[normal, scale])?;
                let bias = self.constant(&to[*axis..], bias)?;
                self.broadcast(math::add(), &[scaled, bias])
            }
            Op::Identity => Ok(x),
        }
    }

    fn conv(&mut self, conv: &Conv, x: OutletId) -> TractResult<OutletId> {
        let spec = &conv.spec;
        let [height, width] = spec.window.kernel;
        let shape = [spec.out_channels, spec.in_channels / spec.groups, height, width];
        let weight = self.constant(&shape, &conv.weight)?;
        let bias = match &conv.bias {
            Some(bias) if bias.len() > 1 => self.constant(&[bias.len()], bias)?,
            bias => self.scalar(bias.as_ref().map_or(0.0, |bias| bias[0]))?,
        };
        let padding = match spec.window.padding {
            Padding::Explicit { before, after } => {
                PaddingSpec::Explicit(before.as_slice().into(), after.as_slice().into())
            }
            Padding::SameUpper => PaddingSpec::SameUpper,
            Padding::SameLower => PaddingSpec::SameLower,
        };
        let op = cnn::Conv {
            pool_spec: window(&spec.window, padding, spec.in_channels, spec.out_channels),
            kernel_fmt: KernelFormat::OIHW,
            group: spec.groups,
            q_params: None,
        };
        self.step(op, &[x, weight, bias])
    }

    fn matmul(
        &mut self,
        spec: MatMulSpec,
        operands: &[OutletId],
        from: &[&[usize]],
    ) -> TractResult<OutletId> {
        let axes = matmul::expression(spec, from[0], from[1]).parse()?;
        let mut y = self.step(EinSum::new(axes, f32::datum_type()), &operands[..2])?;
        if spec.alpha != 1.0 {
            let alpha = self.scalar(spec.alpha)?;
            y = self.broadcast(math::mul(), &[y, alpha])?;
        }
        let Some(&(mut summand)) = operands.get(2) else { return Ok(y) };
        if spec.beta != 1.0 {
            let beta = self.scalar(spec.beta)?;
            summand = self.broadcast(math::mul(), &[summand, beta])?;
        }
        self.broadcast(math::add(), &[y, summand])
    }

    /// Reduced axes stay, with length 1.
    fn reduce(
        &mut self,
        kind: Reduction,
        axes: &[usize],
        x: OutletId,
        shape: &[usize],
    ) -> TractResult<OutletId> {
        let reducer = if kind == Reduction::Max { Reducer::Max } else { Reducer::Sum };
        let reduced = self.step(Reduce { axes: axes.into(), reducer }, &[x])?;
        if kind != Reduction::Mean {
            return Ok(reduced);
        }
        let count: usize = axes.iter().map(|&axis| shape[axis]).product();
        let count = self.scalar(count as f32)?;
        self.broadcast(math::div(), &[reduced, count])
    }
}

fn pool(spec: &PoolSpec, channels: usize) -> cnn::PoolSpec {
    let padding = match spec.window.padding {
        Padding::Explicit { before, after } => PaddingSpec::ExplicitOnnxPool(
            before.as_slice().into(),
            after.as_slice().into(),
            spec.ceil_mode,
        ),
        Padding::SameUpper => PaddingSpec::SameUpper,
        Padding::SameLower => PaddingSpec::SameLower,
    };
    window(&spec.window, padding, channels, channels)
}

fn window(
    window: &WindowSpec,
    padding: PaddingSpec,
    input_channels: usize,
    output_channels: usize,
) -> cnn::PoolSpec {
    cnn::PoolSpec {
        data_format: DataFormat::NCHW,
        kernel_shape: window.kernel.as_slice().into(),
        padding,
        dilations: Some(window.dilation.as_slice().into()),
        strides: Some(window.stride.as_slice().into()),
        input_channels,
        output_channels,
    }
}
