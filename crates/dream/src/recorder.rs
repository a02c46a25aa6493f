//! Collects dispatches, and scratch for what lies between them.

use dream_graph::{Binary, Buffer, Dispatch, Kernel, Source, View};

/// Dispatches in order, and the elements of each slot that they use; none is shared yet.
pub(crate) struct Recorder {
    /// The dispatches.
    pub dispatches: Vec<Dispatch>,
    /// Elements of each [`Buffer::Slot`].
    pub slots: Vec<usize>,
}

impl Recorder {
    /// Nothing yet, behind these slots.
    pub fn new(slots: Vec<usize>) -> Self {
        Self { dispatches: Vec::new(), slots }
    }

    /// A new slot.
    pub fn slot(&mut self, len: usize) -> View {
        self.slots.push(len);
        View::whole(Buffer::Slot(self.slots.len() - 1), len)
    }

    /// A kernel whose output replaces what is there.
    pub fn write(&mut self, node: &str, kernel: Kernel, reads: &[View], write: View) {
        self.dispatches.push(dispatch(node, kernel, reads, write));
    }

    /// A kernel whose output is added to what is there.
    pub fn add(&mut self, node: &str, kernel: Kernel, reads: &[View], write: View) {
        self.dispatches.push(Dispatch { accumulate: true, ..dispatch(node, kernel, reads, write) });
    }

    /// A kernel whose output of `len` elements goes to a new slot.
    pub fn make(&mut self, node: &str, kernel: Kernel, reads: &[View], len: usize) -> View {
        let slot = self.slot(len);
        self.write(node, kernel, reads, slot);
        slot
    }

    /// Any dispatch.
    pub fn push(&mut self, dispatch: Dispatch) {
        self.dispatches.push(dispatch);
    }

    /// Planes of colours times a plane of strengths.
    pub fn weakened(&mut self, planes: View, strength: View) -> View {
        let output = vec![3, strength.len];
        let operands = [output.clone(), vec![1, strength.len]];
        let product = Kernel::Binary { op: Binary::Mul, output, operands };
        self.make("mask", product, &[planes, strength], planes.len)
    }

    /// The dispatches so far; the slots stay.
    pub fn take(&mut self) -> Vec<Dispatch> {
        std::mem::take(&mut self.dispatches)
    }
}

fn dispatch(node: &str, kernel: Kernel, reads: &[View], write: View) -> Dispatch {
    let reads = reads.iter().map(|&view| Source::View(view)).collect();
    Dispatch { node: node.to_owned(), kernel, reads, write, accumulate: false }
}
