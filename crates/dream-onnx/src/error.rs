//! Why a file cannot be used: always with the node, operator or tensor that is to blame.

use dream_graph::GraphError;
use tract_onnx::pb::NodeProto;

/// What is wrong with an ONNX file, or with what was asked of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OnnxError {
    /// The bytes are something else.
    #[error("this is not an ONNX file: {0}")]
    NotOnnx(String),
    /// The bytes begin as ONNX but do not hold together.
    #[error("the ONNX file is damaged or cut short: {0}")]
    Damaged(String),
    /// Operators of a version that means something else.
    #[error("the file uses ONNX operator set {0}; convert it to one from 7 to 21")]
    Version(i64),
    /// A node reads a tensor that no node, initialiser or input provides.
    #[error("node {node} ({op}) reads tensor {tensor}, which nothing in the file provides")]
    MissingTensor {
        /// The node.
        node: String,
        /// Its operator.
        op: String,
        /// The tensor.
        tensor: String,
    },
    /// A node depends on itself.
    #[error("node {node} ({op}) depends on its own output")]
    Cycle {
        /// The node.
        node: String,
        /// Its operator.
        op: String,
    },
    /// A constant of the file is unusable.
    #[error("tensor {tensor}: {reason}")]
    Tensor {
        /// The tensor.
        tensor: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A constant lies in another file that is absent or too short.
    #[error("tensor {tensor} lies in the data file {location}: {reason}")]
    External {
        /// The tensor.
        tensor: String,
        /// The file, relative to the model.
        location: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The network does not read one colour image.
    #[error("the network does not read a colour image: {0}")]
    Input(String),
    /// An operator, or a form of one, that this importer does not know.
    #[error("node {node}: operator {op} is not supported{reason}")]
    Unsupported {
        /// The node.
        node: String,
        /// Its operator.
        op: String,
        /// Which form of the operator, empty if all.
        reason: String,
    },
    /// A node whose attributes or operands do not fit its operator.
    #[error("node {node} ({op}): {reason}")]
    Node {
        /// The node.
        node: String,
        /// Its operator.
        op: String,
        /// What does not fit.
        reason: String,
    },
    /// Shapes that do not fit, or an image too small.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A tensor was asked for that the network does not have.
    #[error("the network has no layer {0}")]
    UnknownLayer(String),
    /// Nothing in the network can be dreamed with.
    #[error("the network has no spatial layer to dream with")]
    NoLayers,
}

/// Name of a node for messages: its own, else that of its first output.
pub(crate) fn node_name(node: &NodeProto) -> String {
    let output = || node.output.iter().find(|name| !name.is_empty()).cloned().unwrap_or_default();
    if node.name.is_empty() { output() } else { node.name.clone() }
}

/// An error about a node's attributes or operands.
pub(crate) fn bad_node(node: &NodeProto, reason: impl Into<String>) -> OnnxError {
    OnnxError::Node { node: node_name(node), op: op_name(node), reason: reason.into() }
}

/// An error about an operator, or a form of it, that is not supported.
pub(crate) fn unsupported(node: &NodeProto, reason: &str) -> OnnxError {
    let reason = if reason.is_empty() { String::new() } else { format!(" {reason}") };
    OnnxError::Unsupported { node: node_name(node), op: op_name(node), reason }
}

/// The operator with its domain, if that is not ONNX's own.
pub(crate) fn op_name(node: &NodeProto) -> String {
    if node.domain.is_empty() {
        node.op_type.clone()
    } else {
        format!("{}.{}", node.domain, node.op_type)
    }
}
