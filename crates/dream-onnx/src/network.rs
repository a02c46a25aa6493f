//! A decoded file, checked: one image input, nodes in topological order, constants by name.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap, HashSet},
};

use tract_onnx::pb::{
    GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, tensor_proto::DataType,
    tensor_shape_proto::dimension::Value as Dimension, type_proto::Value as Type,
};

use crate::{
    dequantise::dequantise,
    error::{OnnxError, node_name, op_name, unsupported},
    tensor::Tensor,
};

/// The newest operator set whose meaning has been checked.
pub(crate) const NEWEST_OPSET: i64 = 21;

/// A side of an image that a file declares beyond this is a broken or hostile file.
const MAX_SIDE: i64 = 1 << 15;

/// A network of float operators over constants, as the file has it: no size is resolved yet.
pub(crate) struct Network {
    /// Version of ONNX's own operators.
    pub opset: i64,
    /// The image.
    pub input: Input,
    /// What the outputs need, in topological order; quantised operators are replaced.
    pub nodes: Vec<NodeProto>,
    /// What does not depend on the image.
    pub constants: HashMap<String, Tensor>,
    /// Names of the outputs.
    pub outputs: Vec<String>,
    /// Names of every tensor of the file.
    pub names: HashSet<String>,
    /// Name of the graph.
    pub name: String,
    /// The file's notes about itself.
    pub metadata: BTreeMap<String, String>,
}

/// The image that a network reads.
pub(crate) struct Input {
    /// Name of the tensor.
    pub name: String,
    /// Its `[batch, channels, height, width]`, as far as the file fixes them.
    pub declared: [Option<usize>; 4],
}

impl Network {
    /// Checks a decoded model and makes it float.
    pub fn new(model: ModelProto) -> Result<Self, OnnxError> {
        let opset = opset(&model)?;
        let metadata = model.metadata_props.into_iter().map(|p| (p.key, p.value)).collect();
        let graph = model.graph.ok_or_else(|| OnnxError::Damaged("it holds no graph".into()))?;
        if let Some(sparse) = graph.sparse_initializer.first() {
            let tensor = sparse.values.as_ref().map(|v| v.name.clone()).unwrap_or_default();
            return Err(OnnxError::Tensor {
                tensor,
                reason: "sparse tensors are not supported".into(),
            });
        }
        let mut graph = graph;
        for node in &mut graph.node {
            check_domain(node)?;
        }
        let initialisers: HashMap<String, TensorProto> =
            graph.initializer.drain(..).map(|t| (t.name.clone(), t)).collect();
        let nodes = sort(&mut graph, &initialisers)?;
        let outputs: Vec<String> = graph.output.iter().map(|o| o.name.clone()).collect();
        let nodes = needed(nodes, &outputs);
        let input = image_input(&graph, &initialisers, &nodes)?;
        let names = nodes.iter().flat_map(|n| n.output.iter().chain(&n.input)).cloned().collect();
        let (nodes, constants) = dequantise(nodes, initialisers, &outputs)?;
        Ok(Self { opset, input, nodes, constants, outputs, names, name: graph.name, metadata })
    }
}

/// Keeps the nodes that `targets` depend on, in their order.
pub(crate) fn needed(nodes: Vec<NodeProto>, targets: &[String]) -> Vec<NodeProto> {
    let keep = needed_flags(&nodes, targets.iter().map(String::as_str));
    nodes.into_iter().zip(keep).filter_map(|(node, keep)| keep.then_some(node)).collect()
}

/// For nodes in topological order: whether `targets` depend on each.
pub(crate) fn needed_flags<'a>(
    nodes: &'a [NodeProto],
    targets: impl Iterator<Item = &'a str>,
) -> Vec<bool> {
    let mut wanted: HashSet<&str> = targets.collect();
    let mut keep = vec![false; nodes.len()];
    for (node, keep) in nodes.iter().zip(&mut keep).rev() {
        *keep = node.output.iter().any(|output| wanted.contains(output.as_str()));
        if *keep {
            wanted.extend(node.input.iter().map(String::as_str));
        }
    }
    keep
}

fn opset(model: &ModelProto) -> Result<i64, OnnxError> {
    let own = model.opset_import.iter().find(|set| matches!(set.domain.as_str(), "" | "ai.onnx"));
    match own.map(|set| set.version) {
        Some(version @ 7..=30) => Ok(version),
        Some(version) => Err(OnnxError::Version(version)),
        None => Err(OnnxError::Damaged("it does not name its ONNX operator set".into())),
    }
}

fn check_domain(node: &mut NodeProto) -> Result<(), OnnxError> {
    match node.domain.as_str() {
        "" | "com.microsoft" => Ok(()),
        "ai.onnx" => {
            node.domain.clear();
            Ok(())
        }
        _ => Err(unsupported(node, "(it belongs to no operator set that is known here)")),
    }
}

