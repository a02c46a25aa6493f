//! tract plans: the forward pass, and the single products that gradients are made of.

use std::sync::Arc;

use dream_graph::{EngineError, Graph, Shape};
use dream_onnx::{Model, protobuf};
use tract_onnx::{Onnx, prelude::*};

use crate::{engine::ENGINE, lrn};

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
        let resolved = model.resolve(height, width, targets);
        Self::of(&resolved.map_err(|error| node_error("the network", &error))?.graph, targets)
    }

    /// Plans a graph that is laid out already.
    ///
    /// # Errors
    /// A network that tract cannot plan.
    pub fn of(graph: &Graph, targets: &[&str]) -> Result<Self, EngineError> {
        Self::plan(lrn::register(tract_onnx::onnx()), graph, targets)
    }

    /// Plans a graph with nothing but tract's own operators: the yardstick of benchmarks.
    ///
    /// # Errors
    /// A network that tract cannot plan.
    pub fn stock(graph: &Graph, targets: &[&str]) -> Result<Self, EngineError> {
        Self::plan(tract_onnx::onnx(), graph, targets)
    }

    fn plan(onnx: Onnx, graph: &Graph, targets: &[&str]) -> Result<Self, EngineError> {
        let input = graph.value(graph.input()).shape.clone();
        // The stated output shapes must be kept: a target may be the image itself, and without
        // them tract would forget what the image looks like.
        let plan = onnx
            .with_ignore_output_shapes(false)
            .model_for_proto_model(&protobuf(graph, targets))
            .and_then(|model| model.into_optimized())
            .and_then(|model| model.into_runnable())
            .map_err(|error| node_error("the forward pass", &format!("{error:#}")))?;
        Ok(Self { plan, input })
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
