//! Reverse-mode differentiation: from seeds at layers to the gradient at the image.
//!
//! The walk goes through the nodes backwards, only where a gradient has arrived. Whether a kernel
//! writes or accumulates is decided here, so that no gradient is ever cleared first; gradients that
//! are another gradient, or a part of one (Add, Reshape, Concat), are views without work.

mod rectify;
mod seed;

use crate::{
    Op, Unary,
    dispatch::{Buffer, Dispatch, Source, View},
    graph::{Graph, GraphError, Node, Operand, ValueId},
    kernel::Kernel,
    shape::elements,
    vjp::{Contribution, Read, vjp},
};

pub use seed::{Seed, SeedKind, SeedMask, Target};

/// The backward pass of a graph.
#[derive(Clone, Debug)]
pub struct Tape {
    /// Backward dispatches in order.
    pub dispatches: Vec<Dispatch>,
    /// Forward values that they read, in the order of [`Buffer::Saved`].
    pub saved: Vec<ValueId>,
    /// Elements of each [`Buffer::Slot`], none of them shared yet.
    pub slots: Vec<usize>,
    /// Where the gradient at the image ends up.
    pub gradient: View,
}

/// What rectifiers do with gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rectifiers {
    /// They let pass what reaches units that speak.
    Exact,
    /// In iterations that redirect, they also let pass what would make silent units speak, if
    /// nothing else gets through.
    Redirected,
}

/// Differentiates the sum of the seeds' objectives with respect to the image.
///
/// # Errors
/// A seed that the image does not reach, or a rule that does not exist.
pub fn differentiate(
    graph: &Graph,
    seeds: &[Seed],
    rectifiers: Rectifiers,
) -> Result<Tape, GraphError> {
    let mut recorder = Recorder::new(graph);
    for seed in seeds {
        recorder.seed(seed)?;
    }
    for node in graph.nodes().iter().rev() {
        if rectifiers == Rectifiers::Exact {
            recorder.rectify(node.output);
        }
        let Some(dy) = recorder.gradients[node.output.0] else { continue };
        for (side, operand) in node.inputs.iter().enumerate() {
            if let Operand::Value(id) = operand {
                let rectifies = matches!(node.op, Op::Unary(Unary::Relu));
                let contribution = match rectifies && dy.rectified {
                    true => Contribution::Part(0),
                    false => vjp(graph, node, side)?,
                };
                recorder.contribute(*id, node, dy, contribution);
                if rectifies && rectifiers == Rectifiers::Redirected {
                    recorder.redirect(*id, node.output, dy.view);
                }
            }
        }
    }
    let Some(gradient) = recorder.gradients[graph.input().0] else {
        let layer = seeds.first().map_or(graph.input(), |seed| seed.layer);
        return Err(GraphError::Unreachable(graph.value(layer).name.clone()));
    };
    let Recorder { dispatches, saved, slots, .. } = recorder;
    Ok(Tape { dispatches, saved, slots, gradient: gradient.view })
}

/// The gradient at a value as far as it is known.
#[derive(Clone, Copy)]
struct Gradient {
    view: View,
    /// Whether it is (part of) another value's gradient and must not be written.
    borrowed: bool,
    /// Whether it is already that before the value's rectifiers.
    rectified: bool,
}

struct Recorder<'a> {
    graph: &'a Graph,
    gradients: Vec<Option<Gradient>>,
    dispatches: Vec<Dispatch>,
    saved: Vec<ValueId>,
    slots: Vec<usize>,
}

impl<'a> Recorder<'a> {
    fn new(graph: &'a Graph) -> Self {
        Self {
            graph,
            gradients: vec![None; graph.values().len()],
            dispatches: Vec::new(),
            saved: Vec::new(),
            slots: Vec::new(),
        }
    }

    /// Adds what `from` with gradient `dy` contributes to the gradient at `to`.
    fn contribute(&mut self, to: ValueId, from: &Node, dy: Gradient, contribution: Contribution) {
        let node = self.graph.value(from.output).name.clone();
        match contribution {
            Contribution::Part(offset) => {
                let view = dy.view.part(offset, self.len(to));
                if self.gradients[to.0].is_none() {
                    let rectified = dy.rectified && matches!(from.op, Op::Concat { .. });
                    self.gradients[to.0] = Some(Gradient { view, borrowed: true, rectified });
                } else {
                    let copy = Kernel::Scale { factor: 1.0 };
                    self.dispatch(to, node, copy, vec![Source::View(view)]);
                }
            }
            Contribution::Kernel(kernel, reads) => {
                let reads = reads.iter().map(|read| match read {
                    Read::Gradient => Source::View(dy.view),
                    Read::Operand(operand) => self.source(operand),
                });
                let reads = reads.collect();
                self.dispatch(to, node, kernel, reads);
            }
        }
    }

    /// Adds to the gradient before a rectifier what would make its silent units speak, should
    /// nothing else have got through.
    fn redirect(&mut self, to: ValueId, from: ValueId, dy: View) {
        let node = self.graph.value(from).name.clone();
        let y = self.source(&Operand::Value(from));
        let through = Kernel::UnaryGrad(Unary::Relu);
        let through = self.put(&node, dy.len, through, vec![Source::View(dy), y.clone()]);
        let squares = vec![Source::View(through); 2];
        let squares = self.put(&node, 1, Kernel::Dot { factor: 1.0 }, squares);
        self.dispatch(to, node, Kernel::Redirect, vec![Source::View(dy), y, Source::View(squares)]);
    }

    /// Writes a kernel's output of `len` elements to a new slot.
    fn put(&mut self, node: &str, len: usize, kernel: Kernel, reads: Vec<Source>) -> View {
        self.slots.push(len);
        let write = View::whole(Buffer::Slot(self.slots.len() - 1), len);
        let node = node.to_owned();
        self.dispatches.push(Dispatch { node, kernel, reads, write, accumulate: false });
        write
    }

    /// Adds a kernel's output to the gradient at `to`.
    fn dispatch(&mut self, to: ValueId, node: String, kernel: Kernel, reads: Vec<Source>) {
        let (write, accumulate) = match self.gradients[to.0] {
            Some(Gradient { view, borrowed: false, .. }) => (view, true),
            None => (self.allocate(to), false),
            Some(Gradient { view, borrowed: true, .. }) => {
                let own = self.allocate(to);
                self.dispatches.push(Dispatch {
                    node: node.clone(),
                    kernel: Kernel::Scale { factor: 1.0 },
                    reads: vec![Source::View(view)],
                    write: own,
                    accumulate: false,
                });
                (own, true)
            }
        };
        self.gradients[to.0] = Some(Gradient { view: write, borrowed: false, rectified: false });
        self.dispatches.push(Dispatch { node, kernel, reads, write, accumulate });
    }

    fn allocate(&mut self, value: ValueId) -> View {
        let len = self.len(value);
        self.slots.push(len);
        View::whole(Buffer::Slot(self.slots.len() - 1), len)
    }

    fn source(&mut self, operand: &Operand) -> Source {
        match operand {
            Operand::Constant(constant) => Source::Constant(constant.data.clone()),
            Operand::Value(id) => {
                let known = self.saved.iter().position(|saved| saved == id);
                let index = known.unwrap_or_else(|| {
                    self.saved.push(*id);
                    self.saved.len() - 1
                });
                Source::View(View::whole(Buffer::Saved(index), self.len(*id)))
            }
        }
    }

    fn len(&self, value: ValueId) -> usize {
        // Shapes were checked when the graph was built.
        elements(&self.graph.value(value).shape).unwrap_or(0)
    }
}
