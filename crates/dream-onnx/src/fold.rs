//! Evaluates nodes whose operands are all constants: weights on their way to an operator, and the
//! shape arithmetic that exporters write out.

mod arithmetic;
mod rearrange;

use dream_graph::{Shape, elements};
use tract_onnx::pb::{NodeProto, tensor_proto::DataType};

use crate::{
    attributes::Attributes,
    error::{OnnxError, bad_node},
    quantiser,
    tensor::{Data, Tensor, decode, is_plausible},
};

/// How many elements of constants and index maps may still be made. It keeps a small file from
/// asking for a large memory.
pub(crate) struct Budget(usize);

impl Budget {
    /// A budget in elements.
    pub fn new(elements: usize) -> Self {
        Self(elements)
    }

    /// Takes `count` elements.
    pub fn spend(&mut self, node: &NodeProto, count: Option<usize>) -> Result<usize, OnnxError> {
        match count.filter(|&count| count <= self.0) {
            Some(count) => {
                self.0 -= count;
                Ok(count)
            }
            None => Err(bad_node(node, "it makes absurdly large constants")),
        }
    }
}

/// A node with constant operands, about to be evaluated.
struct Constants<'a> {
    node: &'a NodeProto,
    inputs: &'a [Option<&'a Tensor>],
    budget: &'a mut Budget,
}

/// The outputs of a node whose operands are constants (`None`: an optional one is absent); `None`
/// if this importer cannot evaluate the operator.
///
/// # Errors
/// Operands that do not fit, or a result of absurd size.
pub(crate) fn evaluate(
    node: &NodeProto,
    inputs: &[Option<&Tensor>],
    budget: &mut Budget,
) -> Result<Option<Vec<Tensor>>, OnnxError> {
    let mut job = Constants { node, inputs, budget };
    let tensor = match node.op_type.as_str() {
        "Constant" => constant(node)?,
        "Identity" | "Dropout" => job.input(0)?.clone(),
        "Cast" => cast(node, job.input(0)?)?,
        "CastLike" => like(job.input(0)?, job.input(1)?),
        "Shape" => shape(node, &job.input(0)?.shape)?,
        "Size" => Tensor::ints(vec![], [job.input(0)?.len() as i64]),
        "DequantizeLinear" => quantiser::dequantise_node(node, inputs)?,
        "QuantizeLinear" => quantiser::quantise_node(node, inputs)?,
        "ConstantOfShape" => job.constant_of_shape()?,
        "Range" => job.range()?,
        "Split" => return job.split().map(Some),
        op => {
            if let Some(tensor) = rearrange::evaluate(&mut job, op)? {
                tensor
            } else if let Some(tensor) = arithmetic::evaluate(&mut job, op)? {
                tensor
            } else {
                return Ok(None);
            }
        }
    };
    Ok(Some(vec![tensor]))
}

/// The lengths of `shape`'s axes as a tensor: what the operator Shape computes.
pub(crate) fn shape(node: &NodeProto, shape: &[usize]) -> Result<Tensor, OnnxError> {
    let rank = shape.len() as i64;
    let clamp =
        |bound: i64| (if bound < 0 { bound.saturating_add(rank) } else { bound }).clamp(0, rank);
    let (start, end) = (clamp(node.int("start", 0)), clamp(node.int("end", rank)));
    let lengths = shape.get(start as usize..end.max(start) as usize).unwrap_or_default();
    let lengths: Vec<i64> = lengths.iter().map(|&n| n as i64).collect();
    Ok(Tensor::ints(vec![lengths.len()], lengths))
}

