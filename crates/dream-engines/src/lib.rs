//! The engines behind one seam, and the choice among them with its reason.

mod any;
mod choose;
mod classify;

pub use any::AnyEngine;
pub use choose::{Chosen, choose};
pub use classify::{ClassifyError, classify};
pub use dream_cpu::Forward;
pub use dream_graph::EngineError;
