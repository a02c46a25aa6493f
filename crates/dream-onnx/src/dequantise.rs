//! Makes a network float: constants are folded, quantised operators become the operators that they
//! stand for, tensor names stay as they are.
//!
//! A quantised tensor is carried as the number it stands for, `(q − zero_point) × scale`, so
//! quantisers between operators do nothing and gradients pass through them. What they must keep is
//! an activation that the quantiser's range made superfluous: tools drop a Relu before a quantiser
//! whose smallest number is 0, so such a quantiser becomes a Relu again ([`Rewriter::limited`]).

mod operators;

use std::collections::{HashMap, HashSet};

use tract_onnx::pb::{AttributeProto, NodeProto, TensorProto, attribute_proto::AttributeType};

use crate::{
    error::{OnnxError, bad_node},
    fold::{self, Budget},
    network::needed,
    quantiser,
    tensor::{Data, Tensor, decode},
};

/// Elements of constants that may be made beyond what the file holds.
const SPARE_ELEMENTS: usize = 1 << 24;

/// Replaces quantised operators and folds constants. Nodes must be in topological order.
///
/// # Errors
/// A constant that cannot be decoded, or a quantised operator of a form that is not supported.
pub(crate) fn dequantise(
    nodes: Vec<NodeProto>,
    initialisers: HashMap<String, TensorProto>,
    outputs: &[String],
) -> Result<(Vec<NodeProto>, HashMap<String, Tensor>), OnnxError> {
    let held = initialisers.values().map(held_elements).fold(0, usize::saturating_add);
    let mut rewriter = Rewriter {
        constants: Constants { encoded: initialisers, decoded: HashMap::new() },
        single_reader: single_readers(&nodes, outputs),
        units: HashMap::new(),
        never_negative: HashSet::new(),
        producers: HashMap::new(),
        nodes: Vec::new(),
        limits: Vec::new(),
    };
    let mut budget = Budget::new(held.saturating_mul(4).saturating_add(SPARE_ELEMENTS));
    for node in nodes {
        if !rewriter.fold(&node, &mut budget)? {
            rewriter.rewrite(node)?;
        }
    }
    rewriter.restore_six();
    let Rewriter { mut constants, nodes, .. } = rewriter;
    let nodes = needed(nodes, outputs);
    let mut kept = HashMap::new();
    for name in nodes.iter().flat_map(|node| &node.input).chain(outputs) {
        if !kept.contains_key(name)
            && let Some(tensor) = constants.get(name)?
        {
            kept.insert(name.clone(), tensor);
        }
    }
    Ok((nodes, kept))
}

/// Constants by name; those of the file are decoded when first read.
struct Constants {
    encoded: HashMap<String, TensorProto>,
    decoded: HashMap<String, Tensor>,
}

impl Constants {
    fn contains(&self, name: &str) -> bool {
        self.decoded.contains_key(name) || self.encoded.contains_key(name)
    }

    fn get(&mut self, name: &str) -> Result<Option<Tensor>, OnnxError> {
        if let Some(tensor) = self.decoded.get(name) {
            return Ok(Some(tensor.clone()));
        }
        let Some(proto) = self.encoded.get(name) else { return Ok(None) };
        let tensor = decode(proto)?;
        // Integers take eight times their bytes here, and most are read once: decode them anew.
        if let Data::Floats(_) = tensor.data {
            self.encoded.remove(name);
            self.decoded.insert(name.to_owned(), tensor.clone());
        }
        Ok(Some(tensor))
    }
}

/// What a quantised tensor's integers stand for.
#[derive(Clone)]
struct Units {
    scale: Tensor,
    zero_point: Option<Tensor>,
}

struct Rewriter {
    constants: Constants,
    /// Tensors that exactly one node reads and that are no output.
    single_reader: HashSet<String>,
    /// Quantised tensors that depend on the image.
    units: HashMap<String, Units>,
    /// Tensors whose elements cannot be negative.
    never_negative: HashSet<String>,
    /// Places in `nodes` by output.
    producers: HashMap<String, usize>,
    nodes: Vec<NodeProto>,
    /// Places of the Relus that quantisers stand for, and the largest number that each lets pass.
    limits: Vec<(usize, f32)>,
}

