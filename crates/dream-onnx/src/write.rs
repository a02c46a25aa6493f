//! Writes a graph as a minimal ONNX model for tract: one canonical form, whatever file it came from.
//!
//! The same [`Graph`] is differentiated here and run forward there, so both always mean the same.

mod remap;

use std::collections::HashSet;

use dream_graph::{Binary, Constant, Graph, Op, Operand, Padding, Reduction, Unary, WindowSpec};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto,
    attribute_proto::AttributeType,
    tensor_proto::DataType,
    tensor_shape_proto::{Dimension, dimension::Value as Size},
    type_proto::{Tensor as TensorType, Value as Type},
};

/// The operator set of the models written here.
const OPSET: i64 = 17;

/// The model of `graph` with the named values as outputs, in that order.
pub fn protobuf(graph: &Graph, outputs: &[&str]) -> ModelProto {
    let mut writer = Writer {
        graph,
        taken: graph.values().iter().map(|value| value.name.as_str()).collect(),
        made: 0,
        nodes: Vec::new(),
        initializers: Vec::new(),
    };
    for node in graph.nodes() {
        let output = graph.value(node.output).name.clone();
        let inputs = node.inputs.iter().map(|operand| writer.operand(operand)).collect();
        let from = node.inputs.first().map(|operand| graph.shape(operand)).unwrap_or_default();
        writer.node(&node.op, inputs, from, output);
    }
    let image = graph.value(graph.input());
    let mut input = info(&image.name, &image.shape);
    if outputs.contains(&image.name.as_str()) {
        // tract forgets the shape of an input that is an output, too.
        input.name = writer.fresh();
        let copy = NodeProto {
            name: image.name.clone(),
            op_type: "Identity".into(),
            input: vec![input.name.clone()],
            output: vec![image.name.clone()],
            ..NodeProto::default()
        };
        writer.nodes.insert(0, copy);
    }
    let Writer { nodes, initializers, .. } = writer;
    let outputs = outputs.iter().map(|name| {
        let shape = graph.find(name).map(|id| graph.value(id).shape.as_slice());
        info(name, shape.unwrap_or_default())
    });
    ModelProto {
        ir_version: 8,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
        graph: Some(GraphProto {
            node: nodes,
            initializer: initializers,
            input: vec![input],
            output: outputs.collect(),
            ..GraphProto::default()
        }),
        ..ModelProto::default()
    }
}

struct Writer<'a> {
    graph: &'a Graph,
    taken: HashSet<&'a str>,
    made: usize,
    nodes: Vec<NodeProto>,
    initializers: Vec<TensorProto>,
}