/// Topological order, as near to the file's as possible.
fn sort(
    graph: &mut GraphProto,
    initialisers: &HashMap<String, TensorProto>,
) -> Result<Vec<NodeProto>, OnnxError> {
    let nodes = std::mem::take(&mut graph.node);
    let mut producers = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        for output in node.output.iter().filter(|name| !name.is_empty()) {
            if producers.insert(output.as_str(), index).is_some() {
                return Err(OnnxError::Damaged(format!("tensor {output} is written twice")));
            }
        }
    }
    let inputs: HashSet<&str> = graph.input.iter().map(|input| input.name.as_str()).collect();
    let mut waiting = vec![0; nodes.len()];
    let mut readers: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        for input in node.input.iter().filter(|name| !name.is_empty()) {
            if let Some(&producer) = producers.get(input.as_str()) {
                waiting[index] += 1;
                readers.entry(producer).or_default().push(index);
            } else if !initialisers.contains_key(input) && !inputs.contains(input.as_str()) {
                return Err(OnnxError::MissingTensor {
                    node: node_name(node),
                    op: op_name(node),
                    tensor: input.clone(),
                });
            }
        }
    }
    for output in &graph.output {
        let name = output.name.as_str();
        let known = producers.contains_key(name) || inputs.contains(name);
        if !known && !initialisers.contains_key(name) {
            return Err(OnnxError::Damaged(format!("its output {name} is computed by no node")));
        }
    }
    let mut ready: BinaryHeap<_> =
        (0..nodes.len()).filter(|&index| waiting[index] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse(index)) = ready.pop() {
        order.push(index);
        for &reader in readers.get(&index).into_iter().flatten() {
            waiting[reader] -= 1;
            if waiting[reader] == 0 {
                ready.push(Reverse(reader));
            }
        }
    }
    if order.len() < nodes.len() {
        let node = in_cycle(&nodes, &producers, &waiting);
        return Err(OnnxError::Cycle { node: node_name(node), op: op_name(node) });
    }
    let mut nodes: Vec<Option<NodeProto>> = nodes.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|index| nodes[index].take()).collect())
}

/// A node on a cycle: one that is reached by always going back to an input that is not ready.
fn in_cycle<'a>(
    nodes: &'a [NodeProto],
    producers: &HashMap<&str, usize>,
    waiting: &[usize],
) -> &'a NodeProto {
    let mut index = waiting.iter().position(|&count| count > 0).unwrap_or(0);
    for _ in 0..nodes.len() {
        let mut before = nodes[index].input.iter().filter_map(|name| producers.get(name.as_str()));
        index = before.find(|&&producer| waiting[producer] > 0).copied().unwrap_or(index);
    }
    &nodes[index]
}

/// The one input that is an image.
fn image_input(
    graph: &GraphProto,
    initialisers: &HashMap<String, TensorProto>,
    nodes: &[NodeProto],
) -> Result<Input, OnnxError> {
    let read: HashSet<&str> =
        nodes.iter().flat_map(|node| &node.input).map(String::as_str).collect();
    let free = graph.input.iter().filter(|input| !initialisers.contains_key(&input.name));
    let used: Vec<&ValueInfoProto> = free.filter(|i| read.contains(i.name.as_str())).collect();
    match used[..] {
        [] => Err(OnnxError::Input("none of its outputs depends on an input".into())),
        [input] => image(input),
        _ => {
            let names: Vec<&str> = used.iter().map(|input| input.name.as_str()).collect();
            Err(OnnxError::Input(format!("it reads several tensors: {}", names.join(", "))))
        }
    }
}

fn image(input: &ValueInfoProto) -> Result<Input, OnnxError> {
    let name = &input.name;
    let error = |reason: String| Err(OnnxError::Input(format!("its input {name} {reason}")));
    let Some(Type::TensorType(tensor)) = input.r#type.as_ref().and_then(|t| t.value.as_ref())
    else {
        return error("has no tensor type".into());
    };
    match DataType::try_from(tensor.elem_type) {
        Ok(DataType::Float | DataType::Float16 | DataType::Double | DataType::Bfloat16) => {}
        Ok(other) => return error(format!("holds {}, not floats", other.as_str_name())),
        Err(_) => return error("holds elements of an unknown type".into()),
    }
    let Some(shape) = &tensor.shape else {
        return Ok(Input { name: name.clone(), declared: [None; 4] });
    };
    let declared: Vec<Option<i64>> = shape
        .dim
        .iter()
        .map(|dim| match dim.value {
            Some(Dimension::DimValue(value)) if value != 0 && value != -1 => Some(value),
            _ => None,
        })
        .collect();
    let [batch, channels, height, width] = declared[..] else {
        return error(format!(
            "has {} axes; an image has four: [batch, channels, height, width]",
            declared.len()
        ));
    };
    if width.is_some_and(|c| c == 3) && channels.is_none_or(|c| c > 4) {
        return error("has its channels last; export the network with channels first".into());
    }
    let mut sizes = [None; 4];
    for (size, declared) in sizes.iter_mut().zip([batch, channels, height, width]) {
        *size = match declared {
            None => None,
            Some(value @ 1..=MAX_SIDE) => Some(value as usize),
            Some(value) => return error(format!("declares an axis of {value}, which is absurd")),
        };
    }
    Ok(Input { name: name.clone(), declared: sizes })
}