impl Rewriter {
    /// Evaluates a node whose operands are all constants; whether it was one.
    fn fold(&mut self, node: &NodeProto, budget: &mut Budget) -> Result<bool, OnnxError> {
        let named = || node.input.iter().filter(|name| !name.is_empty());
        if !named().all(|name| self.constants.contains(name))
            || (named().next().is_none() && node.op_type != "Constant")
            || !matches!(node.domain.as_str(), "" | "com.microsoft")
        {
            return Ok(false);
        }
        let mut operands = Vec::with_capacity(node.input.len());
        for name in &node.input {
            operands.push(if name.is_empty() { None } else { self.constants.get(name)? });
        }
        let borrowed: Vec<Option<&Tensor>> = operands.iter().map(Option::as_ref).collect();
        let Some(results) = fold::evaluate(node, &borrowed, budget)? else {
            return Ok(false);
        };
        for (name, tensor) in node.output.iter().zip(results) {
            self.constants.decoded.insert(name.clone(), tensor);
        }
        Ok(true)
    }

    /// The constant of a name.
    fn constant(&mut self, node: &NodeProto, index: usize) -> Result<Option<Tensor>, OnnxError> {
        match node.input.get(index) {
            Some(name) if !name.is_empty() => self.constants.get(name),
            _ => Ok(None),
        }
    }

    /// The constant that an operand must be.
    fn required(&mut self, node: &NodeProto, index: usize) -> Result<Tensor, OnnxError> {
        let found = self.constant(node, index)?;
        found.ok_or_else(|| bad_node(node, format!("operand {index} must be a constant")))
    }

    /// Units from operands `index` (scale) and `index + 1` (zero point).
    fn units(&mut self, node: &NodeProto, index: usize) -> Result<Units, OnnxError> {
        let scale = self.required(node, index)?;
        if scale.len() == 0 {
            return Err(bad_node(node, "has an empty scale"));
        }
        Ok(Units { scale, zero_point: self.constant(node, index + 1)? })
    }

    /// Adds a new constant and returns its name.
    fn add_constant(&mut self, name: String, tensor: Tensor) -> String {
        self.constants.decoded.insert(name.clone(), tensor);
        name
    }

    /// An operand as a float tensor: constants are dequantised under a new name, anything else
    /// already is float. `axis` is where a scale per channel applies.
    fn operand(
        &mut self,
        node: &NodeProto,
        index: usize,
        units: &Units,
        axis: i64,
    ) -> Result<String, OnnxError> {
        let name = node.input.get(index).cloned().unwrap_or_default();
        match self.constant(node, index)? {
            None => Ok(name),
            Some(tensor) => {
                let zero_point = units.zero_point.as_ref();
                let tensor =
                    quantiser::dequantise(node, &tensor, &units.scale, zero_point, axis, 0)?;
                Ok(self.add_constant(format!("{name} of {}", node.output[0]), tensor))
            }
        }
    }

    /// Appends a node that computes what the quantised `node` computed, and then is limited to the
    /// range that `units` can express.
    fn emit(
        &mut self,
        node: &NodeProto,
        mut float: NodeProto,
        units: Units,
    ) -> Result<(), OnnxError> {
        let output = node.output.first().cloned().unwrap_or_default();
        float.name = node.name.clone();
        self.note_sign(&float);
        let known = self.never_negative.contains(&output);
        if !known && starts_at_zero(&units) {
            let inner = format!("{output} before its limit");
            float.output = vec![inner.clone()];
            self.push(float);
            self.push_relu(inner, output.clone(), &units);
        } else {
            self.push(float);
        }
        self.units.insert(output, units);
        Ok(())
    }

    /// QuantizeLinear of a tensor that depends on the image: nothing, or the Relu that its range
    /// stands for. That Relu also takes the name of the tensor before, if only this reads it.
    fn limited(&mut self, node: &NodeProto, units: Units) {
        let (input, output) = (node.input[0].clone(), node.output[0].clone());
        if self.never_negative.contains(&input) || !starts_at_zero(&units) {
            self.push_identity(input, output.clone());
        } else {
            let producer = self.producers.get(&input).copied();
            match producer.filter(|_| self.single_reader.contains(&input)) {
                Some(producer) => {
                    let inner = format!("{input} before its limit");
                    let outputs = self.nodes[producer].output.iter_mut();
                    outputs.filter(|name| **name == input).for_each(|name| name.clone_from(&inner));
                    self.push_relu(inner, input.clone(), &units);
                    self.push_identity(input, output.clone());
                }
                None => self.push_relu(input, output.clone(), &units),
            }
        }
        self.units.insert(output, units);
    }