impl Writer<'_> {
    /// A name that no value has.
    fn fresh(&mut self) -> String {
        loop {
            self.made += 1;
            let name = format!("_{}", self.made);
            if !self.taken.contains(name.as_str()) {
                return name;
            }
        }
    }

    fn operand(&mut self, operand: &Operand) -> String {
        match operand {
            Operand::Value(id) => self.graph.value(*id).name.clone(),
            Operand::Constant(Constant { shape, data }) => self.floats(shape, data),
        }
    }

    fn floats(&mut self, shape: &[usize], data: &[f32]) -> String {
        let raw = data.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.initializer(shape, DataType::Float, raw)
    }

    fn ints(&mut self, data: impl IntoIterator<Item = i64>) -> String {
        let data: Vec<i64> = data.into_iter().collect();
        let raw = data.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.initializer(&[data.len()], DataType::Int64, raw)
    }

    fn initializer(&mut self, shape: &[usize], kind: DataType, raw_data: Vec<u8>) -> String {
        let name = self.fresh();
        self.initializers.push(TensorProto {
            name: name.clone(),
            dims: shape.iter().map(|&n| n as i64).collect(),
            data_type: kind as i32,
            raw_data,
            ..TensorProto::default()
        });
        name
    }

    fn push(
        &mut self,
        op: &str,
        input: Vec<String>,
        output: String,
        attribute: Vec<AttributeProto>,
    ) {
        self.nodes.push(NodeProto {
            name: output.clone(),
            op_type: op.to_owned(),
            input,
            output: vec![output],
            attribute,
            ..NodeProto::default()
        });
    }

    /// A node on the way, under a fresh name, which is returned.
    fn step(&mut self, op: &str, input: Vec<String>, attribute: Vec<AttributeProto>) -> String {
        let name = self.fresh();
        self.push(op, input, name.clone(), attribute);
        name
    }

    fn node(&mut self, op: &Op, mut inputs: Vec<String>, from: &[usize], output: String) {
        match op {
            Op::Conv(conv) => {
                let spec = &conv.spec;
                let [kh, kw] = spec.window.kernel;
                let per_group = spec.in_channels / spec.groups.max(1);
                inputs.push(self.floats(&[spec.out_channels, per_group, kh, kw], &conv.weight));
                if let Some(bias) = &conv.bias {
                    inputs.push(self.floats(&[bias.len()], bias));
                }
                let mut attributes = window(&spec.window);
                attributes.push(int("group", spec.groups as i64));
                self.push("Conv", inputs, output, attributes);
            }
            Op::MaxPool(spec) => {
                let mut attributes = window(&spec.window);
                attributes.push(int("ceil_mode", spec.ceil_mode.into()));
                self.push("MaxPool", inputs, output, attributes);
            }
            Op::AvgPool(spec) => {
                let mut attributes = window(&spec.window);
                attributes.push(int("ceil_mode", spec.ceil_mode.into()));
                attributes.push(int("count_include_pad", spec.count_include_pad.into()));
                self.push("AveragePool", inputs, output, attributes);
            }
            Op::Lrn(spec) => {
                let attributes = vec![
                    int("size", spec.size as i64),
                    float("alpha", spec.alpha),
                    float("beta", spec.beta),
                    float("bias", spec.bias),
                ];
                self.push("LRN", inputs, output, attributes);
            }
            Op::Unary(unary) => self.unary(*unary, inputs, output),
            Op::Binary(binary) => {
                let op = match binary {
                    Binary::Add => "Add",
                    Binary::Sub => "Sub",
                    Binary::Mul => "Mul",
                    Binary::Div => "Div",
                    Binary::Max => "Max",
                    Binary::Min => "Min",
                };
                self.push(op, inputs, output, Vec::new());
            }
            Op::BatchNorm { scale, shift } => {
                let channels = scale.len();
                let mut shape = vec![1; from.len().saturating_sub(1)];
                shape[0] = channels;
                inputs.push(self.floats(&shape, scale));
                let scaled = self.step("Mul", inputs, Vec::new());
                let shift = self.floats(&shape, shift);
                self.push("Add", vec![scaled, shift], output, Vec::new());
            }
            Op::Concat { axis } => {
                self.push("Concat", inputs, output, vec![int("axis", *axis as i64)])
            }
            Op::Remap { maps, fill } => self.remap(maps, *fill, inputs.remove(0), output),
            Op::Transpose { perm } => {
                let perm = ints("perm", perm.iter().map(|&axis| axis as i64));
                self.push("Transpose", inputs, output, vec![perm]);
            }
            Op::Reshape { shape } => {
                inputs.push(self.ints(shape.iter().map(|&n| n as i64)));
                self.push("Reshape", inputs, output, Vec::new());
            }
            Op::MatMul(spec) => {
                let plain = !spec.trans_a && !spec.trans_b && spec.alpha == 1.0;
                if plain && inputs.len() == 2 {
                    self.push("MatMul", inputs, output, Vec::new());
                } else {
                    let attributes = vec![
                        int("transA", spec.trans_a.into()),
                        int("transB", spec.trans_b.into()),
                        float("alpha", spec.alpha),
                        float("beta", spec.beta),
                    ];
                    self.push("Gemm", inputs, output, attributes);
                }
            }
            Op::Reduce { kind, axes, keep_dims } => {
                let keep = int("keepdims", (*keep_dims).into());
                let list = axes.iter().map(|&axis| axis as i64);
                match kind {
                    Reduction::Sum => {
                        inputs.push(self.ints(list));
                        self.push("ReduceSum", inputs, output, vec![keep]);
                    }
                    Reduction::Mean => {
                        self.push("ReduceMean", inputs, output, vec![ints("axes", list), keep]);
                    }
                    Reduction::Max => {
                        self.push("ReduceMax", inputs, output, vec![ints("axes", list), keep]);
                    }
                }
            }
            Op::Softmax { axis } => {
                self.push("Softmax", inputs, output, vec![int("axis", *axis as i64)]);
            }
            Op::LayerNorm { axis, epsilon, scale, bias } => {
                let shape = &from[*axis..];
                inputs.push(self.floats(shape, scale));
                inputs.push(self.floats(shape, bias));
                let attributes = vec![int("axis", *axis as i64), float("epsilon", *epsilon)];
                self.push("LayerNormalization", inputs, output, attributes);
            }
            Op::Identity => self.push("Identity", inputs, output, Vec::new()),
        }
    }

    fn unary(&mut self, unary: Unary, mut inputs: Vec<String>, output: String) {
        let attributes = match unary {
            Unary::LeakyRelu { alpha } | Unary::Elu { alpha } => vec![float("alpha", alpha)],
            Unary::HardSigmoid { alpha, beta } => vec![float("alpha", alpha), float("beta", beta)],
            Unary::Selu { alpha, gamma } => vec![float("alpha", alpha), float("gamma", gamma)],
            Unary::Clip { min, max } => {
                inputs.push(self.floats(&[], &[min]));
                inputs.push(self.floats(&[], &[max]));
                Vec::new()
            }
            Unary::Pow { exponent } => {
                inputs.push(self.floats(&[], &[exponent]));
                Vec::new()
            }
            Unary::GeluTanh => {
                let approximate = AttributeProto {
                    name: "approximate".into(),
                    r#type: AttributeType::String as i32,
                    s: b"tanh".to_vec(),
                    ..AttributeProto::default()
                };
                return self.push("Gelu", inputs, output, vec![approximate]);
            }
            Unary::Silu => {
                let gate = self.step("Sigmoid", inputs.clone(), Vec::new());
                inputs.push(gate);
                return self.push("Mul", inputs, output, Vec::new());
            }
            _ => Vec::new(),
        };
        self.push(unary.name(), inputs, output, attributes);
    }
}

