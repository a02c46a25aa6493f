//! Sums, means and maxima over axes.

use dream_graph::{Op, Operand, Reduction, Unary, ValueId};

use super::Site;
use crate::{
    attributes::{self, Attributes},
    error::OnnxError,
};

impl Site<'_, '_> {
    pub(super) fn reduce(&mut self, op: &str) -> Result<Option<ValueId>, OnnxError> {
        use Reduction::{Max, Mean, Sum};
        use Unary::{Abs, Exp, Log, Neg, Sqrt};
        let square = Unary::Pow { exponent: 2.0 };
        // What happens to each element, what is reduced how, and what happens to the result.
        let (before, kind, after) = match op {
            "ReduceMean" | "GlobalAveragePool" => (None, Mean, None),
            "ReduceSum" => (None, Sum, None),
            "ReduceMax" | "GlobalMaxPool" => (None, Max, None),
            "ReduceMin" => (Some(Neg), Max, Some(Neg)),
            "ReduceL1" => (Some(Abs), Sum, None),
            "ReduceL2" => (Some(square), Sum, Some(Sqrt)),
            "ReduceSumSquare" => (Some(square), Sum, None),
            "ReduceLogSum" => (None, Sum, Some(Log)),
            "ReduceLogSumExp" => (Some(Exp), Sum, Some(Log)),
            _ => return Ok(None),
        };
        let id = self.value(0)?;
        let rank = self.shape(id).len();
        let global = op.starts_with("Global");
        let keep_dims = global || self.node.int("keepdims", 1) != 0;
        let list = match self.ints(1)? {
            Some(list) => list,
            None => self.node.ints("axes").unwrap_or_default().to_vec(),
        };
        let axes = match &list[..] {
            _ if global => (2..rank).collect(),
            [] if self.node.int("noop_with_empty_axes", 0) != 0 => return Ok(Some(id)),
            [] => (0..rank).collect(),
            list => attributes::axes(self.node, list, rank)?,
        };
        let mut x = Operand::Value(id);
        if let Some(unary) = before {
            x = self.step(Op::Unary(unary), vec![x])?;
        }
        let reduce = Op::Reduce { kind, axes, keep_dims };
        match after {
            None => self.emit(reduce, vec![x]),
            Some(unary) => {
                let x = self.step(reduce, vec![x])?;
                self.emit(Op::Unary(unary), vec![x])
            }
        }
        .map(Some)
    }
}
