//! The default model, built into the command line and served beside the page: a half-width
//! Inception that dreams like GoogLeNet.
//!
//! What it is, how it was trained and what it is weak at: `MODEL-CARD.md`; the recipe: `training/`.

/// The model as an ONNX file. Its weights are int8 behind DequantizeLinear; metadata in the file
/// gives preprocessing, class labels, the layers to offer and the default layer.
pub const MODEL: &[u8] = include_bytes!("../mini-inception.onnx");

/// Its name.
pub const NAME: &str = "mini-inception";
