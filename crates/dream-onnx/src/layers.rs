//! What a network offers: its spatial layers, the one to start with, its class head.

use std::collections::{HashMap, HashSet};

use dream_graph::{AxisMap, Binary, Graph, Node, Op, Operand, ValueId};

use crate::shapes;

/// A spatial tensor of the network that a user may choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// ONNX tensor name, unchanged from the file.
    pub name: String,
    /// Number of channels.
    pub channels: usize,
    /// Input pixels per layer pixel along one side.
    pub stride: usize,
}

/// The end of a network that tells classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Tensor name of the scores, before any softmax.
    pub logits: String,
    /// Tensor name of the probabilities, if the network computes them.
    pub probabilities: Option<String>,
    /// Number of classes.
    pub classes: usize,
}

/// What an axis of a tensor counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axis {
    Batch,
    Channel,
    Row,
    Column,
    Other,
}

/// An image's axes, in the order that makes a tensor spatial.
const IMAGE: [Axis; 4] = [Axis::Batch, Axis::Channel, Axis::Row, Axis::Column];

/// A network with, for each value, what its axes count, how coarse it is, and how deep.
pub(crate) struct Survey<'a> {
    graph: &'a Graph,
    names: &'a HashSet<String>,
    ids: HashMap<&'a str, ValueId>,
    axes: Vec<Vec<Axis>>,
    stride: Vec<f64>,
    depth: Vec<usize>,
    readers: Vec<Vec<usize>>,
}

impl<'a> Survey<'a> {
    /// Surveys a layout; `names` are the tensors of the file.
    pub fn new(graph: &'a Graph, names: &'a HashSet<String>) -> Self {
        let count = graph.values().len();
        let mut survey = Self {
            graph,
            names,
            ids: (0..count).map(|id| (graph.values()[id].name.as_str(), ValueId(id))).collect(),
            axes: vec![IMAGE.to_vec()],
            stride: vec![1.0],
            depth: vec![0],
            readers: vec![Vec::new(); count],
        };
        for (index, node) in graph.nodes().iter().enumerate() {
            let operands: Vec<ValueId> = node.inputs.iter().filter_map(Operand::value).collect();
            for id in &operands {
                survey.readers[id.0].push(index);
            }
            let axes = survey.axes_of(node, &operands);
            let deepest = operands.iter().map(|id| survey.depth[id.0]).max().unwrap_or(0);
            let coarsest = operands.iter().map(|id| survey.stride[id.0]).fold(1.0, f64::max);
            survey.depth.push(deepest + usize::from(matches!(node.op, Op::Conv(_))));
            survey.stride.push(coarsest * step(&node.op, &axes));
            survey.axes.push(axes);
        }
        survey
    }

    /// The layers to offer, in the order of the network.
    pub fn layers(&self) -> Vec<Layer> {
        self.ids().filter(|&id| self.offered(id)).map(|id| self.layer(id)).collect()
    }

    /// The layer of a name, if it is spatial.
    pub fn named(&self, name: &str) -> Option<Layer> {
        let id = *self.ids.get(name)?;
        (id.0 > 0 && self.is_spatial(id)).then(|| self.layer(id))
    }

    /// The join of branches nearest to 60 % of the depth, else the layer nearest to it.
    pub fn default_layer(&self) -> Option<String> {
        let deepest =
            self.ids().filter(|&id| self.is_spatial(id)).map(|id| self.depth[id.0]).max()?;
        let distance = |id: &ValueId| (self.depth[id.0] * 5).abs_diff(deepest * 3);
        let offered = || self.ids().filter(|&id| self.offered(id));
        let nearest = |ids: &mut dyn Iterator<Item = ValueId>| {
            // Of equally near ones the last: the join after its activation.
            ids.fold(None, |best: Option<ValueId>, id| match best {
                Some(best) if distance(&best) < distance(&id) => Some(best),
                _ => Some(id),
            })
        };
        let joins = &mut offered().filter(|&id| self.is_join(id));
        let found = nearest(joins).or_else(|| nearest(&mut offered()))?;
        Some(self.graph.value(found).name.clone())
    }

