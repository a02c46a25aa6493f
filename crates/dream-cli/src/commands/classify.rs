//! `dream classify`: what the network sees in a picture.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use dream_engines::Classifier;

use crate::{
    console::{self, Console},
    model,
    options::{InputOptions, ModelOption},
    picture,
};

/// How many classes are told.
const TOP: usize = 5;

/// Name the five classes that a model sees in a picture
#[derive(Args, Debug)]
pub struct Arguments {
    /// The picture
    image: PathBuf,
    #[command(flatten)]
    model: ModelOption,
    #[command(flatten)]
    input: InputOptions,
}

/// Prints the most likely classes: probability, index and label.
///
/// # Errors
/// A picture or a model that cannot be used, or a model without a class head.
pub fn run(arguments: &Arguments, console: &Console) -> Result<()> {
    let mut notes = Vec::new();
    let picture = picture::read(&arguments.image, &mut notes)?;
    let loaded = model::load(arguments.model.path.as_deref())?;
    loaded.head()?;
    let model = arguments.input.apply(loaded.model);
    notes.iter().chain(model.notes()).for_each(|note| console.note(note));
    let classes = Classifier::new(&model)?.classify(&picture, TOP)?;
    let lines = classes.iter().map(|class| {
        format!("{:6.2} %  {:>4}  {}\n", 100.0 * class.probability, class.index, class.label)
    });
    console::print(&lines.collect::<String>())
}