    fn push(&mut self, node: NodeProto) {
        let place = self.nodes.len();
        self.producers.extend(node.output.iter().map(|name| (name.clone(), place)));
        self.nodes.push(node);
    }

    fn push_relu(&mut self, input: String, output: String, units: &Units) {
        self.never_negative.insert(output.clone());
        self.limits.push((self.nodes.len(), largest(units)));
        self.push(NodeProto {
            op_type: "Relu".into(),
            input: vec![input],
            output: vec![output],
            ..NodeProto::default()
        });
    }

    fn push_identity(&mut self, input: String, output: String) {
        let node = NodeProto {
            op_type: "Identity".into(),
            input: vec![input],
            output: vec![output],
            ..NodeProto::default()
        };
        self.note_sign(&node);
        self.push(node);
    }

    /// Where the quantisers' ranges show that the activations were limited to 6 (MobileNet's
    /// ReLU6), limits them again.
    fn restore_six(&mut self) {
        let largest = self.limits.iter().fold(0.0f32, |largest, (_, limit)| largest.max(*limit));
        if !(5.9..6.01).contains(&largest) {
            return;
        }
        for (place, _) in &self.limits {
            let limit = |name: &str, f: f32| AttributeProto {
                name: name.into(),
                f,
                r#type: AttributeType::Float as i32,
                ..AttributeProto::default()
            };
            let node = &mut self.nodes[*place];
            node.op_type = "Clip".into();
            node.attribute = vec![limit("min", 0.0), limit("max", 6.0)];
        }
    }

    /// Remembers whether a node's output can be negative.
    fn note_sign(&mut self, node: &NodeProto) {
        let mut inputs = node.input.iter().filter(|name| !name.is_empty());
        let never = match node.op_type.as_str() {
            "Relu" | "Sigmoid" | "HardSigmoid" | "Softmax" | "Exp" | "Abs" => true,
            "MaxPool" | "AveragePool" | "GlobalAveragePool" | "GlobalMaxPool" | "Concat"
            | "Identity" | "Dropout" | "LRN" | "Flatten" | "Transpose" | "Add" | "Mul" => {
                inputs.all(|name| self.never_negative.contains(name))
            }
            "Reshape" | "Squeeze" | "Unsqueeze" | "Slice" | "Split" | "ReduceMean" => {
                inputs.next().is_some_and(|name| self.never_negative.contains(name))
            }
            _ => false,
        };
        if never {
            self.never_negative.extend(node.output.iter().cloned());
        }
    }
}

/// Whether the smallest number that a quantised tensor can hold is 0.
fn starts_at_zero(units: &Units) -> bool {
    let Some(Tensor { data: Data::Ints(zero, kind), .. }) = &units.zero_point else { return false };
    let lowest = quantiser::range(*kind).map(|(lowest, _)| lowest);
    lowest.is_some_and(|lowest| zero.iter().all(|&zero| zero == lowest))
}

/// The largest number that a quantised tensor can hold.
fn largest(units: &Units) -> f32 {
    let Some(Tensor { data: Data::Ints(zero, kind), .. }) = &units.zero_point else {
        return f32::INFINITY;
    };
    let top = quantiser::range(*kind).map_or(i64::MAX, |(_, top)| top);
    let zero = zero.first().copied().unwrap_or(0);
    units.scale.to_floats().iter().fold(0.0, |m: f32, s| m.max(s * (top - zero) as f32))
}

fn single_readers(nodes: &[NodeProto], outputs: &[String]) -> HashSet<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for name in nodes.iter().flat_map(|node| &node.input).chain(outputs) {
        *counts.entry(name).or_default() += 1;
    }
    let outputs: HashSet<&String> = outputs.iter().collect();
    let single = |name: &&String| counts.get(name.as_str()) == Some(&1) && !outputs.contains(name);
    nodes.iter().flat_map(|node| &node.output).filter(single).cloned().collect()
}

/// Elements that a tensor really holds, whatever its shape claims.
fn held_elements(tensor: &TensorProto) -> usize {
    tensor.raw_data.len()
        + tensor.float_data.len()
        + tensor.int32_data.len()
        + tensor.int64_data.len()
        + tensor.double_data.len()
        + tensor.uint64_data.len()
}
