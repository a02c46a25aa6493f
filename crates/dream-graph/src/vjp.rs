//! One gradient rule per operator.
//!
//! Weights are constants, so the only gradients are those at operands that depend on the image.

use crate::{
    Binary, GraphError, MatMulSpec, Reduction, Shape, Unary,
    graph::{Graph, Node, Operand},
    kernel::Kernel,
    op::Op,
    shape::image,
};

/// What a node's gradient dy contributes to the gradient at one of its operands.
pub(crate) enum Contribution {
    /// A range of dy itself, starting at this element.
    Part(usize),
    /// The output of a kernel.
    Kernel(Kernel, Vec<Read>),
}

/// An operand of a gradient kernel.
pub(crate) enum Read {
    /// The gradient at the node's output.
    Gradient,
    /// A forward value or a constant.
    Operand(Operand),
}

/// The gradient rule of `node` at operand `side`.
pub(crate) fn vjp(graph: &Graph, node: &Node, side: usize) -> Result<Contribution, GraphError> {
    let name = &graph.value(node.output).name;
    let fail =
        |reason: String| GraphError::Shape { node: name.clone(), op: node.op.name(), reason };
    let input = graph.shape(&node.inputs[side]);
    let output = &graph.value(node.output).shape;
    let x = || Read::Operand(node.inputs[side].clone());
    let y = || Read::Operand(Operand::Value(node.output));
    let from_dy = |kernel| Contribution::Kernel(kernel, vec![Read::Gradient]);
    let with = |kernel, read| Contribution::Kernel(kernel, vec![Read::Gradient, read]);
    let too_small = || fail("is larger than its image".into());

    Ok(match &node.op {
        Op::Conv(conv) => {
            let geometry = conv.spec.geometry(image(input).map_err(fail)?).ok_or_else(too_small)?;
            from_dy(Kernel::ConvGrad { geometry, weight: conv.weight.clone(), relu: false })
        }
        Op::MaxPool(spec) => {
            let geometry = spec.geometry(image(input).map_err(fail)?).ok_or_else(too_small)?;
            with(Kernel::MaxPoolGrad { geometry, relu: false }, x())
        }
        Op::AvgPool(spec) => {
            let geometry = spec.geometry(image(input).map_err(fail)?).ok_or_else(too_small)?;
            from_dy(Kernel::AvgPoolGrad(geometry))
        }
        Op::Lrn(spec) => {
            let geometry = spec.geometry(image(input).map_err(fail)?);
            with(Kernel::LrnGrad { geometry, relu: false }, x())
        }
        Op::Unary(Unary::Neg) => from_dy(Kernel::Scale { factor: -1.0 }),
        Op::Unary(unary) => {
            let saved = if unary.saves_output() { y() } else { x() };
            with(Kernel::UnaryGrad(*unary), saved)
        }
        Op::Binary(op) => binary(graph, node, *op, side, output),
        Op::BatchNorm { scale, .. } => {
            let plane = input[2..].iter().product();
            from_dy(Kernel::ScaleChannels { factors: scale.clone(), summands: None, plane })
        }
        Op::Concat { axis } => concat(graph, node, *axis, side, output),
        Op::Remap { maps, .. } => {
            from_dy(Kernel::Remap { maps: maps.iter().map(|map| map.transposed()).collect() })
        }
        Op::Transpose { perm } => {
            let mut inverse = vec![0; perm.len()];
            perm.iter().enumerate().for_each(|(i, &axis)| inverse[axis] = i);
            from_dy(Kernel::Permute { shape: output.clone(), perm: inverse })
        }
        Op::Reshape { .. } | Op::Identity => Contribution::Part(0),
        Op::MatMul(spec) => matmul(graph, node, *spec, side, output).map_err(fail)?,
        Op::Reduce { kind, axes, .. } => {
            let to = input.to_vec();
            let from = kept(input, axes);
            let count: usize = axes.iter().map(|&axis| input[axis]).product();
            match kind {
                Reduction::Sum => from_dy(Kernel::Broadcast { from, to, factor: 1.0 }),
                Reduction::Mean => {
                    from_dy(Kernel::Broadcast { from, to, factor: 1.0 / count as f32 })
                }
                Reduction::Max => {
                    with(Kernel::ReduceMaxGrad { shape: to, axes: axes.clone() }, x())
                }
            }
        }
        Op::Softmax { axis } => {
            let kernel = Kernel::SoftmaxGrad {
                outer: input[..*axis].iter().product(),
                length: input[*axis],
                inner: input[axis + 1..].iter().product(),
            };
            with(kernel, y())
        }
        Op::LayerNorm { axis, epsilon, scale, .. } => {
            let rows = input[..*axis].iter().product();
            with(Kernel::LayerNormGrad { rows, epsilon: *epsilon, scale: scale.clone() }, x())
        }
    })
}

