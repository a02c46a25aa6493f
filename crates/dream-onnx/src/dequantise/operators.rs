//! What each quantised operator stands for.

use tract_onnx::pb::NodeProto;

use super::{Rewriter, Units};
use crate::{
    attributes::Attributes,
    error::{OnnxError, bad_node, unsupported},
    quantiser,
    tensor::Tensor,
};

impl Rewriter {
    /// Appends what `node` becomes.
    pub(super) fn rewrite(&mut self, node: NodeProto) -> Result<(), OnnxError> {
        if node.output.is_empty() {
            return Err(bad_node(&node, "has no output"));
        }
        let microsoft = node.domain == "com.microsoft";
        match node.op_type.as_str() {
            "QuantizeLinear" => {
                check_first(&node)?;
                let units = self.units(&node, 1)?;
                self.limited(&node, units);
                Ok(())
            }
            "DequantizeLinear" => {
                check_first(&node)?;
                self.push_identity(node.input[0].clone(), node.output[0].clone());
                Ok(())
            }
            "DynamicQuantizeLinear" => self.dynamic(&node),
            "ConvInteger" => self.integer_product(&node, "Conv"),
            "MatMulInteger" => self.integer_product(&node, "MatMul"),
            "QLinearConv" => self.conv(&node),
            "QLinearMatMul" => self.binary(&node, "MatMul", 6, -1),
            "QLinearAdd" if microsoft => self.binary(&node, "Add", 6, -1),
            "QLinearMul" if microsoft => self.binary(&node, "Mul", 6, -1),
            "QGemm" if microsoft => self.gemm(&node),
            "QLinearConcat" if microsoft => self.concat(&node),
            "QLinearAveragePool" if microsoft => self.unary(&node, "AveragePool"),
            "QLinearGlobalAveragePool" if microsoft => self.unary(&node, "GlobalAveragePool"),
            "QLinearReduceMean" if microsoft => self.unary(&node, "ReduceMean"),
            "QLinearLeakyRelu" if microsoft => self.unary(&node, "LeakyRelu"),
            "QLinearSigmoid" if microsoft => self.unary(&node, "Sigmoid"),
            "QLinearSoftmax" if microsoft => self.unary(&node, "Softmax"),
            _ => self.keep(node),
        }
    }

    /// A float operator, or one that only moves elements, quantised or not.
    fn keep(&mut self, mut node: NodeProto) -> Result<(), OnnxError> {
        let units = node.input.first().and_then(|name| self.units.get(name)).cloned();
        if let Some(units) = units {
            // The value that a quantised tensor is padded with is quantised, too.
            if node.op_type == "Pad" && self.constant(&node, 2)?.is_some() {
                node.input[2] = self.operand(&node, 2, &units, 0)?;
            }
            self.units.insert(node.output[0].clone(), units);
        }
        self.note_sign(&node);
        self.push(node);
        Ok(())
    }

    /// DynamicQuantizeLinear: the tensor itself, with scale 1 and zero point 0.
    fn dynamic(&mut self, node: &NodeProto) -> Result<(), OnnxError> {
        check_first(node)?;
        let [output, scale, zero_point] = &node.output[..] else {
            return Err(bad_node(node, "has as many outputs as not three"));
        };
        let one = Tensor::floats(vec![], [1.0]);
        self.push_identity(node.input[0].clone(), output.clone());
        self.add_constant(scale.clone(), one.clone());
        self.add_constant(zero_point.clone(), Tensor::ints(vec![], [0]));
        self.units.insert(output.clone(), Units { scale: one, zero_point: None });
        Ok(())
    }

    /// ConvInteger and MatMulInteger: a product of integers, which the file scales afterwards. The
    /// left operand is carried in its own units here, so the weights are divided by its scale.
    fn integer_product(&mut self, node: &NodeProto, op: &str) -> Result<(), OnnxError> {
        check_first(node)?;
        let left = self.units.get(&node.input[0]).map(|units| units.scale.to_floats());
        let Some([left]) = left.as_deref() else {
            return Err(unsupported(node, "on an operand that no quantiser made"));
        };
        let weights = self.required(node, 1)?;
        let zero_point = self.constant(node, 3)?;
        let scale = Tensor::floats(vec![], [left.recip()]);
        let axis = if op == "Conv" { 0 } else { weights.shape.len() as i64 - 1 };
        let scale = match &zero_point {
            Some(zero) if zero.len() > 1 => {
                Tensor::floats(vec![zero.len()], vec![left.recip(); zero.len()])
            }
            _ => scale,
        };
        let weights = quantiser::dequantise(node, &weights, &scale, zero_point.as_ref(), axis, 0)?;
        let name = format!("{} of {}", node.input[1], node.output[0]);
        let weights = self.add_constant(name, weights);
        self.push(NodeProto {
            name: node.name.clone(),
            input: vec![node.input[0].clone(), weights],
            ..float(node, op)
        });
        Ok(())
    }

