//! tract plans: the forward pass, and the single products that gradients are made of.

use std::sync::Arc;

use dream_graph::{EngineError, Graph, Network, Shape};
use dream_onnx::Model;
use tract_onnx::tract_core::prelude::*;

use crate::{engine::ENGINE, typed::typed_model};

/// tract's forward pass from the image to some values, at one image size.
pub struct Forward {
    plan: Plan,
    input: Shape,
}

/// A runnable tract model.
pub(crate) type Plan = Arc<TypedRunnableModel>;

impl Forward {
    /// Plans the part of `model` that `targets` need, for images of `height` × `width` pixels.
    ///
    /// # Errors
    /// A network that cannot be laid out at this size, or that tract cannot plan.
    pub fn new(
        model: &Model,
        height: usize,
        width: usize,
        targets: &[&str],
    ) -> Result<Self, EngineError> {
        let graph = model.graph(height, width, targets);
        Self::of(&graph.map_err(|error| node_error("the network", &error))?, targets)
    }

    /// Plans a graph that is laid out already.
    ///
    /// # Errors
    /// A network that tract cannot plan.
    pub fn of(graph: &Graph, targets: &[&str]) -> Result<Self, EngineError> {
        Self::plan(graph, typed_model(graph, targets))
    }

    /// Plans a graph as tract itself reads and runs it from an ONNX file: the yardstick of
    /// benchmarks and tests. In WebAssembly, whose size tract's operators would double, it is wired
    /// as [`of`](Self::of) does, with our faster normalisation.
    ///
    /// # Errors
    /// A network that tract cannot plan.
    pub fn stock(graph: &Graph, targets: &[&str]) -> Result<Self, EngineError> {
        #[cfg(target_family = "wasm")]
        let model = typed_model(graph, targets);
        #[cfg(not(target_family = "wasm"))]
        let model = {
            use prost::Message;
            use tract_onnx::prelude::*;
            // The stated output shapes must be kept: a target may be the image itself, and without
            // them tract would forget what the image looks like.
            let onnx = tract_onnx::onnx().with_ignore_output_shapes(false);
            let file = dream_onnx::protobuf(graph, targets).encode_to_vec();
            let model = onnx.model_for_read(&mut file.as_slice());
            model.and_then(|model| model.into_typed())
        };
        Self::plan(graph, model)
    }

    fn plan(graph: &Graph, model: TractResult<TypedModel>) -> Result<Self, EngineError> {
        let plan = model
            .and_then(|model| model.into_optimized())
            .and_then(|model| model.into_runnable())
            .map_err(|error| node_error("the forward pass", &format!("{error:#}")))?;
        Ok(Self { plan, input: graph.value(graph.input()).shape.clone() })
    }

    /// Runs the network on an image `[1, channels, height, width]` and returns the targets in order.
    ///
    /// # Errors
    /// What tract reports.
    pub fn run(&self, image: &[f32]) -> Result<Vec<Vec<f32>>, EngineError> {
        let values = self.values(image)?;
        values.iter().map(|value| slice(value).map(<[f32]>::to_vec)).collect()
    }

    /// Like [`run`](Self::run), without copying the targets.
    pub(crate) fn values(&self, image: &[f32]) -> Result<Vec<TValue>, EngineError> {
        let image = tensor(&self.input, image)?;
        Ok(run(&self.plan, tvec![image], "the forward pass")?.into_vec())
    }
}

/// Runs a plan.
pub(crate) fn run(
    plan: &Plan,
    inputs: TVec<Tensor>,
    node: &str,
) -> Result<TVec<TValue>, EngineError> {
    let inputs = inputs.into_iter().map(Tensor::into_tvalue).collect();
    plan.run(inputs).map_err(|error| node_error(node, &format!("{error:#}")))
}

/// Copies elements into a tract tensor.
pub(crate) fn tensor(shape: &[usize], data: &[f32]) -> Result<Tensor, EngineError> {
    Tensor::from_shape(shape, data).map_err(|error| node_error("a tensor", &error))
}

/// The elements of a tract tensor.
pub(crate) fn slice(value: &Tensor) -> Result<&[f32], EngineError> {
    let plain = value.try_as_plain_ram().and_then(|plain| plain.as_slice::<f32>());
    plain.map_err(|error| node_error("a tensor", &error))
}

/// An [`EngineError::Node`] of this engine.
pub(crate) fn node_error(node: &str, reason: &impl ToString) -> EngineError {
    EngineError::Node { engine: ENGINE, node: node.to_owned(), reason: reason.to_string() }
}
