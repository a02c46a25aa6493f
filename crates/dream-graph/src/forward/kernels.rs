//! Which kernels compute an operator.

use std::sync::Arc;

use crate::{
    AxisMap,
    dispatch::{Source, View},
    graph::{Graph, GraphError, Node, Operand, Shape},
    kernel::Kernel,
    op::{MatMulSpec, Op},
    shape::image,
};

use super::placement::contiguous_axis;

/// One kernel of an operator.
pub(super) struct Step {
    pub kernel: Kernel,
    pub reads: Vec<Source>,
    pub write: View,
    pub accumulate: bool,
}

/// The kernels that compute `node` into `target`; `relu` fuses a rectifier into a convolution.
pub(super) fn steps(
    graph: &Graph,
    node: &Node,
    relu: bool,
    target: View,
    source: impl Fn(&Operand) -> Source,
) -> Result<Vec<Step>, GraphError> {
    let name = &graph.value(node.output).name;
    let fail =
        |reason: String| GraphError::Shape { node: name.clone(), op: node.op.name(), reason };
    let too_small = || fail("is larger than its image".into());
    let input = graph.shape(&node.inputs[0]);
    let output = &graph.value(node.output).shape;
    let window = || image(input).map_err(fail);
    let kernel = match &node.op {
        Op::Conv(conv) => Kernel::Conv {
            geometry: conv.spec.geometry(window()?).ok_or_else(too_small)?,
            weight: conv.weight.clone(),
            bias: conv.bias.clone(),
            relu,
        },
        Op::MaxPool(spec) => Kernel::MaxPool(spec.geometry(window()?).ok_or_else(too_small)?),
        Op::AvgPool(spec) => Kernel::AvgPool(spec.geometry(window()?).ok_or_else(too_small)?),
        Op::Lrn(spec) => Kernel::Lrn(spec.geometry(window()?)),
        Op::Unary(unary) => Kernel::Unary(*unary),
        Op::Binary(op) => Kernel::Binary {
            op: *op,
            output: output.clone(),
            operands: [0, 1].map(|i| graph.shape(&node.inputs[i]).to_vec()),
        },
        Op::BatchNorm { scale, shift } => Kernel::ScaleChannels {
            factors: scale.clone(),
            summands: Some(shift.clone()),
            plane: input[2..].iter().product(),
        },
        Op::Concat { axis } => return Ok(concat(graph, node, *axis, target, source)),
        Op::Remap { maps, fill } => return Ok(remap(maps, *fill, target, source(&node.inputs[0]))),
        Op::Transpose { perm } => Kernel::Permute { shape: input.to_vec(), perm: perm.clone() },
        Op::Reshape { .. } | Op::Identity => Kernel::Scale { factor: 1.0 },
        Op::MatMul(spec) => return Ok(matmul(graph, node, *spec, target, source)),
        Op::Reduce { kind, axes, .. } => {
            Kernel::Reduce { kind: *kind, shape: input.to_vec(), axes: axes.clone() }
        }
        Op::Softmax { axis } => Kernel::Softmax {
            outer: input[..*axis].iter().product(),
            length: input[*axis],
            inner: input[axis + 1..].iter().product(),
        },
        Op::LayerNorm { axis, epsilon, scale, bias } => Kernel::LayerNorm {
            rows: input[..*axis].iter().product(),
            epsilon: *epsilon,
            scale: scale.clone(),
            bias: bias.clone(),
        },
    };
    let reads = node.inputs.iter().map(source).collect();
    Ok(vec![Step { kernel, reads, write: target, accumulate: false }])
}

/// Copies every operand to its range, or, where ranges are not contiguous, adds it up spread out.
fn concat(
    graph: &Graph,
    node: &Node,
    axis: usize,
    target: View,
    source: impl Fn(&Operand) -> Source,
) -> Vec<Step> {
    let output = &graph.value(node.output).shape;
    let inner: usize = output[axis + 1..].iter().product();
    let contiguous = contiguous_axis(graph, node).is_some();
    let mut before = 0;
    let mut steps = Vec::new();
    for operand in &node.inputs {
        let own = graph.shape(operand)[axis];
        let (kernel, write) = if contiguous {
            (Kernel::Scale { factor: 1.0 }, target.part(before * inner, own * inner))
        } else {
            let maps = output.iter().enumerate().map(|(i, &n)| {
                if i != axis {
                    return AxisMap::identity(n);
                }
                let inside = |at: usize| at.checked_sub(before).filter(|&at| at < own);
                AxisMap::from_sources(own, (0..n).map(inside))
            });
            (Kernel::Remap { maps: maps.collect() }, target)
        };
        let accumulate = !contiguous && before > 0;
        steps.push(Step { kernel, reads: vec![source(operand)], write, accumulate });
        before += own;
    }
    steps
}

/// The maps, and what stands where they reach nothing.
fn remap(maps: &[AxisMap], fill: f32, target: View, x: Source) -> Vec<Step> {
    let kernel = Kernel::Remap { maps: maps.to_vec() };
    let mut steps = vec![Step { kernel, reads: vec![x], write: target, accumulate: false }];
    if fill != 0.0 {
        let empty = |i: usize| {
            let mut rest = i;
            maps.iter().rev().any(|map| {
                let at = rest % map.output();
                rest /= map.output();
                map.row(at).is_empty()
            })
        };
        let padding = (0..target.len).map(|i| if empty(i) { fill } else { 0.0 });
        let padding: Arc<[f32]> = padding.collect();
        steps.push(Step {
            kernel: Kernel::Scale { factor: 1.0 },
            reads: vec![Source::Constant(padding)],
            write: target,
            accumulate: true,
        });
    }
    steps
}

/// The summand first, where there is one, then the product.
fn matmul(
    graph: &Graph,
    node: &Node,
    spec: MatMulSpec,
    target: View,
    source: impl Fn(&Operand) -> Source,
) -> Vec<Step> {
    let output = &graph.value(node.output).shape;
    let shape = |i: usize| graph.shape(&node.inputs[i]).to_vec();
    let mut steps = Vec::new();
    if let Some(summand) = node.inputs.get(2) {
        let own = shape(2);
        let mut from: Shape = vec![1; output.len() - own.len()];
        from.extend(own);
        steps.push(Step {
            kernel: Kernel::Broadcast { from, to: output.clone(), factor: spec.beta },
            reads: vec![source(summand)],
            write: target,
            accumulate: false,
        });
    }
    steps.push(Step {
        kernel: Kernel::MatMul { spec, operands: [shape(0), shape(1)] },
        reads: node.inputs[..2].iter().map(source).collect(),
        write: target,
        accumulate: !steps.is_empty(),
    });
    steps
}
