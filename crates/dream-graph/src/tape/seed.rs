//! Seeds: the gradients of objectives at their layers, where the backward pass begins.
//!
//! A seed is a few dispatches. The last of them adds to the gradient at the layer; a tile's seed is
//! cut to what the tile owns, and a balanced one is brought to length one first.

use std::sync::Arc;

use super::Recorder;
use crate::{
    Binary, MatMulSpec,
    dispatch::{Buffer, Dispatch, Source, View},
    graph::{GraphError, Operand, ValueId},
    grid::LayerGrid,
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
    /// Whether the gradient is brought to length one before the weight counts, so that no layer
    /// drowns another. A tile's is brought to length one by itself.
    pub balance: bool,
    /// Where it counts; everywhere without.
    pub mask: Option<SeedMask>,
    /// Where a tile owns only a part of the layer: pixels from one row or column of the layer to
    /// the next.
    pub crop: Option<[usize; 2]>,
    /// Element of [`Buffer::Scores`] that the objective's value is added to.
    pub score: Option<usize>,
}

/// How strongly an objective counts in each part of the image, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeedMask {
    /// The strengths, `[cells]`.
    pub target: Target,
    /// Rows and columns of them.
    pub cells: [usize; 2],
    /// Where positions of the layer lie on the image.
    pub grid: LayerGrid,
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
    /// One channel at the position that sees a place of the image.
    Neuron {
        /// Where positions lie on the image.
        grid: LayerGrid,
        /// The channel.
        channel: usize,
        /// Row and column of the image.
        place: [usize; 2],
    },
    /// `½ Σ w ‖a‖²` over the channels, w being a target of one element per channel.
    Weighted(Target),
    /// `Σ a·g` over all positions, g being the position of a target `[channels, guides]` that
    /// matches best (the guide of the original DeepDream).
    Match(Target),
    /// The mean of `d·a · max(0.1, cos)^power` over the positions, d being a target `[channels,
    /// cells]` that is laid over the image.
    Direction {
        /// d.
        target: Target,
        /// Rows and columns of d.
        cells: [usize; 2],
        /// Where positions lie on the image.
        grid: LayerGrid,
        /// Exponent of the cosine.
        power: f32,
    },
    /// `−¼ Σ (G − G*)² / channels²`, G being the mean of a·aᵀ over the positions and G* a target
    /// `[channels, channels]`: the style of Gatys, Ecker and Bethge (2015), to be raised.
    Style(Target),
}

/// Something that an objective aims at; it lies in a buffer that is filled before the dream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Number of the [`Buffer::Target`].
    pub index: usize,
    /// Its elements.
    pub len: usize,
}

impl Seed {
    /// A seed that counts once and is not cut.
    pub fn new(layer: ValueId, kind: SeedKind) -> Self {
        Self { layer, kind, weight: 1.0, balance: false, mask: None, crop: None, score: None }
    }

    /// What its kind aims at, and its mask: in the order of their numbers.
    pub fn targets(&self) -> impl Iterator<Item = Target> {
        [self.kind.target(), self.mask.map(|mask| mask.target)].into_iter().flatten()
    }
}

impl SeedKind {
    /// What it aims at.
    pub fn target(&self) -> Option<Target> {
        match *self {
            Self::Weighted(target) | Self::Match(target) | Self::Style(target) => Some(target),
            Self::Direction { target, .. } => Some(target),
            Self::L2
            | Self::Mean { .. }
            | Self::Channels { .. }
            | Self::Element(_)
            | Self::Dot(_)
            | Self::Neuron { .. } => None,
        }
    }

    /// By what the product of gradient and activation is larger than the objective: its degree as
    /// a function of the activation (Euler). `None` for a style, which has none.
    fn degree(&self) -> Option<f32> {
        match self {
            Self::L2 | Self::Weighted(_) => Some(2.0),
            Self::Mean { .. }
            | Self::Channels { .. }
            | Self::Element(_)
            | Self::Dot(_)
            | Self::Neuron { .. }
            | Self::Match(_)
            | Self::Direction { .. } => Some(1.0),
            Self::Style(_) => None,
        }
    }
}

