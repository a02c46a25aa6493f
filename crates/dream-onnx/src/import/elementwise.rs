//! Activations and arithmetic, element by element.

use dream_graph::{Binary, Op, Operand, Unary, ValueId, broadcast};
use tract_onnx::pb::tensor_proto::DataType;

use super::{Site, scalar};
use crate::{
    attributes::Attributes,
    error::{OnnxError, unsupported},
    fold::is_float,
};

impl Site<'_, '_> {
    pub(super) fn elementwise(&mut self, op: &str) -> Result<Option<ValueId>, OnnxError> {
        if let Some(unary) = self.unary(op)? {
            let x = Operand::Value(self.value(0)?);
            return self.emit(Op::Unary(unary), vec![x]).map(Some);
        }
        let binary = match op {
            "Add" | "Sum" => Binary::Add,
            "Sub" => Binary::Sub,
            "Mul" => Binary::Mul,
            "Div" => Binary::Div,
            "Max" => Binary::Max,
            "Min" => Binary::Min,
            "Mean" => return self.mean().map(Some),
            "PRelu" => return self.prelu().map(Some),
            "Swish" if self.node.float("alpha", 1.0) != 1.0 => {
                return Err(unsupported(self.node, "with an alpha other than 1"));
            }
            _ => return Ok(None),
        };
        self.chain(binary).map(Some)
    }

    fn unary(&self, op: &str) -> Result<Option<Unary>, OnnxError> {
        let node = self.node;
        Ok(Some(match op {
            "Relu" => Unary::Relu,
            "LeakyRelu" => Unary::LeakyRelu { alpha: node.float("alpha", 0.01) },
            "Clip" => {
                let limit = |index, name, default| match self.optional(index)? {
                    Some(tensor) => match tensor.to_floats()[..] {
                        [limit] => Ok(limit),
                        _ => Err(self.error("has limits that are no single number")),
                    },
                    None => Ok(node.float(name, default)),
                };
                let (min, max) = (limit(1, "min", f32::MIN)?, limit(2, "max", f32::MAX)?);
                if min == 0.0 && max == f32::MAX { Unary::Relu } else { Unary::Clip { min, max } }
            }
            "Sigmoid" => Unary::Sigmoid,
            "HardSigmoid" => Unary::HardSigmoid {
                alpha: node.float("alpha", 0.2),
                beta: node.float("beta", 0.5),
            },
            "HardSwish" => Unary::HardSwish,
            "Swish" if node.float("alpha", 1.0) == 1.0 => Unary::Silu,
            "Elu" => Unary::Elu { alpha: node.float("alpha", 1.0) },
            "Selu" => Unary::Selu {
                alpha: node.float("alpha", 1.673_263_2),
                gamma: node.float("gamma", 1.050_701),
            },
            "Tanh" => Unary::Tanh,
            "Softplus" => Unary::Softplus,
            "Softsign" => Unary::Softsign,
            "Mish" => Unary::Mish,
            "Erf" => Unary::Erf,
            "Gelu" => match node.text("approximate") {
                "tanh" => Unary::GeluTanh,
                _ => Unary::Gelu,
            },
            "Neg" => Unary::Neg,
            "Abs" => Unary::Abs,
            "Exp" => Unary::Exp,
            "Log" => Unary::Log,
            "Sqrt" => Unary::Sqrt,
            "Reciprocal" => Unary::Reciprocal,
            "Pow" => {
                let exponents = self.tensor(1)?.to_floats();
                match exponents.first() {
                    Some(&exponent) if exponents.iter().all(|&e| e == exponent) => {
                        Unary::Pow { exponent }
                    }
                    _ => return Err(unsupported(node, "with several exponents")),
                }
            }
            _ => return Ok(None),
        }))
    }

    /// Two or more operands, joined from the left.
    fn chain(&mut self, binary: Binary) -> Result<ValueId, OnnxError> {
        let count = self.inputs.len();
        if count == 1 {
            return self.value(0);
        }
        let mut left = self.operand(0)?;
        for index in 1..count.saturating_sub(1) {
            let right = self.operand(index)?;
            left = self.step(Op::Binary(binary), vec![left, right])?;
        }
        let right = self.operand(count.saturating_sub(1))?;
        self.emit(Op::Binary(binary), vec![left, right])
    }

    fn mean(&mut self) -> Result<ValueId, OnnxError> {
        let count = self.inputs.len();
        let mut sum = self.operand(0)?;
        for index in 1..count {
            let right = self.operand(index)?;
            sum = self.step(Op::Binary(Binary::Add), vec![sum, right])?;
        }
        self.emit(Op::Binary(Binary::Mul), vec![sum, scalar(1.0 / count as f32)])
    }

    /// `relu(x) − slope · relu(−x)`.
    fn prelu(&mut self) -> Result<ValueId, OnnxError> {
        let x = self.value(0)?;
        let slope = self.operand(1)?;
        let fits = broadcast(self.shape(x), self.importer.graph.shape(&slope));
        if fits.as_deref() != Ok(self.shape(x)) {
            return Err(self.error("its slopes do not fit its operand"));
        }
        let x = Operand::Value(x);
        let above = self.step(Op::Unary(Unary::Relu), vec![x.clone()])?;
        let negated = self.step(Op::Unary(Unary::Neg), vec![x])?;
        let below = self.step(Op::Unary(Unary::Relu), vec![negated])?;
        let below = self.step(Op::Binary(Binary::Mul), vec![below, slope])?;
        self.emit(Op::Binary(Binary::Sub), vec![above, below])
    }

    /// A cast between floats does nothing; to integers it would stop the gradient.
    pub(super) fn cast(&self) -> Result<ValueId, OnnxError> {
        let to = i32::try_from(self.node.int("to", 0)).ok();
        match to.and_then(|to| DataType::try_from(to).ok()) {
            Some(kind) if is_float(kind) => self.value(0),
            _ => Err(unsupported(self.node, "to a type that is no float")),
        }
    }
}
