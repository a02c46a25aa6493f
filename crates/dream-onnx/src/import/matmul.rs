//! Matrix products.

use dream_graph::{MatMulSpec, Op, Operand, ValueId, broadcast};

use super::Site;
use crate::{attributes::Attributes, error::OnnxError};

impl Site<'_, '_> {
    pub(super) fn matmul(&mut self, op: &str) -> Result<Option<ValueId>, OnnxError> {
        let node = self.node;
        let spec = match op {
            "MatMul" => MatMulSpec { trans_a: false, trans_b: false, alpha: 1.0, beta: 1.0 },
            "Gemm" => MatMulSpec {
                trans_a: node.int("transA", 0) != 0,
                trans_b: node.int("transB", 0) != 0,
                alpha: node.float("alpha", 1.0),
                beta: node.float("beta", 1.0),
            },
            _ => return Ok(None),
        };
        let (a, b) = (self.operand(0)?, self.operand(1)?);
        let graph = &self.importer.graph;
        let (rows, columns) = (graph.shape(&a), graph.shape(&b));
        let mut operands = vec![a.clone(), b.clone()];
        if op == "Gemm" {
            let (&[a0, a1], &[b0, b1]) = (rows, columns) else {
                return Err(self.error(format!("{rows:?} and {columns:?} are not two matrices")));
            };
            let output = [if spec.trans_a { a1 } else { a0 }, if spec.trans_b { b0 } else { b1 }];
            if self.given(2).is_some() {
                let c = self.operand(2)?;
                if broadcast(&output, graph.shape(&c)).as_deref() != Ok(&output) {
                    return Err(self.error(format!("its summand does not fit {output:?}")));
                }
                operands.push(c);
            }
        }
        let sizes = |operand: &Operand| graph.shape(operand).to_vec();
        let (inner_a, inner_b) = (sizes(&a), sizes(&b));
        self.emit(Op::MatMul(spec), operands).map(Some).map_err(|error| match error {
            // The usual way for a class head to refuse another image size.
            OnnxError::Graph(_) if op == "Gemm" => self.error(format!(
                "it multiplies {inner_a:?} by {inner_b:?}, so the network's class head works only at the image size that it was made for"
            )),
            error => error,
        })
    }
}