impl Target {
    /// Where it lies.
    pub fn view(self) -> View {
        View::whole(Buffer::Target(self.index), self.len)
    }
}

/// The last dispatch of something, without its place.
type Last = (Kernel, Vec<Source>);

impl Recorder<'_> {
    /// Adds the seed to the gradient at its layer.
    pub(super) fn seed(&mut self, seed: &Seed) -> Result<(), GraphError> {
        let factor = if seed.balance { 1.0 } else { seed.weight };
        let mut last = self.objective(seed, factor)?;
        if let Some(SeedMask { target, cells, grid }) = seed.mask {
            let [channels, size @ ..] = self.image(seed.layer)?;
            let whole = self.whole(seed.layer, last);
            let mask = Kernel::Mask { channels, grid: LayerGrid { size, ..grid }, cells };
            last = (mask, vec![whole, Source::View(target.view())]);
        }
        if let Some(stride) = seed.crop {
            let [channels, height, width] = self.image(seed.layer)?;
            let whole = self.whole(seed.layer, last);
            let crop = Kernel::Crop { channels, size: [height, width], stride };
            last = (crop, vec![whole]);
        }
        if let (Some(score), Some(degree)) = (seed.score, seed.kind.degree()) {
            let whole = self.whole(seed.layer, last);
            let a = self.source(&Operand::Value(seed.layer));
            // A weight of 0 leaves nothing to tell the value from.
            let factor = if factor == 0.0 { 0.0 } else { 1.0 / (factor * degree) };
            self.score(seed.layer, score, (Kernel::Dot { factor }, vec![whole.clone(), a]));
            last = (Kernel::Scale { factor: 1.0 }, vec![whole]);
        }
        if seed.balance {
            let whole = self.whole(seed.layer, last);
            let sum = (Kernel::Dot { factor: 1.0 }, vec![whole.clone(); 2]);
            let sum = Source::View(self.put_value(seed.layer, 1, sum));
            last = (Kernel::Normalise { factor: seed.weight }, vec![whole, sum]);
        }
        let name = self.graph.value(seed.layer).name.clone();
        self.dispatch(seed.layer, name, last.0, last.1);
        Ok(())
    }

    /// Adds to a score.
    fn score(&mut self, layer: ValueId, score: usize, (kernel, reads): Last) {
        self.dispatches.push(Dispatch {
            node: self.graph.value(layer).name.clone(),
            kernel,
            reads,
            write: View::whole(Buffer::Scores, 1).part(score, 1),
            accumulate: true,
        });
    }

    /// Something as large as the layer, in a slot of its own.
    fn whole(&mut self, layer: ValueId, (kernel, reads): Last) -> Source {
        match (&kernel, &reads[..]) {
            (Kernel::Scale { factor: 1.0 }, [source]) => source.clone(),
            _ => Source::View(self.put_value(layer, self.len(layer), (kernel, reads))),
        }
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
            SeedKind::Neuron { grid, channel, place } => {
                let ([channels, size @ ..], place) = (self.image(layer)?, *place);
                if *channel >= channels {
                    return Err(misfit(channel + 1));
                }
                let grid = LayerGrid { size, ..*grid };
                (Kernel::Neuron { grid, channel: *channel, place, value: factor }, Vec::new())
            }
            SeedKind::Weighted(target) => {
                let [channels, positions] = self.channels(layer, *target, 1)?;
                let a = self.source(&Operand::Value(layer));
                let (output, weights) = (vec![channels, positions], vec![channels, 1]);
                let operands = [output.clone(), weights];
                let product = Kernel::BinaryGrad { op: Binary::Mul, side: 0, output, operands };
                let weighted = (product, vec![a.clone(), a, Source::View(target.view())]);
                let weighted = self.put_value(layer, len, weighted);
                (Kernel::Scale { factor }, vec![Source::View(weighted)])
            }
            SeedKind::Match(target) => {
                let [channels, positions] = self.channels(layer, *target, 1)?;
                let a = self.source(&Operand::Value(layer));
                let guides = target.len / channels;
                let kernel = Kernel::Match { channels, positions, guides, factor };
                (kernel, vec![a, Source::View(target.view())])
            }
            SeedKind::Direction { target, cells, grid, power } => {
                let [channels, size @ ..] = self.image(layer)?;
                self.channels(layer, *target, cells[0] * cells[1])?;
                let a = self.source(&Operand::Value(layer));
                let positions = grid.whole[0] * grid.whole[1];
                let (grid, cells, power) = (LayerGrid { size, ..*grid }, *cells, *power);
                let factor = factor / positions as f32;
                let kernel = Kernel::Direction { channels, grid, cells, power, factor };
                (kernel, vec![a, Source::View(target.view())])
            }
            SeedKind::Style(target) => self.style(seed, *target, factor)?,
        })
    }

    /// `−factor · (G − G*)·a / (channels² · positions)`.
    fn style(&mut self, seed: &Seed, target: Target, factor: f32) -> Result<Last, GraphError> {
        let layer = seed.layer;
        let [channels, _, _] = self.image(layer)?;
        let [_, positions] = self.channels(layer, target, channels)?;
        let a = self.source(&Operand::Value(layer));
        let shape = vec![channels, positions];
        let mut spec =
            MatMulSpec { trans_a: false, trans_b: true, alpha: 1.0 / positions as f32, beta: 0.0 };
        let gram = Kernel::MatMul { spec, operands: [shape.clone(), shape.clone()] };
        let gram = self.put_value(layer, channels * channels, (gram, vec![a.clone(), a.clone()]));
        self.dispatches.push(Dispatch {
            node: self.graph.value(layer).name.clone(),
            kernel: Kernel::Scale { factor: -1.0 },
            reads: vec![Source::View(target.view())],
            write: gram,
            accumulate: true,
        });
        if let Some(score) = seed.score {
            let factor = -0.25 / (channels * channels) as f32;
            let squares = vec![Source::View(gram); 2];
            self.score(layer, score, (Kernel::Dot { factor }, squares));
        }
        spec.trans_b = false;
        spec.alpha = -factor / (channels * channels * positions) as f32;
        let kernel = Kernel::MatMul { spec, operands: [vec![channels, channels], shape] };
        Ok((kernel, vec![Source::View(gram), a]))
    }

    /// Channels and positions of a layer whose target has a multiple of `cells` elements per
    /// channel.
    fn channels(
        &self,
        layer: ValueId,
        target: Target,
        cells: usize,
    ) -> Result<[usize; 2], GraphError> {
        let [channels, height, width] = self.image(layer)?;
        if target.len == 0 || !target.len.is_multiple_of(channels * cells) {
            let reason = format!("has {channels} channels; its target has {} elements", target.len);
            return Err(self.misfit(layer, reason));
        }
        Ok([channels, height * width])
    }

    fn image(&self, layer: ValueId) -> Result<[usize; 3], GraphError> {
        image(&self.graph.value(layer).shape).map_err(|reason| self.misfit(layer, reason))
    }

    /// Writes to a new slot of `len` elements.
    fn put_value(&mut self, layer: ValueId, len: usize, (kernel, reads): Last) -> View {
        let node = self.graph.value(layer).name.clone();
        self.put(&node, len, kernel, reads)
    }

    fn misfit(&self, layer: ValueId, reason: String) -> GraphError {
        let node = self.graph.value(layer).name.clone();
        GraphError::Shape { node, op: "objective", reason }
    }
}
