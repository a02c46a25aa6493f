//! `dream teach`: a concept from the user's own pictures.

use std::{fs, path::PathBuf};

use ::dream::{DreamError, Taught};
use anyhow::{Context, Result};
use clap::Args;
use dream_engines::Engines;
use dream_graph::GraphError;
use dream_protocol::{Concept, Picture};
use pollster::block_on;

use crate::{
    console::{self, Console},
    model,
    options::{EngineOption, ModelOption},
    picture,
};

/// Teach the network a concept by a few pictures, to dream with
///
/// The concept is the direction in which the pictures of it differ from the others in a layer's
/// mean activation: 5 to 20 pictures of each are enough. `dream dream --direction FILE` dreams it.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Pictures of the concept
    #[arg(required = true, value_name = "PICTURE")]
    concept: Vec<PathBuf>,
    /// Pictures of anything else
    #[arg(long, required = true, num_args = 1.., value_name = "PICTURE")]
    against: Vec<PathBuf>,
    /// Where to save the concept
    #[arg(short, long, value_name = "FILE.json")]
    output: PathBuf,
    /// The layer that learns it [default: the model's default layer]
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    #[command(flatten)]
    model: ModelOption,
    #[command(flatten)]
    engine: EngineOption,
}

/// Teaches, saves, and prints how well the pictures are told apart.
///
/// # Errors
/// A model, layer or picture that cannot be used.
pub fn run(arguments: &Arguments, console: &Console) -> Result<()> {
    let mut notes = Vec::new();
    let mut read = |paths: &[PathBuf]| -> Result<Vec<Picture>> {
        paths.iter().map(|path| picture::read(path, &mut notes)).collect()
    };
    let (concept, against) = (read(&arguments.concept)?, read(&arguments.against)?);
    let loaded = model::load(arguments.model.path.as_deref())?;
    notes.iter().chain(loaded.model.notes()).for_each(|note| console.note(note));
    let default = loaded.model.default_layer();
    let layer = arguments.layer.as_deref().unwrap_or(default);
    loaded.layer(layer)?;
    let mut engines = Engines::default();
    let chosen = engines.choose(arguments.engine.choice, &loaded.model, default);
    let mut engine = block_on(chosen)?.engine;
    let taught = ::dream::teach(&loaded.model, &mut engine, layer, &concept, &against);
    let taught = block_on(taught).map_err(|error| match error {
        DreamError::Network(GraphError::UnknownLayer(name)) => loaded.no_layer(&name),
        error => error.into(),
    })?;
    let right = taught.told_apart();
    let Taught { direction, .. } = taught;
    let file = Concept { model: loaded.name.clone(), layer: layer.to_owned(), direction };
    let path = arguments.output.display();
    fs::write(&arguments.output, serde_json::to_string(&file)?)
        .with_context(|| format!("cannot write {path}"))?;
    let all = concept.len() + against.len();
    console::print(&format!("{layer} tells {right} of {all} pictures apart; saved to {path}\n"))
}
