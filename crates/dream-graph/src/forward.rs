//! Records the forward pass: which kernel computes which value, and where the value lies.
//!
//! Three things cost nothing here: a rectifier behind a convolution that nobody else reads, the
//! same elements under another shape, and operands that are computed where their concatenation
//! lies. The last needs care: no dispatch may read the buffer that it writes.

mod kernels;
mod placement;

use crate::{
    dispatch::{Buffer, Dispatch, Source, View},
    graph::{Graph, GraphError, Operand, ValueId},
    op::Op,
    shape::elements,
};
use kernels::{Step, steps};
use placement::Placement;

/// The forward pass of a graph.
#[derive(Clone, Debug, Default)]
pub struct Forward {
    /// Dispatches in order.
    pub dispatches: Vec<Dispatch>,
    /// Where they leave each value of [`Program::saved`](crate::Program::saved).
    pub saved: Vec<View>,
}

/// Records the forward pass from [`Buffer::NetInput`] to `saved`. Values lie in slots, whose
/// elements are appended to `slots`.
///
/// # Errors
/// An operator that does not fit its operands.
pub fn forward(
    graph: &Graph,
    saved: &[ValueId],
    slots: &mut Vec<usize>,
) -> Result<Forward, GraphError> {
    let placement = Placement::new(graph, saved, slots);
    let mut dispatches = Vec::new();
    for node in graph.nodes() {
        let written = node.output;
        if !placement.is_computed(written) {
            continue;
        }
        let target = placement.view(written);
        let fused = placement.fused_into(node);
        let source = |operand: &Operand| match operand {
            Operand::Constant(constant) => Source::Constant(constant.data.clone()),
            Operand::Value(id) => Source::View(placement.view(*id)),
        };
        let conv = fused.and_then(|id| graph.producer(id)).unwrap_or(node);
        let name = &graph.value(written).name;
        let mut push = |Step { kernel, reads, write, accumulate }| {
            dispatches.push(Dispatch { node: name.clone(), kernel, reads, write, accumulate });
        };
        for mut step in steps(graph, conv, fused.is_some(), target, source)? {
            let copies_itself = matches!(conv.op, Op::Concat { .. })
                && matches!(step.reads[..], [Source::View(view)] if view == step.write);
            if !copies_itself {
                step.reads.shrink_to_fit();
                push(step);
            }
        }
    }
    let saved = saved.iter().map(|&id| placement.view(id)).collect();
    Ok(Forward { dispatches, saved })
}

/// Elements of a value; shapes were checked when the graph was built.
fn len(graph: &Graph, value: ValueId) -> usize {
    elements(&graph.value(value).shape).unwrap_or(0)
}

/// All of the network's input.
fn net_input(graph: &Graph) -> View {
    View::whole(Buffer::NetInput, len(graph, graph.input()))
}
