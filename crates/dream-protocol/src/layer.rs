//! What a model offers to dream with.

use serde::{Deserialize, Serialize};

/// A spatial tensor of the network that a user may choose to raise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// ONNX tensor name, unchanged from the file.
    pub name: String,
    /// Number of channels.
    pub channels: u32,
    /// Input pixels per layer pixel along one side.
    pub stride: u32,
}

/// A loaded model as the page and the command line show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelCard {
    /// File name without its ending, or the embedded model's name.
    pub name: String,
    /// SHA-256 of its files, in hexadecimal.
    pub sha256: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Layers in the order of the network, shallow to deep.
    pub layers: Vec<Layer>,
    /// Name of the layer to dream with unless another is chosen.
    pub default_layer: String,
    /// Whether the network ends in a class head.
    pub classifies: bool,
    /// Names of its classes in their order; empty if the file has none.
    #[serde(default)]
    pub labels: Vec<String>,
    /// What a user should know: how pixels are normalised when the file does not say, for example.
    pub notes: Vec<String>,
}
