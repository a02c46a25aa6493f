//! Seeds: the gradients of objectives at their layers, where the backward pass begins.
//!
//! A seed is a few dispatches. The last of them adds to the gradient at the layer; a tile's seed is
//! cut to what the tile owns, and a balanced one is brought to length one first.

use std::sync::Arc;

use super::Recorder;
use crate::{
    dispatch::{Dispatch, Source, View},
    graph::{GraphError, Operand, ValueId},
    kernel::Kernel,
    shape::image,
};

/// The gradient of an objective, started at one layer. Objectives add up.
#[derive(Clone, Debug, PartialEq)]
pub struct Seed {
    /// The layer.
    pub layer: ValueId,
    /// The objective there.
    pub kind: SeedKind,
    /// Its factor.
    pub weight: f32,
    /// Where a tile owns only a part of the layer: pixels from one row or column of the layer to
    /// the next.
    pub crop: Option<[usize; 2]>,
}

/// What is raised at a layer with the activation a.
#[derive(Clone, Debug, PartialEq)]
pub enum SeedKind {
    /// ½‖a‖²; its gradient is a.
    L2,
    /// The mean of a layer that has this many elements, of which a tile sees only some.
    Mean {
        /// The elements.
        count: usize,
    },
    /// `Σ factor · mean` over the channels.
    Channels {
        /// One factor per channel.
        factors: Arc<[f32]>,
        /// Elements of a channel of the whole layer.
        positions: usize,
    },
    /// One element: a logit.
    Element(usize),
    /// The dot product with a direction of the layer's length: Σ d·a.
    Dot(Arc<[f32]>),
}

impl Seed {
    /// A seed that counts once and is not cut.
    pub fn new(layer: ValueId, kind: SeedKind) -> Self {
        Self { layer, kind, weight: 1.0, crop: None }
    }
}

/// The last dispatch of something, without its place.
type Last = (Kernel, Vec<Source>);

impl Recorder<'_> {
    /// Adds the seed to the gradient at its layer.
    pub(super) fn seed(&mut self, seed: &Seed) -> Result<(), GraphError> {
        let mut last = self.objective(seed, seed.weight)?;
        if let Some(stride) = seed.crop {
            let value = self.graph.value(seed.layer);
            let [channels, height, width] =
                image(&value.shape).map_err(|reason| self.misfit(seed.layer, reason))?;
            let whole = self.put(seed.layer, last);
            let crop = Kernel::Crop { channels, size: [height, width], stride };
            last = (crop, vec![Source::View(whole)]);
        }
        let name = self.graph.value(seed.layer).name.clone();
        self.dispatch(seed.layer, name, last.0, last.1);
        Ok(())
    }

    fn objective(&mut self, seed: &Seed, factor: f32) -> Result<Last, GraphError> {
        let layer = seed.layer;
        let len = self.len(layer);
        let misfit =
            |wanted: usize| self.misfit(layer, format!("has {len} elements, not {wanted}"));
        Ok(match &seed.kind {
            SeedKind::L2 => {
                let a = self.source(&Operand::Value(layer));
                (Kernel::Scale { factor }, vec![a])
            }
            SeedKind::Mean { count } => {
                let value = factor / *count as f32;
                (Kernel::Fill { start: 0, end: len, value }, Vec::new())
            }
            SeedKind::Channels { factors, positions } => {
                let channels = factors.len();
                if channels == 0 || !len.is_multiple_of(channels) {
                    return Err(misfit(channels));
                }
                let (from, to) = (vec![channels, 1], vec![channels, len / channels]);
                let factor = factor / *positions as f32;
                let factors = Source::Constant(factors.clone());
                (Kernel::Broadcast { from, to, factor }, vec![factors])
            }
            SeedKind::Element(index) if *index < len => {
                (Kernel::Fill { start: *index, end: index + 1, value: factor }, Vec::new())
            }
            SeedKind::Element(index) => return Err(misfit(index + 1)),
            SeedKind::Dot(direction) if direction.len() == len => {
                (Kernel::Scale { factor }, vec![Source::Constant(direction.clone())])
            }
            SeedKind::Dot(direction) => return Err(misfit(direction.len())),
        })
    }

    /// Writes to a new slot of the layer's length.
    fn put(&mut self, layer: ValueId, (kernel, reads): Last) -> View {
        let write = self.allocate(layer);
        let node = self.graph.value(layer).name.clone();
        self.dispatches.push(Dispatch { node, kernel, reads, write, accumulate: false });
        write
    }

    fn misfit(&self, layer: ValueId, reason: String) -> GraphError {
        let node = self.graph.value(layer).name.clone();
        GraphError::Shape { node, op: "objective", reason }
    }
}
