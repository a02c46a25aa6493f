//! Gradients of rectifiers without work of their own: whoever writes the last part of a gradient
//! behind rectifiers leaves out what they do not let through.

use super::{Gradient, Recorder};
use crate::{
    Op, Unary,
    graph::{Operand, ValueId},
};

impl Recorder<'_> {
    /// Makes the gradient at `value`, of which nothing is missing any more, that before the
    /// rectifiers it comes from, if it does come from rectifiers and the kernel that wrote the
    /// gradient last can do that.
    pub(super) fn rectify(&mut self, value: ValueId) {
        let Some(gradient) = self.gradients[value.0] else { return };
        if gradient.borrowed || !self.is_rectified(value) {
            return;
        }
        let y = self.source(&Operand::Value(value));
        let mut writers = self.dispatches.iter_mut().rev();
        let last = writers.find(|it| it.write.buffer == gradient.view.buffer);
        if let Some(last) = last.filter(|it| it.write == gradient.view)
            && last.kernel.rectify()
        {
            last.reads.push(y);
            self.gradients[value.0] = Some(Gradient { rectified: true, ..gradient });
        }
    }

    /// Whether a value is a rectifier's output, or several of them.
    fn is_rectified(&self, value: ValueId) -> bool {
        let Some(node) = self.graph.producer(value) else { return false };
        match node.op {
            Op::Unary(Unary::Relu) => true,
            Op::Concat { .. } => node.inputs.iter().all(|input| match input {
                Operand::Value(id) => self.is_rectified(*id),
                Operand::Constant(_) => false,
            }),
            _ => false,
        }
    }
}
