//! Attributes of a node, by name and type, with their defaults.

use tract_onnx::pb::{AttributeProto, NodeProto, TensorProto};

use crate::error::{OnnxError, bad_node};

/// Typed access to a node's attributes.
pub(crate) trait Attributes {
    /// The attribute of a name.
    fn attribute(&self, name: &str) -> Option<&AttributeProto>;

    /// An integer.
    fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |a| a.i)
    }

    /// A number.
    fn float(&self, name: &str, default: f32) -> f32 {
        self.attribute(name).map_or(default, |a| a.f)
    }

    /// A word; empty if absent or not text.
    fn text(&self, name: &str) -> &str {
        self.attribute(name).and_then(|a| std::str::from_utf8(&a.s).ok()).unwrap_or("")
    }

    /// A list of integers.
    fn ints(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|a| a.ints.as_slice())
    }

    /// A tensor.
    fn tensor(&self, name: &str) -> Option<&TensorProto> {
        self.attribute(name).and_then(|a| a.t.as_ref())
    }
}

impl Attributes for NodeProto {
    fn attribute(&self, name: &str) -> Option<&AttributeProto> {
        self.attribute.iter().find(|a| a.name == name)
    }
}

/// An axis counted from the front; negative ones count from the back, `rank` itself is allowed
/// only where `past_end` says so.
pub(crate) fn axis(
    node: &NodeProto,
    axis: i64,
    rank: usize,
    past_end: bool,
) -> Result<usize, OnnxError> {
    let from_front = if axis < 0 { axis.saturating_add(rank as i64) } else { axis };
    match usize::try_from(from_front) {
        Ok(found) if found < rank || (past_end && found == rank) => Ok(found),
        _ => Err(bad_node(node, format!("has no axis {axis} among {rank}"))),
    }
}

/// Several axes, in the order given.
pub(crate) fn axis_list(
    node: &NodeProto,
    list: &[i64],
    rank: usize,
) -> Result<Vec<usize>, OnnxError> {
    list.iter().map(|&a| axis(node, a, rank, false)).collect()
}

/// Several axes, sorted and without repetition.
pub(crate) fn axes(node: &NodeProto, list: &[i64], rank: usize) -> Result<Vec<usize>, OnnxError> {
    let mut found = axis_list(node, list, rank)?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// A pair (vertical, horizontal) of non-negative integers.
pub(crate) fn pair(
    node: &NodeProto,
    name: &str,
    default: [usize; 2],
) -> Result<[usize; 2], OnnxError> {
    match node.ints(name) {
        None | Some([]) => Ok(default),
        Some(&[a, b]) => match (usize::try_from(a), usize::try_from(b)) {
            (Ok(a), Ok(b)) => Ok([a, b]),
            _ => Err(bad_node(node, format!("{name} [{a}, {b}] is negative"))),
        },
        Some(list) => Err(bad_node(node, format!("{name} needs two numbers, not {}", list.len()))),
    }
}
