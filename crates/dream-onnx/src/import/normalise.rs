//! Normalisation: batch, layer, group, instance, local response; and softmax.

use dream_graph::{LrnSpec, Op, Operand, Shape, Unary, ValueId};

use super::Site;
use crate::{
    attributes::{self, Attributes},
    error::{OnnxError, unsupported},
};

impl Site<'_, '_> {
    pub(super) fn normalise(&mut self, op: &str) -> Result<Option<ValueId>, OnnxError> {
        match op {
            "BatchNormalization" => self.batch_norm(),
            "LRN" => self.lrn(),
            "LayerNormalization" => self.layer_norm(),
            "InstanceNormalization" => self.group_norm(None),
            "GroupNormalization" => self.group_norm(Some(self.node.int("num_groups", 0))),
            "Softmax" => self.softmax(false),
            "LogSoftmax" => self.softmax(true),
            _ => return Ok(None),
        }
        .map(Some)
    }

    fn batch_norm(&mut self) -> Result<ValueId, OnnxError> {
        let x = Operand::Value(self.value(0)?);
        let [scale, bias, mean, variance] =
            [self.floats(1)?, self.floats(2)?, self.floats(3)?, self.floats(4)?];
        let channels = scale.len();
        if [bias.len(), mean.len(), variance.len()] != [channels; 3] {
            return Err(self.error("its parameters differ in length"));
        }
        if self.node.int("training_mode", 0) != 0 {
            return Err(unsupported(self.node, "in training mode"));
        }
        let epsilon = self.node.float("epsilon", 1e-5);
        let factor = |c: usize| scale[c] / (variance[c] + epsilon).sqrt();
        let op = Op::BatchNorm {
            scale: (0..channels).map(factor).collect(),
            shift: (0..channels).map(|c| bias[c] - mean[c] * factor(c)).collect(),
        };
        self.emit(op, vec![x])
    }

    fn lrn(&mut self) -> Result<ValueId, OnnxError> {
        let x = Operand::Value(self.value(0)?);
        let node = self.node;
        let size = usize::try_from(node.int("size", 0)).unwrap_or(0);
        if size == 0 || size > 1 << 16 {
            return Err(self.error(format!("a window of {size} channels is absurd")));
        }
        let spec = LrnSpec {
            size,
            alpha: node.float("alpha", 1e-4),
            beta: node.float("beta", 0.75),
            bias: node.float("bias", 1.0),
        };
        self.emit(Op::Lrn(spec), vec![x])
    }

    fn layer_norm(&mut self) -> Result<ValueId, OnnxError> {
        let x = self.value(0)?;
        let rank = self.shape(x).len();
        let axis = attributes::axis(self.node, self.node.int("axis", -1), rank, false)?;
        let length: usize = self.shape(x)[axis..].iter().product();
        let mut parameter = |index, default: f32| match self.given(index) {
            Some(_) => self.floats(index),
            None => {
                self.importer.budget.spend(self.node, Some(length))?;
                Ok(vec![default; length].into())
            }
        };
        let (scale, bias) = (parameter(1, 1.0)?, parameter(2, 0.0)?);
        let epsilon = self.node.float("epsilon", 1e-5);
        self.emit(Op::LayerNorm { axis, epsilon, scale, bias }, vec![Operand::Value(x)])
    }

    /// Normalises groups of channels (`None`: every channel for itself) over the image, then scales
    /// each channel.
    fn group_norm(&mut self, groups: Option<i64>) -> Result<ValueId, OnnxError> {
        let x = self.value(0)?;
        let shape: Shape = self.shape(x).to_vec();
        let channels = shape.get(1).copied().unwrap_or(0);
        let groups = groups.map_or(channels, |g| usize::try_from(g).unwrap_or(0));
        let (scale, shift) = (self.floats(1)?, self.floats(2)?);
        if groups == 0 || channels % groups != 0 || shape[0] != 1 {
            return Err(self.error(format!("cannot split {shape:?} into {groups} groups")));
        }
        let spread = |values: &[f32]| -> Option<Vec<f32>> {
            let each = channels / values.len().max(1);
            (values.len() * each == channels && each > 0)
                .then(|| values.iter().flat_map(|&v| std::iter::repeat_n(v, each)).collect())
        };
        let (Some(scale), Some(shift)) = (spread(&scale), spread(&shift)) else {
            return Err(self.error("its parameters do not fit its channels"));
        };
        let length = shape[1..].iter().product::<usize>() / groups;
        self.importer.budget.spend(self.node, length.checked_mul(2))?;
        let x =
            self.step(Op::Reshape { shape: vec![1, groups, length] }, vec![Operand::Value(x)])?;
        let norm = Op::LayerNorm {
            axis: 2,
            epsilon: self.node.float("epsilon", 1e-5),
            scale: vec![1.0; length].into(),
            bias: vec![0.0; length].into(),
        };
        let x = self.step(norm, vec![x])?;
        let x = self.step(Op::Reshape { shape }, vec![x])?;
        self.emit(Op::BatchNorm { scale: scale.into(), shift: shift.into() }, vec![x])
    }

    /// Softmax along one axis; before opset 13 over all axes from `axis` on.
    fn softmax(&mut self, logarithm: bool) -> Result<ValueId, OnnxError> {
        let x = self.value(0)?;
        let shape = self.shape(x).to_vec();
        let flattens = self.node.int("opset", self.importer.opset) < 13;
        let default = if flattens { 1 } else { -1 };
        let axis = attributes::axis(self.node, self.node.int("axis", default), shape.len(), false)?;
        let x = Operand::Value(x);
        if !flattens || shape[axis + 1..].iter().all(|&n| n == 1) {
            return self.finish_softmax(x, axis, None, logarithm);
        }
        let flat = vec![shape[..axis].iter().product(), shape[axis..].iter().product()];
        let x = self.step(Op::Reshape { shape: flat }, vec![x])?;
        self.finish_softmax(x, 1, Some(shape), logarithm)
    }

    fn finish_softmax(
        &mut self,
        x: Operand,
        axis: usize,
        shape: Option<Shape>,
        logarithm: bool,
    ) -> Result<ValueId, OnnxError> {
        let mut ops = vec![Op::Softmax { axis }];
        ops.extend(logarithm.then_some(Op::Unary(Unary::Log)));
        ops.extend(shape.map(|shape| Op::Reshape { shape }));
        let last = ops.pop().unwrap_or(Op::Identity);
        let mut x = x;
        for op in ops {
            x = self.step(op, vec![x])?;
        }
        self.emit(last, vec![x])
    }
}
