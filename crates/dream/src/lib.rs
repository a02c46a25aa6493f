//! The algorithm: octaves, iterations, jitter; blind to what executes them.
//!
//! DeepDream as Mordvintsev, Olah and Tyka published it in 2015: the picture climbs a ladder of
//! sizes; on each rung gradient ascent raises an objective at chosen layers, and what it added (the
//! detail) is carried to the next rung, where it is put onto the picture again.

mod clock;
mod color;
mod concept;
mod error;
mod finish;
mod fourier;
mod gradient;
mod jitter;
mod maps;
mod mask;
mod objective;
mod octave;
mod palette;
mod picture;
mod plan;
mod pull;
mod recipe;
mod recorder;
mod remix;
mod scores;
mod session;
mod start;
mod steer;
mod target;
mod tile;

pub use concept::{Taught, teach};
pub use error::DreamError;
pub use finish::smoothing;
pub use gradient::{Gradient, Objective, gradient, gradient_of};
pub use jitter::shift;
pub use octave::{ladder, working_size};
pub use picture::network_input;
pub use plan::{Plan, plan};
pub use recipe::{Octave, program};
pub use session::Session;
pub use start::begin;
