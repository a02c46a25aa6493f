//! Integers to numbers and back: the linear quantiser of ONNX, per tensor, axis or block.

use std::num::NonZeroUsize;

use tract_onnx::pb::{NodeProto, tensor_proto::DataType};

use crate::{
    attributes::{self, Attributes},
    error::{OnnxError, bad_node},
    tensor::{Data, Tensor},
};

/// `(x - zero_point) * scale`, with scale and zero point per tensor, along `axis`, or per block of
/// `block` elements along it (0: no blocks).
pub(crate) fn dequantise(
    node: &NodeProto,
    x: &Tensor,
    scale: &Tensor,
    zero_point: Option<&Tensor>,
    axis: i64,
    block: usize,
) -> Result<Tensor, OnnxError> {
    let (scales, zeros) = (scale.to_floats(), zero_point.map(Tensor::to_floats));
    if zeros.as_ref().is_some_and(|zeros| zeros.len() != scales.len()) {
        return Err(bad_node(node, "has as many zero points as not scales"));
    }
    let place = Placement::new(node, x, scale, axis, block)?;
    let values = x.to_floats();
    let numbers = values.iter().enumerate().map(|(flat, &value)| {
        let at = place.of(flat);
        (value - zeros.as_ref().map_or(0.0, |zeros| zeros[at])) * scales[at]
    });
    Ok(Tensor::floats(x.shape.clone(), numbers.collect::<Vec<_>>()))
}

/// Evaluates DequantizeLinear on constants.
pub(crate) fn dequantise_node(
    node: &NodeProto,
    inputs: &[Option<&Tensor>],
) -> Result<Tensor, OnnxError> {
    let [x, scale, zero_point] = operands(node, inputs)?;
    let (Some(x), Some(scale)) = (x, scale) else { return Err(bad_node(node, "lacks a scale")) };
    let block = usize::try_from(node.int("block_size", 0)).unwrap_or(0);
    dequantise(node, x, scale, zero_point, node.int("axis", 1), block)
}

/// Evaluates QuantizeLinear on constants: rounds to even and saturates.
pub(crate) fn quantise_node(
    node: &NodeProto,
    inputs: &[Option<&Tensor>],
) -> Result<Tensor, OnnxError> {
    let [x, scale, zero_point] = operands(node, inputs)?;
    let (Some(x), Some(scale)) = (x, scale) else { return Err(bad_node(node, "lacks a scale")) };
    let kind = match zero_point.map(|z| &z.data) {
        Some(Data::Ints(_, kind)) => *kind,
        Some(Data::Floats(_)) => return Err(bad_node(node, "quantises to floats")),
        None => DataType::Uint8,
    };
    let (low, high) = range(kind).ok_or_else(|| bad_node(node, "quantises to a wide type"))?;
    let (scales, zeros) = (scale.to_floats(), zero_point.map(Tensor::to_floats));
    if zeros.as_ref().is_some_and(|zeros| zeros.len() != scales.len()) {
        return Err(bad_node(node, "has as many zero points as not scales"));
    }
    let place = Placement::new(node, x, scale, node.int("axis", 1), 0)?;
    let values = x.to_floats();
    let integers = values.iter().enumerate().map(|(flat, &value)| {
        let at = place.of(flat);
        let zero = zeros.as_ref().map_or(0.0, |zeros| zeros[at]);
        (((value / scales[at]).round_ties_even() + zero) as i64).clamp(low, high)
    });
    Ok(Tensor { shape: x.shape.clone(), data: Data::Ints(integers.collect(), kind) })
}

/// Smallest and largest integer of a quantised type.
pub(crate) fn range(kind: DataType) -> Option<(i64, i64)> {
    Some(match kind {
        DataType::Uint8 => (0, 255),
        DataType::Int8 => (-128, 127),
        DataType::Uint16 => (0, 65535),
        DataType::Int16 => (-32768, 32767),
        DataType::Uint4 => (0, 15),
        DataType::Int4 => (-8, 7),
        _ => return None,
    })
}