    fn ids(&self) -> impl Iterator<Item = ValueId> + use<'_> {
        (1..self.graph.values().len()).map(ValueId)
    }

    fn layer(&self, id: ValueId) -> Layer {
        let value = self.graph.value(id);
        let stride = self.stride[id.0].round().max(1.0) as usize;
        Layer { name: value.name.clone(), channels: value.shape[1], stride }
    }

    fn is_spatial(&self, id: ValueId) -> bool {
        let value = self.graph.value(id);
        self.axes[id.0] == IMAGE
            && value.shape[2..].iter().all(|&n| n > 1)
            && self.names.contains(&value.name)
    }

    /// Whether a spatial value is worth offering: no half-way step of a longer activation.
    fn offered(&self, id: ValueId) -> bool {
        let Some(node) = self.graph.producer(id).filter(|_| self.is_spatial(id)) else {
            return false;
        };
        match &node.op {
            Op::Identity | Op::Reshape { .. } | Op::Transpose { .. } | Op::Softmax { .. } => false,
            Op::Remap { maps, .. } => maps[2..].iter().any(resizes),
            Op::Unary(_) | Op::Binary(_) => !self.is_half_way(id, node),
            _ => true,
        }
    }

    /// Whether everything that reads a value is a further step of the same activation.
    fn is_half_way(&self, id: ValueId, node: &Node) -> bool {
        let readers = self.readers[id.0].iter().map(|&index| &self.graph.nodes()[index].op);
        let (mut readers, shifted) =
            (readers.peekable(), node.inputs.len() == 1 || has_constant(node));
        let gate = |op: &Op| matches!(op, Op::Binary(Binary::Mul | Binary::Div));
        let step = |op: &Op| gate(op) || matches!(op, Op::Unary(_) | Op::Binary(_));
        let activation = matches!(node.op, Op::Binary(_));
        readers.peek().is_some()
            && (readers.clone().all(gate) || (activation && shifted && readers.all(step)))
    }

    /// Whether branches meet in a value, or in the one whose activation it is.
    fn is_join(&self, id: ValueId) -> bool {
        let Some(node) = self.graph.producer(id) else { return false };
        let images = node.inputs.iter().filter_map(Operand::value);
        let images =
            images.filter(|id| self.axes[id.0] == IMAGE && self.graph.value(*id).shape[2] > 1);
        match &node.op {
            Op::Concat { axis: 1 } | Op::Binary(Binary::Add) => images.count() > 1,
            Op::Unary(_) => node.inputs[0].value().is_some_and(|before| {
                let inner = self.graph.producer(before);
                self.readers[before.0].len() == 1
                    && inner.is_some_and(|n| matches!(n.op, Op::Binary(Binary::Add)))
                    && self.is_join(before)
            }),
            _ => false,
        }
    }

    fn axes_of(&self, node: &Node, operands: &[ValueId]) -> Vec<Axis> {
        let shape = &self.graph.value(node.output).shape;
        let Some(first) = operands.first() else { return vec![Axis::Other; shape.len()] };
        let axes = &self.axes[first.0];
        let from = &self.graph.value(*first).shape;
        match &node.op {
            Op::Transpose { perm } => perm.iter().map(|&axis| axes[axis]).collect(),
            Op::Reshape { shape } => reshaped(axes, from, shape),
            Op::Reduce { axes: gone, keep_dims: false, .. } => {
                let kept = axes.iter().enumerate().filter(|(axis, _)| !gone.contains(axis));
                kept.map(|(_, &axis)| axis).collect()
            }
            Op::Binary(_) => self.broadcast(operands, shape),
            Op::MatMul(_) => {
                let linear = node.inputs.get(1).is_some_and(|b| b.value().is_none());
                let mut axes = axes.clone();
                if let Some(last) = axes.last_mut() {
                    *last = if linear { Axis::Channel } else { Axis::Other };
                }
                axes.resize(shape.len(), Axis::Other);
                axes
            }
            _ => axes.clone(),
        }
    }

    /// Each axis counts what it counts in the operand that has its whole length.
    fn broadcast(&self, operands: &[ValueId], shape: &[usize]) -> Vec<Axis> {
        let rank = shape.len();
        let label = |axis: usize| {
            let mut found = operands.iter().filter_map(|id| {
                let own = (axis + self.axes[id.0].len()).checked_sub(rank)?;
                let whole = self.graph.value(*id).shape[own] == shape[axis];
                whole.then(|| self.axes[id.0][own])
            });
            found.find(|&label| label != Axis::Other).unwrap_or(Axis::Other)
        };
        (0..rank).map(label).collect()
    }
}

