//! Convolution and pooling.

use dream_graph::{Conv, ConvSpec, Op, Operand, Padding, PoolSpec, Reduction, ValueId, WindowSpec};

use super::Site;
use crate::{
    attributes::{Attributes, pair},
    error::{OnnxError, unsupported},
};

impl Site<'_, '_> {
    pub(super) fn window(&mut self, op: &str) -> Result<Option<ValueId>, OnnxError> {
        match op {
            "Conv" => self.conv(),
            "MaxPool" => self.pool(Op::MaxPool),
            "AveragePool" => self.pool(Op::AvgPool),
            _ => return Ok(None),
        }
        .map(Some)
    }

    fn conv(&mut self) -> Result<ValueId, OnnxError> {
        let image = self.value(0)?;
        let (shape, weight) = (self.tensor(1)?.shape.clone(), self.floats(1)?);
        let [out_channels, per_group, kernel_h, kernel_w] = shape[..] else {
            return Err(unsupported(self.node, &format!("with weights of shape {shape:?}")));
        };
        let kernel = [kernel_h, kernel_w];
        if pair(self.node, "kernel_shape", kernel)? != kernel {
            return Err(self.error(format!("its kernel_shape does not fit weights of {shape:?}")));
        }
        let groups = usize::try_from(self.node.int("group", 1)).unwrap_or(0);
        let in_channels = per_group.checked_mul(groups);
        let bias = match self.given(2) {
            Some(_) => Some(self.floats(2)?),
            None => None,
        };
        if bias.as_ref().is_some_and(|bias| bias.len() != out_channels) {
            return Err(self.error(format!("its bias does not have {out_channels} elements")));
        }
        let spec = ConvSpec {
            in_channels: in_channels.ok_or_else(|| self.error("has absurdly many groups"))?,
            out_channels,
            groups,
            window: self.window_spec(kernel)?,
        };
        self.emit(Op::Conv(Conv { spec, weight, bias }), vec![Operand::Value(image)])
    }

    fn pool(&mut self, op: fn(PoolSpec) -> Op) -> Result<ValueId, OnnxError> {
        let image = self.value(0)?;
        let kernel = pair(self.node, "kernel_shape", [0, 0])?;
        let spec = PoolSpec {
            window: self.window_spec(kernel)?,
            ceil_mode: self.node.int("ceil_mode", 0) != 0,
            count_include_pad: self.node.int("count_include_pad", 0) != 0,
        };
        if self.covers_all(&spec) {
            let kind =
                if self.node.op_type == "MaxPool" { Reduction::Max } else { Reduction::Mean };
            let op = Op::Reduce { kind, axes: vec![2, 3], keep_dims: true };
            return self.emit(op, vec![Operand::Value(image)]);
        }
        self.emit(op(spec), vec![Operand::Value(image)])
    }

    /// Whether the window is the whole image at the size that the file was exported for: then it
    /// is meant as the whole image at every size.
    fn covers_all(&self, spec: &PoolSpec) -> bool {
        let unpadded = Padding::Explicit { before: [0, 0], after: [0, 0] };
        let whole = |(from, to): (&[usize], &[usize])| {
            from.get(2..) == Some(&spec.window.kernel) && to.get(2..) == Some(&[1, 1])
        };
        spec.window.padding == unpadded
            && spec.window.kernel != [1, 1]
            && self.exported_shapes().is_some_and(whole)
    }

    fn window_spec(&self, kernel: [usize; 2]) -> Result<WindowSpec, OnnxError> {
        let node = self.node;
        let padding = match node.text("auto_pad") {
            "SAME_UPPER" => Padding::SameUpper,
            "SAME_LOWER" => Padding::SameLower,
            "VALID" => Padding::Explicit { before: [0, 0], after: [0, 0] },
            _ => self.pads()?,
        };
        Ok(WindowSpec {
            kernel,
            stride: pair(node, "strides", [1, 1])?,
            dilation: pair(node, "dilations", [1, 1])?,
            padding,
        })
    }

    fn pads(&self) -> Result<Padding, OnnxError> {
        let pads = self.node.ints("pads").unwrap_or_default();
        let pads = pads.iter().map(|&n| usize::try_from(n).ok()).collect::<Option<Vec<_>>>();
        match pads.as_deref() {
            Some([]) => Ok(Padding::Explicit { before: [0, 0], after: [0, 0] }),
            Some(&[top, left, bottom, right]) => {
                Ok(Padding::Explicit { before: [top, left], after: [bottom, right] })
            }
            Some(_) => Err(self.error("pads are not four numbers")),
            None => Err(unsupported(self.node, "with negative pads")),
        }
    }
}
