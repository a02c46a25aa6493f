//! ONNX files become networks to dream with.
//!
//! A file goes through four stations: it is decoded and checked (`network.rs`), made float
//! (`dequantise.rs`), laid out at an image size as a [`dream_graph::Graph`] (`import.rs`), and
//! written back as a minimal model for tract (`write.rs`). Files come from strangers: every size is
//! checked before memory is asked for, and every complaint names its node, operator or tensor.

mod attributes;
mod dequantise;
mod error;
mod external;
mod fold;
mod import;
mod layers;
mod model;
mod network;
mod preprocessing;
mod quantiser;
mod shapes;
mod sniff;
mod tensor;
mod write;

pub use error::OnnxError;
pub use external::external_files;
pub use layers::{Head, Layer};
pub use model::{Model, ModelFiles, Resolved};
pub use sniff::looks_like_onnx;
pub use tract_onnx::pb;
pub use write::protobuf;
