//! Lays a network out at one image size: every node that the targets need becomes operators of a
//! [`Graph`], everything that does not depend on the image becomes constants.
//!
//! Shape arithmetic folds away, because all sizes are known. Files exported at a fixed size hold
//! shapes as plain numbers; those follow the image through the shapes that the file itself was
//! exported for (`reference`).

mod elementwise;
mod matmul;
mod normalise;
mod rearrange;
mod reduce;
mod resize;
mod window;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use dream_graph::{Constant, Graph, GraphError, Op, Operand, Shape, ValueId};
use tract_onnx::pb::NodeProto;

use crate::{
    error::{OnnxError, bad_node, unsupported},
    fold::{self, Budget},
    network::{Network, needed_flags},
    tensor::Tensor,
};

/// Constants and index maps that one layout may make.
const BUDGET: usize = 1 << 26;

/// A network laid out.
pub(crate) struct Layout {
    /// The operators.
    pub graph: Graph,
    /// What each tensor of the file became.
    pub entries: HashMap<String, Entry>,
}

/// Shapes of tensors, by name.
pub(crate) type Shapes = HashMap<String, Shape>;

/// What a tensor of the file became.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// It depends on the image.
    Value(ValueId),
    /// It does not; the flag tells whether it depends on the image's size.
    Constant(Tensor, bool),
    /// It cannot be computed at this size.
    Impossible(OnnxError),
}