fn operands<'a>(
    node: &NodeProto,
    inputs: &[Option<&'a Tensor>],
) -> Result<[Option<&'a Tensor>; 3], OnnxError> {
    let at = |index: usize| inputs.get(index).copied().flatten();
    if at(0).is_none() {
        return Err(bad_node(node, "lacks an operand"));
    }
    Ok([at(0), at(1), at(2)])
}

/// Which scale belongs to each element of a tensor.
enum Placement {
    /// The only one.
    All,
    /// One for each of `length` positions of an axis whose positions are `inner` elements apart.
    Axis { length: usize, inner: usize },
    /// One for each `block` positions of the axis, `rows` of them, and for each inner element.
    Blocks { length: usize, inner: usize, block: NonZeroUsize, rows: usize },
}

impl Placement {
    fn new(
        node: &NodeProto,
        x: &Tensor,
        scale: &Tensor,
        axis: i64,
        block: usize,
    ) -> Result<Self, OnnxError> {
        if scale.len() == 1 {
            return Ok(Self::All);
        }
        let axis = attributes::axis(node, axis, x.shape.len(), false)?;
        let (length, inner) = (x.shape[axis], x.shape[axis + 1..].iter().product::<usize>());
        let (placement, count) = match NonZeroUsize::new(block) {
            None => (Self::Axis { length, inner }, Some(length)),
            Some(block) => {
                let rows = length.div_ceil(block.get());
                let outer: usize = x.shape[..axis].iter().product();
                let count = outer.checked_mul(rows).and_then(|n| n.checked_mul(inner));
                (Self::Blocks { length, inner, block, rows }, count)
            }
        };
        if count == Some(scale.len()) {
            Ok(placement)
        } else {
            Err(bad_node(node, format!("scales {:?} do not fit {:?}", scale.shape, x.shape)))
        }
    }

    /// The scale of the element at a flat index.
    fn of(&self, flat: usize) -> usize {
        match *self {
            Self::All => 0,
            Self::Axis { length, inner } => flat / inner % length,
            Self::Blocks { length, inner, block, rows } => {
                let (outer, position) = (flat / (length * inner), flat / inner % length);
                (outer * rows + position / block) * inner + flat % inner
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ints(shape: &[usize], data: &[i64], kind: DataType) -> Tensor {
        Tensor { shape: shape.to_vec(), data: Data::Ints(data.into(), kind) }
    }

    #[test]
    fn weights_dequantise_per_tensor_axis_and_block() -> Result<(), OnnxError> {
        let node = NodeProto::default();
        let x = ints(&[2, 4], &[1, 2, 3, 4, 5, 6, 7, 8], DataType::Int8);
        let per_tensor = Tensor::floats(vec![], [0.5]);
        let per_row = Tensor::floats(vec![2], [1.0, 10.0]);
        let per_block = Tensor::floats(vec![2, 2], [1.0, 10.0, 100.0, 1000.0]);
        let zeros = ints(&[2], &[1, 5], DataType::Int8);
        let run = |scale: &Tensor, zero: Option<&Tensor>, axis, block| {
            dequantise(&node, &x, scale, zero, axis, block).map(|t| t.to_floats().to_vec())
        };
        assert_eq!(run(&per_tensor, None, 1, 0)?, [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]);
        assert_eq!(run(&per_row, Some(&zeros), 0, 0)?, [0.0, 1.0, 2.0, 3.0, 0.0, 10.0, 20.0, 30.0]);
        assert_eq!(
            run(&per_block, None, 1, 2)?,
            [1.0, 2.0, 30.0, 40.0, 500.0, 600.0, 7000.0, 8000.0]
        );
        assert!(run(&per_row, None, 1, 0).is_err());
        Ok(())
    }

    #[test]
    fn quantising_rounds_to_even_and_saturates() -> Result<(), OnnxError> {
        let x = Tensor::floats(vec![4], [0.5, 1.5, -300.0, 300.0]);
        let (scale, zero) = (Tensor::floats(vec![], [1.0]), ints(&[], &[2], DataType::Uint8));
        let node = NodeProto::default();
        let q = quantise_node(&node, &[Some(&x), Some(&scale), Some(&zero)])?;
        assert_eq!(q.as_ints().map(|q| q.to_vec()), Some(vec![2, 4, 0, 255]));
        Ok(())
    }
}