impl<'a> Constants<'a> {
    fn input(&self, index: usize) -> Result<&'a Tensor, OnnxError> {
        self.optional(index).ok_or_else(|| self.error(format!("lacks operand {index}")))
    }

    fn optional(&self, index: usize) -> Option<&'a Tensor> {
        self.inputs.get(index).copied().flatten()
    }

    fn ints(&self, index: usize) -> Result<&'a [i64], OnnxError> {
        let ints = self.input(index)?.as_ints();
        ints.map(|ints| &ints[..])
            .ok_or_else(|| self.error(format!("operand {index} is no integer")))
    }

    fn error(&self, reason: impl Into<String>) -> OnnxError {
        bad_node(self.node, reason)
    }

    /// Checks that an output of `shape` may be made, and counts its elements.
    fn afford(&mut self, shape: &[usize]) -> Result<usize, OnnxError> {
        self.budget.spend(self.node, elements(shape).filter(|_| is_plausible(shape)))
    }

    /// A shape given as integers.
    fn shape_of(&self, lengths: &[i64]) -> Result<Shape, OnnxError> {
        let shape = lengths.iter().map(|&n| usize::try_from(n).ok()).collect::<Option<Shape>>();
        shape.ok_or_else(|| self.error(format!("the shape {lengths:?} is negative")))
    }

    fn constant_of_shape(&mut self) -> Result<Tensor, OnnxError> {
        let shape = self.shape_of(self.ints(0)?)?;
        let count = self.afford(&shape)?;
        let value = match self.node.tensor("value") {
            Some(proto) => decode(proto)?,
            None => Tensor::floats(vec![1], [0.0]),
        };
        let filled = value.picked(shape, &vec![0; count]);
        filled.ok_or_else(|| self.error("its value has no element"))
    }

    fn range(&mut self) -> Result<Tensor, OnnxError> {
        let operands = [self.input(0)?, self.input(1)?, self.input(2)?];
        if let [Some(&[start]), Some(&[limit]), Some(&[delta])] =
            operands.map(|t| t.as_ints().map(|ints| &ints[..]))
        {
            let span = i128::from(limit) - i128::from(start);
            let count = match i128::from(delta) {
                0 => return Err(self.error("its step is 0")),
                delta if span.signum() == delta.signum() => {
                    (span.abs() + delta.abs() - 1) / delta.abs()
                }
                _ => 0,
            };
            let count = self.afford(&[usize::try_from(count).unwrap_or(usize::MAX)])?;
            let steps = (0..count as i64).map(|i| start.wrapping_add(delta.wrapping_mul(i)));
            return Ok(Tensor::ints(vec![count], steps.collect::<Vec<_>>()));
        }
        if let [Some(&[start]), Some(&[limit]), Some(&[delta])] =
            operands.map(|t| t.as_floats().map(|floats| &floats[..]))
        {
            let count = ((limit - start) / delta).ceil().max(0.0) as usize;
            let count = self.afford(&[count])?;
            let steps = (0..count).map(|i| start + delta * i as f32);
            return Ok(Tensor::floats(vec![count], steps.collect::<Vec<_>>()));
        }
        Err(self.error("needs three numbers of one type"))
    }
}

fn constant(node: &NodeProto) -> Result<Tensor, OnnxError> {
    let attribute = |name| node.attribute(name);
    if let Some(proto) = node.tensor("value") {
        decode(proto)
    } else if let Some(a) = attribute("value_float") {
        Ok(Tensor::floats(vec![], [a.f]))
    } else if let Some(a) = attribute("value_floats") {
        Ok(Tensor::floats(vec![a.floats.len()], a.floats.clone()))
    } else if let Some(a) = attribute("value_int") {
        Ok(Tensor::ints(vec![], [a.i]))
    } else if let Some(a) = attribute("value_ints") {
        Ok(Tensor::ints(vec![a.ints.len()], a.ints.clone()))
    } else {
        Err(bad_node(node, "holds no number"))
    }
}

/// Whether a type is one of the floats, which are all f32 here.
pub(crate) fn is_float(kind: DataType) -> bool {
    use DataType as T;
    matches!(kind, T::Float | T::Float16 | T::Double | T::Bfloat16)
}

fn cast(node: &NodeProto, tensor: &Tensor) -> Result<Tensor, OnnxError> {
    let kind = i32::try_from(node.int("to", 0)).ok().and_then(|to| DataType::try_from(to).ok());
    match kind {
        Some(DataType::Undefined | DataType::String) | None => {
            Err(bad_node(node, "casts to a type that is no number"))
        }
        Some(kind) => Ok(cast_to(tensor, kind)),
    }
}

fn like(tensor: &Tensor, model: &Tensor) -> Tensor {
    match model.data {
        Data::Floats(_) => cast_to(tensor, DataType::Float),
        Data::Ints(_, kind) => cast_to(tensor, kind),
    }
}

fn cast_to(tensor: &Tensor, kind: DataType) -> Tensor {
    let data = if is_float(kind) {
        Data::Floats(tensor.to_floats())
    } else {
        let truth = |true_: bool| i64::from(true_);
        match (&tensor.data, kind) {
            (Data::Floats(floats), DataType::Bool) => {
                Data::Ints(floats.iter().map(|&f| truth(f != 0.0)).collect(), kind)
            }
            (Data::Ints(ints, _), DataType::Bool) => {
                Data::Ints(ints.iter().map(|&i| truth(i != 0)).collect(), kind)
            }
            (Data::Floats(floats), _) => {
                Data::Ints(floats.iter().map(|&f| f as i64).collect(), kind)
            }
            (Data::Ints(ints, _), _) => Data::Ints(ints.clone(), kind),
        }
    };
    Tensor { shape: tensor.shape.clone(), data }
}
