//! The WebGPU engine: every kernel as a compute shader, forward and backward.
//!
//! A placed program's dispatches are lowered to [`work`] (a shader, its uniform, what it reads and
//! writes), bound once per octave, and submitted burst by burst; nothing is read back in between.
//! The only crate that knows wgpu; the same code runs in a browser's worker and natively.

mod buffers;
mod device;
mod encode;
mod engine;
mod lower;
mod patience;
mod peak;
mod pipelines;
mod search;
mod shaders;
mod uniforms;
mod weights;
mod work;

pub use device::{Gpu, Tier, Traffic};
pub use engine::GpuEngine;
pub use peak::Peak;
