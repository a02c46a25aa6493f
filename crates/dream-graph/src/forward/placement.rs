//! Where forward values lie.

use crate::{
    dispatch::{Buffer, View},
    graph::{Graph, Node, Operand, ValueId},
    op::{Op, Unary},
};

use super::{len, net_input};

/// The slots of a graph's values. Values that are only another shape of one before them share its
/// place; so do, each with its own range, the operands of a concatenation where that is allowed.
pub(super) struct Placement<'a> {
    graph: &'a Graph,
    needed: Vec<bool>,
    /// The value whose elements these are.
    roots: Vec<ValueId>,
    /// Convolutions whose rectifier writes for them.
    fused: Vec<Option<ValueId>>,
    /// The concatenation that a root is computed in, and where in it.
    homes: Vec<Option<(ValueId, usize)>>,
    slots: Vec<usize>,
}

impl<'a> Placement<'a> {
    pub fn new(graph: &'a Graph, saved: &[ValueId], slots: &mut Vec<usize>) -> Self {
        let needed = needed(graph, saved);
        let mut placement = Self {
            graph,
            fused: fused(graph, &needed, saved),
            roots: roots(graph),
            homes: vec![None; needed.len()],
            slots: vec![usize::MAX; needed.len()],
            needed,
        };
        placement.place_operands();
        for id in (1..placement.needed.len()).map(ValueId) {
            if placement.is_computed(id) && placement.homes[id.0].is_none() {
                placement.slots[id.0] = slots.len();
                slots.push(len(graph, id));
            }
        }
        placement
    }

    /// Whether dispatches of its own write this value.
    pub fn is_computed(&self, id: ValueId) -> bool {
        self.needed[id.0] && self.roots[id.0] == id && self.fused[id.0].is_none()
    }

    /// The convolution that a rectifier is fused into.
    pub fn fused_into(&self, relu: &Node) -> Option<ValueId> {
        let operand = relu.inputs[0].value()?;
        (self.fused[operand.0] == Some(relu.output)).then_some(operand)
    }

    /// Where a value lies.
    pub fn view(&self, id: ValueId) -> View {
        let root = self.roots[id.0];
        if root == self.graph.input() {
            return net_input(self.graph);
        }
        let (buffer, offset) = self.home(root);
        let len = len(self.graph, id);
        View { buffer: Buffer::Slot(self.slots[buffer.0]), offset, len }
    }

    /// The root whose slot holds this root, and where in it.
    fn home(&self, root: ValueId) -> (ValueId, usize) {
        match self.homes[root.0] {
            None => (root, 0),
            Some((parent, offset)) => {
                let (buffer, before) = self.home(parent);
                (buffer, before + offset)
            }
        }
    }

    /// Puts operands of concatenations where these lie; the last concatenation chooses first, so
    /// that those inside others find their place decided.
    fn place_operands(&mut self) {
        let readers = self.readers();
        for node in self.graph.nodes().iter().rev() {
            let Some(axis) = contiguous_axis(self.graph, node) else { continue };
            if !self.needed[node.output.0] {
                continue;
            }
            let concat = node.output;
            let inner: usize = self.graph.value(concat).shape[axis + 1..].iter().product();
            let mut offset = 0;
            for operand in &node.inputs {
                let length = self.graph.shape(operand)[axis] * inner;
                if let Operand::Value(id) = operand {
                    let root = self.roots[id.0];
                    let times = node.inputs.iter().filter_map(Operand::value);
                    let once = times.filter(|id| self.roots[id.0] == root).count() == 1;
                    if once && self.may_lie_in(root, concat, &readers) {
                        self.homes[root.0] = Some((concat, offset));
                    }
                }
                offset += length;
            }
        }
    }

    /// Whether `root` can be computed inside the concatenation: it has no place yet, and no
    /// dispatch would come to read the slot that it writes.
    fn may_lie_in(&self, root: ValueId, concat: ValueId, readers: &[Vec<ValueId>]) -> bool {
        let (slot, _) = self.home(concat);
        let in_slot = |id: ValueId| self.home(id).0 == slot;
        root != self.graph.input()
            && self.homes[root.0].is_none()
            && !self.reads(root).into_iter().any(in_slot)
            && !readers[root.0].iter().any(|&reader| reader != concat && in_slot(reader))
    }

    /// Roots that the dispatches which write `root` read.
    fn reads(&self, root: ValueId) -> Vec<ValueId> {
        let Some(mut node) = self.graph.producer(root) else { return Vec::new() };
        if let Some(conv) = self.fused_into(node).and_then(|id| self.graph.producer(id)) {
            node = conv;
        }
        node.inputs.iter().filter_map(Operand::value).map(|id| self.roots[id.0]).collect()
    }

    /// For every root, the roots whose dispatches read it.
    fn readers(&self) -> Vec<Vec<ValueId>> {
        let mut readers = vec![Vec::new(); self.needed.len()];
        for id in (1..self.needed.len()).map(ValueId).filter(|&id| self.is_computed(id)) {
            for read in self.reads(id) {
                readers[read.0].push(id);
            }
        }
        readers
    }
}

/// The axis of a concatenation whose operands lie in it one behind the other.
pub(super) fn contiguous_axis(graph: &Graph, node: &Node) -> Option<usize> {
    match node.op {
        Op::Concat { axis } => {
            let shape = &graph.value(node.output).shape;
            shape[..axis].iter().all(|&n| n == 1).then_some(axis)
        }
        _ => None,
    }
}

/// Values that `saved` depend on.
fn needed(graph: &Graph, saved: &[ValueId]) -> Vec<bool> {
    let mut needed = vec![false; graph.values().len()];
    saved.iter().for_each(|id| needed[id.0] = true);
    for node in graph.nodes().iter().rev().filter(|node| node.output.0 > 0) {
        if needed[node.output.0] {
            node.inputs.iter().filter_map(Operand::value).for_each(|id| needed[id.0] = true);
        }
    }
    needed
}

/// For every value the first one with the same elements: reshaping changes none.
fn roots(graph: &Graph) -> Vec<ValueId> {
    let mut roots: Vec<ValueId> = (0..graph.values().len()).map(ValueId).collect();
    for node in graph.nodes() {
        if let (Op::Reshape { .. } | Op::Identity, Some(Operand::Value(id))) =
            (&node.op, node.inputs.first())
        {
            roots[node.output.0] = roots[id.0];
        }
    }
    roots
}

/// For every convolution that only a rectifier reads, that rectifier.
fn fused(graph: &Graph, needed: &[bool], saved: &[ValueId]) -> Vec<Option<ValueId>> {
    let mut uses = vec![0; needed.len()];
    saved.iter().for_each(|id| uses[id.0] += 1);
    let live = || graph.nodes().iter().filter(|node| needed[node.output.0]);
    live().flat_map(|node| &node.inputs).filter_map(Operand::value).for_each(|id| uses[id.0] += 1);
    let mut fused = vec![None; needed.len()];
    for node in live().filter(|node| matches!(node.op, Op::Unary(Unary::Relu))) {
        let conv = node.inputs[0].value().filter(|&id| uses[id.0] == 1);
        if let Some(id) = conv
            && graph.producer(id).is_some_and(|node| matches!(node.op, Op::Conv(_)))
        {
            fused[id.0] = Some(node.output);
        }
    }
    fused
}
