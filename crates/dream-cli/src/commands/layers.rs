//! `dream layers`: what a model offers to dream with.

use std::{fmt::Write, path::PathBuf};

use anyhow::Result;
use clap::Args;
use dream_protocol::ModelCard;

use crate::{
    console::{self, Console},
    model,
};

/// List the layers of a model that can be dreamt with
#[derive(Args, Debug)]
pub struct Arguments {
    /// ONNX file of the network [default: the built-in mini-inception]
    model: Option<PathBuf>,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// Prints the layers in the order of the network.
///
/// # Errors
/// A model that cannot be used.
pub fn run(arguments: &Arguments, console: &Console) -> Result<()> {
    let card = model::load(arguments.model.as_deref())?.card();
    card.notes.iter().for_each(|note| console.note(note));
    console::print(&if arguments.json {
        format!("{}\n", serde_json::to_string_pretty(&card)?)
    } else {
        table(&card)
    })
}

fn table(card: &ModelCard) -> String {
    let width = card.layers.iter().map(|layer| layer.name.chars().count()).max().unwrap_or(0);
    let mut text = format!("{:width$}  channels  stride\n", "layer");
    for layer in &card.layers {
        let default = if layer.name == card.default_layer { "  default" } else { "" };
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "{:width$}  {:>8}  {:>6}{default}",
            layer.name, layer.channels, layer.stride
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use dream_protocol::Layer;

    use super::*;

    #[test]
    fn the_table_is_aligned_and_marks_the_default() {
        let layer = |name: &str, channels, stride| Layer { name: name.into(), channels, stride };
        let card = ModelCard {
            name: "net".into(),
            sha256: String::new(),
            bytes: 9,
            layers: vec![layer("conv1", 64, 2), layer("mixed/output", 1024, 16)],
            default_layer: "mixed/output".into(),
            classifies: false,
            labels: vec![],
            notes: vec![],
        };
        assert_eq!(
            table(&card),
            "layer         channels  stride\n\
             conv1               64       2\n\
             mixed/output      1024      16  default\n"
        );
    }
}