fn window(spec: &WindowSpec) -> Vec<AttributeProto> {
    let pair = |name, [a, b]: [usize; 2]| ints(name, [a as i64, b as i64]);
    let padding = match spec.padding {
        Padding::Explicit { before, after } => {
            ints("pads", [before, after].concat().into_iter().map(|n| n as i64))
        }
        Padding::SameUpper => text("auto_pad", "SAME_UPPER"),
        Padding::SameLower => text("auto_pad", "SAME_LOWER"),
    };
    vec![
        pair("kernel_shape", spec.kernel),
        pair("strides", spec.stride),
        pair("dilations", spec.dilation),
        padding,
    ]
}

fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: name.to_owned(), r#type: kind as i32, ..AttributeProto::default() }
}

fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { i, ..attribute(name, AttributeType::Int) }
}

fn float(name: &str, f: f32) -> AttributeProto {
    AttributeProto { f, ..attribute(name, AttributeType::Float) }
}

fn ints(name: &str, list: impl IntoIterator<Item = i64>) -> AttributeProto {
    AttributeProto { ints: list.into_iter().collect(), ..attribute(name, AttributeType::Ints) }
}

fn text(name: &str, text: &str) -> AttributeProto {
    AttributeProto { s: text.as_bytes().to_vec(), ..attribute(name, AttributeType::String) }
}

fn info(name: &str, shape: &[usize]) -> ValueInfoProto {
    let dim = shape
        .iter()
        .map(|&n| Dimension { value: Some(Size::DimValue(n as i64)), ..Dimension::default() });
    let shape = TensorShapeProto { dim: dim.collect() };
    let tensor = TensorType { elem_type: DataType::Float as i32, shape: Some(shape) };
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto { value: Some(Type::TensorType(tensor)), ..TypeProto::default() }),
        ..ValueInfoProto::default()
    }
}