impl Unary {
    /// Whether the gradient rule reads the output rather than the input.
    pub fn saves_output(self) -> bool {
        matches!(self, Unary::Relu | Unary::Sigmoid | Unary::Tanh | Unary::Exp | Unary::Sqrt)
    }
}

fn binary(graph: &Graph, node: &Node, op: Binary, side: usize, output: &Shape) -> Contribution {
    let operands = [0, 1].map(|i| graph.shape(&node.inputs[i]).to_vec());
    let whole = operands[side].iter().product::<usize>() == output.iter().product::<usize>();
    match (op, side) {
        (Binary::Add, _) | (Binary::Sub, 0) if whole => Contribution::Part(0),
        (Binary::Sub, 1) if whole => {
            Contribution::Kernel(Kernel::Scale { factor: -1.0 }, vec![Read::Gradient])
        }
        _ => {
            let mut reads = vec![Read::Gradient];
            if !matches!(op, Binary::Add | Binary::Sub) {
                reads.extend(node.inputs[..2].iter().cloned().map(Read::Operand));
            }
            let output = output.clone();
            Contribution::Kernel(Kernel::BinaryGrad { op, side, output, operands }, reads)
        }
    }
}

fn concat(graph: &Graph, node: &Node, axis: usize, side: usize, output: &Shape) -> Contribution {
    let before: usize = node.inputs[..side].iter().map(|i| graph.shape(i)[axis]).sum();
    if output[..axis].iter().all(|&n| n == 1) {
        return Contribution::Part(before * output[axis + 1..].iter().product::<usize>());
    }
    let own = graph.shape(&node.inputs[side])[axis];
    let maps = output.iter().enumerate().map(|(i, &n)| {
        if i == axis {
            crate::AxisMap::from_sources(n, (before..before + own).map(Some))
        } else {
            crate::AxisMap::identity(n)
        }
    });
    Contribution::Kernel(Kernel::Remap { maps: maps.collect() }, vec![Read::Gradient])
}

/// With C = αA·B: dA = α dC·Bᵀ and dB = α Aᵀ·dC; transposed operands swap roles.
fn matmul(
    graph: &Graph,
    node: &Node,
    spec: MatMulSpec,
    side: usize,
    output: &Shape,
) -> Result<Contribution, String> {
    let shape = |i: usize| graph.shape(&node.inputs[i]).to_vec();
    if side == 2 {
        let operands = [shape(2), shape(2)];
        let output = output.clone();
        if spec.beta != 1.0 {
            return Err("a variable summand needs beta = 1".into());
        }
        let kernel = Kernel::BinaryGrad { op: Binary::Add, side: 0, output, operands };
        return Ok(Contribution::Kernel(kernel, vec![Read::Gradient]));
    }
    let batch = |s: &[usize]| s[..s.len() - 2].to_vec();
    if batch(&shape(side)).iter().product::<usize>() != batch(output).iter().product::<usize>() {
        return Err(
            "the gradient at an operand that is broadcast over batches is not supported".into()
        );
    }
    let other = Read::Operand(node.inputs[1 - side].clone());
    let dy = (Read::Gradient, output.clone());
    let other = (other, shape(1 - side));
    // (first, transposed), (second, transposed) of the product that gives the gradient.
    let (a, trans_a, b, trans_b) = match (side, spec.trans_a, spec.trans_b) {
        (0, false, t) => (dy, false, other, !t),
        (0, true, t) => (other, t, dy, true),
        (_, t, false) => (other, !t, dy, false),
        (_, t, true) => (dy, true, other, t),
    };
    let spec = MatMulSpec { trans_a, trans_b, alpha: spec.alpha, beta: 0.0 };
    let kernel = Kernel::MatMul { spec, operands: [a.1, b.1] };
    Ok(Contribution::Kernel(kernel, vec![a.0, b.0]))
}

fn kept(shape: &[usize], axes: &[usize]) -> Shape {
    shape.iter().enumerate().map(|(i, &n)| if axes.contains(&i) { 1 } else { n }).collect()
}
