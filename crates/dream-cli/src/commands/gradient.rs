//! `dream gradient`: the gradient of one objective at one network input, for those who compare us
//! with another framework.

use std::path::PathBuf;

use ::dream::{DreamError, Gradient, Objective};
use anyhow::Result;
use clap::Args;
use dream_engines::{Chosen, Engines};
use dream_graph::GraphError;
use pollster::block_on;

use crate::{
    console::{self, Console},
    model::{self, Loaded},
    npy,
    options::{EngineOption, ModelOption},
};

/// Compute the gradient of an objective at a network input
///
/// The objective is ½Σa² over the layer's activation a, or with --channel the mean of one of its
/// channels, or with --class one logit.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelOption,
    /// The layer [default with --class: the model's logits]
    #[arg(long, value_name = "NAME", required_unless_present = "class")]
    layer: Option<String>,
    /// Raise the mean of this channel, counted from 0
    #[arg(long, value_name = "C", conflicts_with = "class")]
    channel: Option<usize>,
    /// Raise this logit, counted from 0
    #[arg(long, value_name = "K")]
    class: Option<usize>,
    /// Network input: .npy of float32 [1, 3, height, width] in the units that the network reads
    #[arg(long, value_name = "X.npy")]
    input: PathBuf,
    /// Where to save the gradient: .npy of float32, shaped as the input
    #[arg(long, value_name = "G.npy")]
    output: PathBuf,
    /// Where to save the layer's activation: .npy of float32
    #[arg(long, value_name = "A.npy")]
    activation: Option<PathBuf>,
    #[command(flatten)]
    engine: EngineOption,
}

/// Computes, saves, and prints the objective.
///
/// # Errors
/// A model, layer or file that cannot be used.
pub fn run(arguments: &Arguments, _: &Console) -> Result<()> {
    let (height, width, input) = npy::read_image(&arguments.input)?;
    let loaded = model::load(arguments.model.path.as_deref())?;
    let (layer, objective) = arguments.target(&loaded)?;
    let (mut engines, default_layer) = (Engines::default(), loaded.model.default_layer());
    let chosen = engines.choose(arguments.engine.choice, &loaded.model, default_layer);
    let Chosen { mut engine, .. } = block_on(chosen)?;
    let answer =
        ::dream::gradient(&loaded.model, &mut engine, &layer, objective, &input, height, width);
    let Gradient { activation: (shape, activation), gradient, objective } = block_on(answer)
        .map_err(|error| match error {
            DreamError::Network(GraphError::UnknownLayer(name)) => loaded.no_layer(&name),
            error => error.into(),
        })?;
    npy::write(&arguments.output, &[1, 3, height, width], &gradient)?;
    if let Some(path) = &arguments.activation {
        npy::write(path, &shape, &activation)?;
    }
    console::print(&format!("{layer} {shape:?}: objective {objective}\n"))
}

impl Arguments {
    /// The tensor and what of it to raise. Any tensor will do, also one that nobody dreams with.
    fn target(&self, loaded: &Loaded) -> Result<(String, Objective)> {
        let objective = match (self.channel, self.class) {
            (Some(channel), _) => Objective::ChannelMean(channel),
            (_, Some(class)) => Objective::Logit(class),
            _ => Objective::L2,
        };
        match &self.layer {
            Some(layer) => Ok((layer.clone(), objective)),
            None => Ok((loaded.head()?.logits.clone(), objective)),
        }
    }
}