    /// QLinearConv: x and its units, w and its units, y's units, bias in units of x and w.
    fn conv(&mut self, node: &NodeProto) -> Result<(), OnnxError> {
        check_first(node)?;
        let (x, w, y) = (self.units(node, 1)?, self.units(node, 4)?, self.units(node, 6)?);
        self.required(node, 3)?;
        let mut input = vec![self.operand(node, 0, &x, 0)?, self.operand(node, 3, &w, 0)?];
        if let Some(bias) = self.bias(node, 8, &x, &w)? {
            input.push(bias);
        }
        self.emit(node, NodeProto { input, ..float(node, "Conv") }, y)
    }

    /// QGemm: the same for a matrix product, whose bias also holds `alpha`.
    fn gemm(&mut self, node: &NodeProto) -> Result<(), OnnxError> {
        check_first(node)?;
        let (a, b) = (self.units(node, 1)?, self.units(node, 4)?);
        let columns = if node.int("transB", 0) != 0 { 0 } else { 1 };
        let mut input = vec![self.operand(node, 0, &a, 0)?, self.operand(node, 3, &b, columns)?];
        let alpha = node.float("alpha", 1.0);
        let scaled = a.scale.to_floats().iter().map(|s| s * alpha).collect::<Vec<_>>();
        let a = Units { scale: Tensor::floats(a.scale.shape.clone(), scaled), ..a };
        if let Some(bias) = self.bias(node, 6, &a, &b)? {
            input.push(bias);
        }
        let gemm = NodeProto { input, ..float(node, "Gemm") };
        if self.constant(node, 7)?.is_some() {
            let y = self.units(node, 7)?;
            self.emit(node, gemm, y)
        } else {
            self.push(NodeProto { name: node.name.clone(), ..gemm });
            Ok(())
        }
    }

    /// A 32-bit bias in units of the product of `a` and `b`.
    fn bias(
        &mut self,
        node: &NodeProto,
        index: usize,
        a: &Units,
        b: &Units,
    ) -> Result<Option<String>, OnnxError> {
        let Some(bias) = self.constant(node, index)? else { return Ok(None) };
        let (a, b) = (a.scale.to_floats(), b.scale.to_floats());
        let [a] = a[..] else {
            return Err(unsupported(node, "with a scale per channel of images"));
        };
        let scale = Tensor::floats(vec![b.len()], b.iter().map(|b| a * b).collect::<Vec<_>>());
        let last = bias.shape.len() as i64 - 1;
        let bias = quantiser::dequantise(node, &bias, &scale, None, last, 0)?;
        Ok(Some(self.add_constant(format!("{} of {}", node.input[index], node.output[0]), bias)))
    }

    /// a and its units, b and its units, y's units from operand `y` on.
    fn binary(&mut self, node: &NodeProto, op: &str, y: usize, axis: i64) -> Result<(), OnnxError> {
        check_first(node)?;
        let (a, b, y) = (self.units(node, 1)?, self.units(node, 4)?, self.units(node, y)?);
        let input = vec![self.operand(node, 0, &a, axis)?, self.operand(node, 3, &b, axis)?];
        self.emit(node, NodeProto { input, ..float(node, op) }, y)
    }

    /// x and its units, y's units.
    fn unary(&mut self, node: &NodeProto, op: &str) -> Result<(), OnnxError> {
        check_first(node)?;
        if node.int("channels_last", 0) != 0 {
            return Err(unsupported(node, "with channels last"));
        }
        let (x, y) = (self.units(node, 1)?, self.units(node, 3)?);
        let input = vec![self.operand(node, 0, &x, 0)?];
        self.emit(node, NodeProto { input, ..float(node, op) }, y)
    }

    /// y's units, then every x with its units.
    fn concat(&mut self, node: &NodeProto) -> Result<(), OnnxError> {
        check_first(node)?;
        let y = self.units(node, 0)?;
        let mut input = Vec::new();
        for index in (2..node.input.len()).step_by(3) {
            let x = self.units(node, index + 1)?;
            input.push(self.operand(node, index, &x, 0)?);
        }
        self.emit(node, NodeProto { input, ..float(node, "Concat") }, y)
    }
}

fn check_first(node: &NodeProto) -> Result<(), OnnxError> {
    match node.input.first() {
        Some(name) if !name.is_empty() => Ok(()),
        _ => Err(bad_node(node, "lacks its first operand")),
    }
}

/// A float node with the attributes and outputs of a quantised one.
fn float(node: &NodeProto, op: &str) -> NodeProto {
    NodeProto {
        op_type: op.to_owned(),
        output: node.output.clone(),
        attribute: node.attribute.clone(),
        ..NodeProto::default()
    }
}
