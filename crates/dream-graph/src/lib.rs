//! The network as data: operators, shapes, reverse-mode differentiation, programs, the engine port.
//!
//! Everything here is pure: no files, no tract, no GPU. An importer builds a [`Graph`], `tape.rs`
//! differentiates it, the algorithm records a [`Program`], and an [`Engine`] executes it.

mod axis_map;
mod dispatch;
mod engine;
mod forward;
#[cfg(test)]
mod forward_tests;
mod geometry;
mod graph;
mod grid;
mod kernel;
mod op;
mod preprocessing;
mod program;
mod receptive;
mod shape;
mod slots;
mod surface;
mod tape;
#[cfg(test)]
mod tape_tests;
mod vjp;
pub mod winograd;

pub use axis_map::{AxisMap, Tap, remap};
pub use dispatch::{Buffer, Dispatch, IterationParams, Source, View};
pub use engine::{Engine, EngineError, Footprint};
pub use forward::{Forward, forward};
pub use geometry::{ConvGeometry, Image, LrnGeometry, PoolGeometry, WindowGeometry};
pub use graph::{Constant, Graph, GraphError, Network, Node, Operand, Shape, Value, ValueId};
pub use grid::{LayerGrid, inverse, turned};
pub use kernel::{
    ADAM_DECAY, ADAM_EPSILON, CURVE, Kernel, LEAST_ROOT_MEAN_SQUARE, SMOOTH_RADIUS, Statistic,
};
pub use op::{
    Binary, Conv, ConvSpec, LrnSpec, MatMulSpec, Op, Padding, PoolSpec, Reduction, Unary,
    WindowSpec,
};
pub use preprocessing::{ColorLayout, Preprocessing};
pub use program::{ForwardPass, Program, Tile};
pub use receptive::{ReceptiveField, receptive_field};
pub use shape::{broadcast, elements, image};
pub use surface::Surface;
pub use tape::{Rectifiers, Seed, SeedKind, SeedMask, Tape, Target, differentiate};
