//! A network at one image size: values with shapes, nodes in topological order.
//!
//! Exporters bake shape arithmetic into files, so the importer resolves everything at a size and
//! builds one graph per size; weights are shared, which makes that cheap.

use std::sync::Arc;

use crate::{op::Op, preprocessing::Preprocessing, shape};

/// Lengths of a tensor's axes, outermost first.
pub type Shape = Vec<usize>;

/// Index of a value in [`Graph::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(pub usize);

/// A tensor that depends on the image.
#[derive(Clone, Debug)]
pub struct Value {
    /// ONNX tensor name, unchanged from file to user.
    pub name: String,
    /// Its shape at this graph's image size.
    pub shape: Shape,
}

/// A tensor that does not depend on the image.
#[derive(Clone, Debug)]
pub struct Constant {
    /// Its shape.
    pub shape: Shape,
    /// Its elements, row-major.
    pub data: Arc<[f32]>,
}

/// What a node reads.
#[derive(Clone, Debug)]
pub enum Operand {
    /// The output of the input or of an earlier node.
    Value(ValueId),
    /// A constant of the network.
    Constant(Constant),
}

/// One operation. Its name is the name of its output.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it computes.
    pub op: Op,
    /// From what.
    pub inputs: Vec<Operand>,
    /// Where to.
    pub output: ValueId,
}

/// A network, or the part of one that some targets need, at one image size.
#[derive(Clone, Debug)]
pub struct Graph {
    nodes: Vec<Node>,
    values: Vec<Value>,
}

/// A network that can be laid out at any image size.
pub trait Network: Send + Sync {
    /// The part of the network that `targets` need, for images of `height` × `width` pixels.
    ///
    /// # Errors
    /// An unknown target, or a size that the network cannot take.
    fn graph(&self, height: usize, width: usize, targets: &[&str]) -> Result<Graph, GraphError>;

    /// How pixels become network input.
    fn preprocessing(&self) -> &Preprocessing;
}

/// Why a graph cannot be built or differentiated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// An operator does not fit the shapes of its operands.
    #[error("{op} node {node}: {reason}")]
    Shape {
        /// The node.
        node: String,
        /// Its operator.
        op: &'static str,
        /// What does not fit.
        reason: String,
    },
    /// An image too small for a window of the network.
    #[error("{op} node {node} cannot take an image this small ({height} × {width} reach it)")]
    TooSmall {
        /// The node.
        node: String,
        /// Its operator.
        op: &'static str,
        /// Rows that reach the node.
        height: usize,
        /// Columns that reach the node.
        width: usize,
    },
    /// A layer that the network does not have.
    #[error("the network has no layer {0}")]
    UnknownLayer(String),
    /// A layer that does not depend on the image.
    #[error("layer {0} does not depend on the image")]
    Unreachable(String),
    /// A layer that cannot be computed tile by tile.
    #[error("layer {0} needs the whole image at once, so it cannot be split into tiles")]
    Global(String),
    /// The importer's own error, in its words.
    #[error("{0}")]
    Import(String),
}

impl Graph {
    /// A graph that so far is only its input: an image `[1, channels, height, width]`.
    pub fn new(input: impl Into<String>, shape: Shape) -> Self {
        Self { nodes: Vec::new(), values: vec![Value { name: input.into(), shape }] }
    }

    /// Appends a node; its output shape follows from operator and operands.
    ///
    /// # Errors
    /// Operands that do not fit the operator.
    pub fn push(
        &mut self,
        name: impl Into<String>,
        op: Op,
        inputs: Vec<Operand>,
    ) -> Result<ValueId, GraphError> {
        let name = name.into();
        let shapes: Vec<&[usize]> = inputs.iter().map(|operand| self.shape(operand)).collect();
        let shape = shape::infer(&name, &op, &shapes)?;
        let output = ValueId(self.values.len());
        self.values.push(Value { name, shape });
        self.nodes.push(Node { op, inputs, output });
        Ok(output)
    }

    /// The image.
    pub fn input(&self) -> ValueId {
        ValueId(0)
    }

    /// Nodes in topological order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The input and every node's output.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// One value.
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.0]
    }

    /// The node that computes a value; `None` for the input.
    pub fn producer(&self, id: ValueId) -> Option<&Node> {
        id.0.checked_sub(1).map(|index| &self.nodes[index])
    }

    /// Finds a value by name.
    ///
    /// # Errors
    /// [`GraphError::UnknownLayer`].
    pub fn find(&self, name: &str) -> Result<ValueId, GraphError> {
        let found = self.values.iter().rposition(|value| value.name == name);
        found.map(ValueId).ok_or_else(|| GraphError::UnknownLayer(name.to_owned()))
    }

    /// Shape of an operand.
    pub fn shape<'a>(&'a self, operand: &'a Operand) -> &'a [usize] {
        match operand {
            Operand::Value(id) => &self.values[id.0].shape,
            Operand::Constant(constant) => &constant.shape,
        }
    }
}

impl Operand {
    /// The value, unless it is a constant.
    pub fn value(&self) -> Option<ValueId> {
        match self {
            Operand::Value(id) => Some(*id),
            Operand::Constant(_) => None,
        }
    }
}
