//! The engines behind one seam, and the choice among them with its reason.

mod any;
pub mod bench;
mod choose;
mod classify;
mod hybrid;
mod layers;
mod probe;
mod trial;

pub use any::AnyEngine;
pub use choose::{Chosen, Engines};
pub use classify::{Classifier, ClassifyError};
pub use dream_cpu::Forward;
pub use dream_gpu::{Gpu, GpuEngine, Tier, Traffic};
pub use dream_graph::EngineError;
pub use hybrid::HybridEngine;
pub use layers::with_layers;
pub use probe::probe;
