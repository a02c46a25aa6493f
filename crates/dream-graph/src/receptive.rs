//! Receptive fields: which pixels a position of a layer depends on.
//!
//! Layers that look at the whole image at once (a global mean, a class head) have none; an image
//! cannot be seen tile by tile for them.

use crate::{
    graph::{Graph, GraphError, Operand, ValueId},
    op::{Op, WindowSpec},
    shape::image,
};

/// Position `i` of a layer depends on pixels `i · stride + first` to `i · stride + last`, both
/// included, along each axis (vertical, horizontal).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceptiveField {
    /// Pixels from one position to the next.
    pub stride: [usize; 2],
    /// First pixel of position 0; negative where it lies in the padding.
    pub first: [i64; 2],
    /// Last pixel of position 0.
    pub last: [i64; 2],
}

impl ReceptiveField {
    const PIXEL: Self = Self { stride: [1; 2], first: [0; 2], last: [0; 2] };

    /// Of what a window with this padding before it makes of values with this field.
    fn behind(self, window: &WindowSpec, before: [usize; 2]) -> Self {
        let mut field = self;
        for (axis, &before) in before.iter().enumerate() {
            let step = self.stride[axis] as i64;
            let reach = (window.dilation[axis] * (window.kernel[axis] - 1)) as i64;
            field.first[axis] -= before as i64 * step;
            field.last[axis] += (reach - before as i64) * step;
            field.stride[axis] *= window.stride[axis];
        }
        field
    }

    /// Of what reads both; `None` where their positions do not lie on each other.
    fn joined(self, other: Self) -> Option<Self> {
        (self.stride == other.stride).then(|| Self {
            stride: self.stride,
            first: [0, 1].map(|axis| self.first[axis].min(other.first[axis])),
            last: [0, 1].map(|axis| self.last[axis].max(other.last[axis])),
        })
    }
}

/// The receptive field of a layer.
///
/// # Errors
/// [`GraphError::Global`] if something on the way to it needs the whole image.
pub fn receptive_field(graph: &Graph, layer: ValueId) -> Result<ReceptiveField, GraphError> {
    let mut fields: Vec<Option<ReceptiveField>> = vec![None; graph.values().len()];
    fields[0] = Some(ReceptiveField::PIXEL);
    for node in &graph.nodes()[..layer.0] {
        let mut operands = node.inputs.iter().filter_map(Operand::value).map(|id| fields[id.0]);
        let first = operands.next().flatten();
        let joined = operands.fold(first, |sum, field| sum?.joined(field?));
        let input = graph.shape(&node.inputs[0]);
        fields[node.output.0] = joined.and_then(|field| match &node.op {
            Op::Conv(conv) => {
                let geometry = conv.spec.geometry(image(input).ok()?)?;
                Some(field.behind(&conv.spec.window, geometry.window.before))
            }
            Op::MaxPool(spec) | Op::AvgPool(spec) => {
                let geometry = spec.geometry(image(input).ok()?)?;
                Some(field.behind(&spec.window, geometry.window.before))
            }
            Op::Lrn(_) | Op::Unary(_) | Op::BatchNorm { .. } | Op::Identity => Some(field),
            Op::Binary(_) => pointwise(graph, &node.inputs, node.output).then_some(field),
            Op::Concat { axis } | Op::Softmax { axis } => (*axis == 1).then_some(field),
            Op::Remap { maps, .. } => {
                maps[maps.len().min(2)..].iter().all(|map| map.is_identity()).then_some(field)
            }
            Op::Reduce { axes, keep_dims, .. } => (*keep_dims && axes == &[1]).then_some(field),
            Op::Transpose { .. } | Op::Reshape { .. } | Op::MatMul(_) | Op::LayerNorm { .. } => {
                None
            }
        });
        if fields[node.output.0].is_none() && node.output == layer {
            break;
        }
    }
    fields[layer.0].ok_or_else(|| GraphError::Global(graph.value(layer).name.clone()))
}

/// Whether no operand is repeated or constant along the image's rows and columns.
fn pointwise(graph: &Graph, inputs: &[Operand], output: ValueId) -> bool {
    let plane = |shape: &[usize]| shape[shape.len().saturating_sub(2)..].to_vec();
    let own = plane(&graph.value(output).shape);
    inputs.iter().all(|operand| {
        let shape = graph.shape(operand);
        match operand {
            Operand::Value(_) => plane(shape) == own,
            Operand::Constant(_) => plane(shape).iter().all(|&n| n == 1),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conv, ConvSpec, Padding, PoolSpec, Reduction};

    fn window(kernel: usize, stride: usize, pad: usize) -> WindowSpec {
        let padding = Padding::Explicit { before: [pad; 2], after: [pad; 2] };
        WindowSpec { kernel: [kernel; 2], stride: [stride; 2], dilation: [1; 2], padding }
    }

    fn conv(kernel: usize, stride: usize, pad: usize) -> Op {
        let window = window(kernel, stride, pad);
        let spec = ConvSpec { in_channels: 1, out_channels: 1, groups: 1, window };
        Op::Conv(Conv { spec, weight: vec![1.0; kernel * kernel].into(), bias: None })
    }

    #[test]
    fn windows_widen_the_field_by_their_stride() -> Result<(), GraphError> {
        let mut graph = Graph::new("x", vec![1, 1, 64, 64]);
        let a = graph.push("a", conv(7, 2, 3), vec![Operand::Value(ValueId(0))])?;
        let spec = PoolSpec { window: window(3, 2, 0), ceil_mode: true, count_include_pad: false };
        let b = graph.push("b", Op::MaxPool(spec), vec![Operand::Value(a)])?;
        let c = graph.push("c", conv(5, 1, 2), vec![Operand::Value(b)])?;
        let wide = ReceptiveField { stride: [4; 2], first: [-11; 2], last: [15; 2] };
        assert_eq!(receptive_field(&graph, c)?, wide);
        assert_ne!(receptive_field(&graph, b)?, wide);
        Ok(())
    }

    #[test]
    fn a_mean_over_the_image_has_no_field() -> Result<(), GraphError> {
        let mut graph = Graph::new("x", vec![1, 1, 8, 8]);
        let mean = Op::Reduce { kind: Reduction::Mean, axes: vec![2, 3], keep_dims: true };
        let mean = graph.push("mean", mean, vec![Operand::Value(ValueId(0))])?;
        assert_eq!(receptive_field(&graph, mean), Err(GraphError::Global("mean".into())));
        Ok(())
    }
}
