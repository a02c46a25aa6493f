//! Matrix products through tract.

use dream_graph::{EngineError, MatMulSpec, Shape, Source};
use tract_onnx::tract_core::{ops::einsum::EinSum, prelude::*};

use crate::{
    elementwise::store,
    plan::{Plan, node_error, run, slice, tensor},
};

/// A planned product `alpha · op(a) · op(b)`; constant operands are packed once.
pub(crate) struct MatMul {
    plan: Plan,
    /// Shapes of the operands that vary, in order; `None` for constants.
    varying: [Option<Shape>; 2],
    alpha: f32,
}

impl MatMul {
    /// Plans the product for operands of these shapes.
    pub fn new(
        node: &str,
        spec: MatMulSpec,
        shapes: &[Shape; 2],
        reads: &[Source],
    ) -> Result<Self, EngineError> {
        let constant = |i: usize| match reads.get(i) {
            Some(Source::Constant(data)) => Some(data.as_ref()),
            _ => None,
        };
        let constants = [constant(0), constant(1)];
        let plan = plan(spec, shapes, constants)
            .map_err(|error| node_error(node, &format!("{error:#}")))?;
        let varying = [0, 1].map(|i| constants[i].is_none().then(|| shapes[i].clone()));
        Ok(Self { plan, varying, alpha: spec.alpha })
    }

    /// Adds the product to `out`, or replaces it.
    pub fn run(
        &self,
        node: &str,
        a: &[f32],
        b: &[f32],
        out: &mut [f32],
        accumulate: bool,
    ) -> Result<(), EngineError> {
        let mut inputs = tvec![];
        for (shape, data) in self.varying.iter().zip([a, b]) {
            if let Some(shape) = shape {
                inputs.push(tensor(shape, data)?);
            }
        }
        let product = run(&self.plan, inputs, node)?;
        store(out, accumulate, slice(&product[0])?.iter().map(|value| self.alpha * value));
        Ok(())
    }
}

fn plan(
    spec: MatMulSpec,
    shapes: &[Shape; 2],
    constants: [Option<&[f32]>; 2],
) -> TractResult<Plan> {
    let mut model = TypedModel::default();
    let mut operands = tvec![];
    for (name, (shape, constant)) in ["a", "b"].into_iter().zip(shapes.iter().zip(constants)) {
        operands.push(match constant {
            Some(data) => model.add_const(name, Tensor::from_shape(shape, data)?)?,
            None => model.add_source(name, f32::fact(shape))?,
        });
    }
    let axes = expression(spec, &shapes[0], &shapes[1]).parse()?;
    let output = model.wire_node("product", EinSum::new(axes, f32::datum_type()), &operands)?;
    model.select_output_outlets(&output)?;
    model.into_optimized()?.into_runnable()
}

/// The product of operands of shapes `a` and `b` in Einstein's notation: letters `a`, `b`, … for
/// batch axes, aligned at their ends.
pub(crate) fn expression(spec: MatMulSpec, a: &[usize], b: &[usize]) -> String {
    let batch = |shape: &[usize]| shape.len() - 2;
    let rank = batch(a).max(batch(b));
    let letters: String = ('a'..='j').take(rank).collect();
    let own = |shape: &[usize]| letters[rank - batch(shape)..].to_owned();
    let a = own(a) + if spec.trans_a { "km" } else { "mk" };
    let b = own(b) + if spec.trans_b { "nk" } else { "kn" };
    format!("{a},{b}->{letters}mn")
}
