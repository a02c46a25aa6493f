//! Everything that an engine does for one octave, as data.

use std::sync::Arc;

use crate::{
    graph::{Graph, ValueId},
    kernel::{Buffer, Dispatch},
};

/// The work of one octave. An iteration runs `enter`, the forward pass of `graph` from
/// [`Buffer::NetInput`] to `saved`, `backward` and `ascent`.
#[derive(Clone, Debug)]
pub struct Program {
    /// Height and width of the octave.
    pub size: [usize; 2],
    /// The network at this size, cut to what `saved` needs.
    pub graph: Arc<Graph>,
    /// Forward values that the rest reads, in the order of [`Buffer::Saved`].
    pub saved: Vec<ValueId>,
    /// Buffers with a fixed place besides saved values and slots, and their elements. Those that
    /// the program before this one had too keep their contents.
    pub buffers: Vec<(Buffer, usize)>,
    /// Elements of each [`Buffer::Slot`].
    pub slots: Vec<usize>,
    /// Once, before the iterations.
    pub prologue: Vec<Dispatch>,
    /// In every iteration, before the forward pass: image to network input.
    pub enter: Vec<Dispatch>,
    /// In every iteration, behind the forward pass: seeds and gradients.
    pub backward: Vec<Dispatch>,
    /// In every iteration, at its end: gradient to image.
    pub ascent: Vec<Dispatch>,
    /// Once, after the iterations.
    pub epilogue: Vec<Dispatch>,
}