/// Lays out what `targets` need of a network, for an input of `shape`. With `tolerant`, nodes that
/// do not fit this size become [`Entry::Impossible`] instead of an error.
///
/// # Errors
/// An unsupported operator, or a node that does not fit its operands.
pub(crate) fn lay_out(
    network: &Network,
    shape: Shape,
    targets: &[&str],
    reference: Option<&Shapes>,
    tolerant: bool,
) -> Result<Layout, OnnxError> {
    let graph = Graph::new(&network.input.name, shape);
    let input = (network.input.name.clone(), Entry::Value(graph.input()));
    let constants = network.constants.iter();
    let constants = constants.map(|(name, t)| (name.clone(), Entry::Constant(t.clone(), false)));
    let mut importer = Importer {
        entries: constants.chain([input]).collect(),
        graph,
        names: &network.names,
        opset: network.opset,
        batch: network.input.declared[0].unwrap_or(1),
        reference,
        budget: Budget::new(BUDGET),
    };
    let needed = needed_flags(&network.nodes, targets.iter().copied());
    for (node, _) in network.nodes.iter().zip(needed).filter(|(_, needed)| *needed) {
        match importer.node(node) {
            Ok(()) => {}
            Err(error) if tolerant && depends_on_size(node, &error) => {
                for output in &node.output {
                    importer.entries.insert(output.clone(), Entry::Impossible(error.clone()));
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Layout { graph: importer.graph, entries: importer.entries })
}

/// Whether a node may fit another image size.
fn depends_on_size(node: &NodeProto, error: &OnnxError) -> bool {
    match error {
        OnnxError::Graph(GraphError::TooSmall { .. }) => true,
        OnnxError::Unsupported { .. } => false,
        _ => matches!(
            node.op_type.as_str(),
            "Gemm" | "MatMul" | "Reshape" | "GatherND" | "Add" | "Expand" | "Range" | "Slice"
        ),
    }
}

struct Importer<'a> {
    graph: Graph,
    entries: HashMap<String, Entry>,
    names: &'a HashSet<String>,
    opset: i64,
    /// Pictures per batch that the file is written for; here it is always one.
    batch: usize,
    reference: Option<&'a Shapes>,
    budget: Budget,
}

impl Importer<'_> {
    fn node(&mut self, node: &NodeProto) -> Result<(), OnnxError> {
        let inputs = self.inputs(node)?;
        if let Some(Entry::Impossible(error)) =
            inputs.iter().flatten().find(|entry| matches!(entry, Entry::Impossible(_)))
        {
            let entry = Entry::Impossible(error.clone());
            for output in &node.output {
                self.entries.insert(output.clone(), entry.clone());
            }
            return Ok(());
        }
        let results = match self.fold(node, &inputs)? {
            Some(results) => results,
            None => Site { node, inputs, importer: self, steps: 0 }.import()?,
        };
        for (name, entry) in node.output.iter().zip(results) {
            self.entries.insert(name.clone(), entry);
        }
        Ok(())
    }

    fn inputs(&self, node: &NodeProto) -> Result<Vec<Option<Entry>>, OnnxError> {
        let one = |name: &String| match self.entries.get(name) {
            _ if name.is_empty() => Ok(None),
            Some(entry) => Ok(Some(entry.clone())),
            // Only an output that no operator here computes can be missing by now.
            None => Err(unsupported(
                node,
                &format!("on {name}, an output of an operator that is not computed here"),
            )),
        };
        node.input.iter().map(one).collect()
    }

    /// Evaluates a node that does not depend on the image's elements.
    fn fold(
        &mut self,
        node: &NodeProto,
        inputs: &[Option<Entry>],
    ) -> Result<Option<Vec<Entry>>, OnnxError> {
        if let (Some(Some(Entry::Value(id))), "Shape" | "Size") =
            (inputs.first(), node.op_type.as_str())
        {
            let shape = &self.graph.value(*id).shape;
            let tensor = match node.op_type.as_str() {
                "Shape" => fold::shape(node, shape)?,
                _ => Tensor::ints(vec![], [shape.iter().product::<usize>() as i64]),
            };
            return Ok(Some(vec![Entry::Constant(tensor, true)]));
        }
        let (mut operands, mut follows) = (Vec::with_capacity(inputs.len()), false);
        for input in inputs {
            operands.push(match input {
                None => None,
                Some(Entry::Constant(tensor, sized)) => {
                    follows |= sized;
                    Some(tensor)
                }
                Some(_) => return Ok(None),
            });
        }
        match fold::evaluate(node, &operands, &mut self.budget)? {
            Some(tensors) => {
                Ok(Some(tensors.into_iter().map(|t| Entry::Constant(t, follows)).collect()))
            }
            None => Err(unsupported(node, "on constants")),
        }
    }
}

/// One node at its place in the network.
struct Site<'s, 'a> {
    node: &'s NodeProto,
    inputs: Vec<Option<Entry>>,
    importer: &'s mut Importer<'a>,
    steps: usize,
}

impl Site<'_, '_> {
    fn import(&mut self) -> Result<Vec<Entry>, OnnxError> {
        if !self.node.domain.is_empty() {
            return Err(unsupported(self.node, ""));
        }
        let one = match self.node.op_type.as_str() {
            "Identity" | "Dropout" => self.value(0)?,
            "Cast" => self.cast()?,
            "Split" => return self.split(),
            op => match self.single(op)? {
                Some(id) => id,
                None => return Err(unsupported(self.node, "")),
            },
        };
        Ok(vec![Entry::Value(one)])
    }

    /// Operators with one output, family by family.
    fn single(&mut self, op: &str) -> Result<Option<ValueId>, OnnxError> {
        for family in [
            Self::window,
            Self::elementwise,
            Self::normalise,
            Self::rearrange,
            Self::matmul,
            Self::reduce,
            Self::resize,
        ] {
            if let Some(id) = family(self, op)? {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    fn error(&self, reason: impl Into<String>) -> OnnxError {
        bad_node(self.node, reason)
    }

    fn given(&self, index: usize) -> Option<&Entry> {
        self.inputs.get(index).and_then(Option::as_ref)
    }

    /// An operand that depends on the image.
    fn value(&self, index: usize) -> Result<ValueId, OnnxError> {
        match self.given(index) {
            Some(Entry::Value(id)) => Ok(*id),
            Some(_) => Err(unsupported(self.node, "on a constant in this place")),
            None => Err(self.error(format!("lacks operand {index}"))),
        }
    }

    /// Shape of an operand that depends on the image.
    fn shape(&self, id: ValueId) -> &[usize] {
        &self.importer.graph.value(id).shape
    }

    /// An operand that may be a constant.
    fn operand(&self, index: usize) -> Result<Operand, OnnxError> {
        match self.given(index) {
            Some(Entry::Value(id)) => Ok(Operand::Value(*id)),
            Some(Entry::Constant(tensor, _)) => Ok(constant(tensor)),
            _ => Err(self.error(format!("lacks operand {index}"))),
        }
    }

    /// A constant operand, if it is given.
    fn optional(&self, index: usize) -> Result<Option<&Tensor>, OnnxError> {
        match self.given(index) {
            None => Ok(None),
            Some(Entry::Constant(tensor, _)) => Ok(Some(tensor)),
            Some(_) => Err(unsupported(
                self.node,
                &format!("with an operand {index} that depends on the image"),
            )),
        }
    }

    fn tensor(&self, index: usize) -> Result<&Tensor, OnnxError> {
        self.optional(index)?.ok_or_else(|| self.error(format!("lacks operand {index}")))
    }

    fn floats(&self, index: usize) -> Result<Arc<[f32]>, OnnxError> {
        let floats = self.tensor(index)?.as_floats().cloned();
        floats.ok_or_else(|| self.error(format!("operand {index} holds no floats")))
    }

    fn ints(&self, index: usize) -> Result<Option<Vec<i64>>, OnnxError> {
        let Some(tensor) = self.optional(index)? else { return Ok(None) };
        match tensor.as_ints() {
            Some(ints) => Ok(Some(ints.to_vec())),
            None => Err(self.error(format!("operand {index} holds no integers"))),
        }
    }

    /// Whether a constant operand was worked out from the image's size.
    fn follows_size(&self, index: usize) -> bool {
        matches!(self.given(index), Some(Entry::Constant(_, true)))
    }

    /// The shape that the file's own image size gives a tensor of this node, if this layout is for
    /// another size: of operand 0 and of the output.
    fn exported_shapes(&self) -> Option<(&[usize], &[usize])> {
        let shapes = self.importer.reference?;
        Some((shapes.get(self.node.input.first()?)?, shapes.get(self.node.output.first()?)?))
    }

    /// Adds the operator that computes the node's output.
    fn emit(&mut self, op: Op, operands: Vec<Operand>) -> Result<ValueId, OnnxError> {
        self.push(self.node.output.first().cloned().unwrap_or_default(), op, operands)
    }

    /// Adds an operator on the way to the node's output, under a name that is not the file's.
    fn step(&mut self, op: Op, operands: Vec<Operand>) -> Result<Operand, OnnxError> {
        let output = self.node.output.first().map_or("", String::as_str);
        let name = loop {
            self.steps += 1;
            let name = format!("{output} ({})", self.steps);
            if !self.importer.names.contains(&name) {
                break name;
            }
        };
        self.push(name, op, operands).map(Operand::Value)
    }

    fn push(&mut self, name: String, op: Op, operands: Vec<Operand>) -> Result<ValueId, OnnxError> {
        if let Op::Remap { maps, .. } = &op {
            let positions = maps.iter().map(|map| map.output()).fold(0, usize::saturating_add);
            self.importer.budget.spend(self.node, Some(positions))?;
        }
        Ok(self.importer.graph.push(name, op, operands)?)
    }
}

/// A constant as an operand of the graph.
fn constant(tensor: &Tensor) -> Operand {
    Operand::Constant(Constant { shape: tensor.shape.clone(), data: tensor.to_floats() })
}

/// One number as an operand of the graph.
fn scalar(value: f32) -> Operand {
    Operand::Constant(Constant { shape: Vec::new(), data: [value].into() })
}