/// The class head: an output of one number per class.
pub(crate) fn head(
    graph: &Graph,
    output: ValueId,
    name: &str,
    names: &HashSet<String>,
) -> Option<Head> {
    let classes = match graph.value(output).shape[..] {
        [1, classes] | [1, classes, 1, 1] if classes > 1 => classes,
        _ => return None,
    };
    let mut id = output;
    let mut softmax = false;
    while let Some(node) = graph.producer(id) {
        match &node.op {
            Op::Softmax { .. } if !softmax => softmax = true,
            Op::Reshape { .. } | Op::Identity if softmax => {}
            _ if !softmax && matches!(node.op, Op::Reshape { .. } | Op::Identity) => {
                // A reshape after a softmax is looked through; one after scores is their name.
                let before = node.inputs[0].value()?;
                let inner = graph.producer(before);
                if !inner.is_some_and(|n| matches!(n.op, Op::Softmax { .. })) {
                    break;
                }
            }
            _ => break,
        }
        id = node.inputs[0].value()?;
    }
    let logits =
        if softmax { graph.value(id).name.clone() } else { graph.value(output).name.clone() };
    let fits = graph.value(id).shape.iter().product::<usize>() == classes;
    (fits && names.contains(&logits)).then(|| Head {
        logits,
        probabilities: softmax.then(|| name.to_owned()),
        classes,
    })
}

/// How much coarser an operator makes an image.
fn step(op: &Op, axes: &[Axis]) -> f64 {
    match op {
        Op::Conv(conv) => conv.spec.window.stride[0] as f64,
        Op::MaxPool(spec) | Op::AvgPool(spec) => spec.window.stride[0] as f64,
        Op::Remap { maps, .. } => match axes.iter().position(|&axis| axis == Axis::Row) {
            Some(row) if resizes(&maps[row]) => {
                maps[row].input() as f64 / maps[row].output() as f64
            }
            _ => 1.0,
        },
        _ => 1.0,
    }
}

/// Whether a map enlarges or thins out an axis, rather than cutting a piece from it or padding it.
fn resizes(map: &AxisMap) -> bool {
    let first = |i: usize| map.row(i).first().map(|tap| tap.source);
    let middle = map.output() / 2;
    map.input() != map.output()
        && middle > 0
        && match (first(middle - 1), first(middle)) {
            (Some(a), Some(b)) => b != a + 1,
            _ => false,
        }
}

fn has_constant(node: &Node) -> bool {
    node.inputs.iter().any(|operand| operand.value().is_none())
}

fn reshaped(axes: &[Axis], from: &[usize], to: &[usize]) -> Vec<Axis> {
    let mut result = vec![Axis::Other; to.len()];
    for (old, new) in shapes::groups(from, to).unwrap_or_default() {
        if let ([old], [new]) = (&old[..], &new[..]) {
            result[*new] = axes[*old];
            continue;
        }
        let mut long = old.iter().filter(|&&axis| from[axis] != 1).map(|&axis| axes[axis]);
        if let Some(label) = long.next()
            && long.all(|other| other == label)
            && label == Axis::Channel
        {
            new.iter().filter(|&&axis| to[axis] != 1).for_each(|&axis| result[axis] = label);
        }
    }
    result
}
