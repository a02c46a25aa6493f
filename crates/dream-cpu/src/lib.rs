//! The CPU engine: forward by tract, gradients through tract's matrix kernels, the small rest here.
//!
//! One plan is made per octave size. Every kernel of [`dream_graph::Kernel`] has its function in a
//! file of this crate; `execute.rs` matches them.

mod broadcast;
mod conv;
mod elementwise;
mod engine;
mod execute;
mod image;
mod layout;
mod lrn;
mod matmul;
mod memory;
mod norm;
mod objective;
mod plan;
mod pool;
#[cfg(target_family = "wasm")]
mod products;
mod statistic;
mod typed;
mod warp;
mod winograd;

pub use engine::CpuEngine;
pub use plan::Forward;
