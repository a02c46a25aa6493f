//! Objectives as the settings state them, resolved to seeds on a network of one size.

use std::{collections::BTreeMap, sync::Arc};

use dream_graph::{
    Graph, GraphError, LayerGrid, Network, Op, Operand, Seed, SeedKind, SeedMask, Target, Unary,
    ValueId, elements, image, receptive_field,
};
use dream_protocol::{DreamSettings, Objective, ObjectiveKind};

use crate::{error::DreamError, target::MATERIAL_SIDE};

/// The seeds of the settings' objectives on the network at the size of the whole image; guides and
/// styles have the sizes of `materials`.
///
/// # Errors
/// A layer, channel or class that the network does not have.
pub(crate) fn seeds(
    network: &dyn Network,
    graph: &Graph,
    settings: &DreamSettings,
    materials: &[[usize; 2]],
) -> Result<Vec<Seed>, DreamError> {
    let (mut seeds, mut targets) = (Vec::new(), 0);
    for (number, objective) in settings.objectives.iter().enumerate() {
        let resolving = Resolving { network, graph, materials, objective, targets };
        let (weight, balance, score) = (objective.weight, settings.balance, Some(number));
        let kinds = resolving.kinds()?;
        targets += usize::from(kinds.iter().any(|(_, kind)| kind.target().is_some()));
        let masked = resolving.mask(targets)?;
        targets += usize::from(masked.is_some());
        for (layer, kind) in kinds {
            let mask = match masked {
                Some((target, cells)) => {
                    Some(SeedMask { target, cells, grid: resolving.grid(layer)? })
                }
                None => None,
            };
            seeds.push(Seed { weight, balance, mask, score, ..Seed::new(layer, kind) });
        }
    }
    Ok(seeds)
}

/// Whether these objectives see the start picture as a whole, so that no tile can do it.
pub(crate) fn need_the_whole(objectives: &[Objective]) -> bool {
    let whole = |it: &Objective| matches!(it.kind, ObjectiveKind::Caricature { .. });
    objectives.iter().any(whole)
}

/// The same seeds on the network at the size of a tile, cut to what the tile owns; `strides` are
/// the pixels between the positions of their layers.
///
/// # Errors
/// None, unless a layer is lost with the size.
pub(crate) fn cropped(
    whole: (&Graph, &[Seed]),
    strides: impl IntoIterator<Item = [usize; 2]>,
    graph: &Graph,
) -> Result<Vec<Seed>, DreamError> {
    let (whole, seeds) = whole;
    let crop = |(seed, stride): (&Seed, [usize; 2])| {
        let layer = graph.find(&whole.value(seed.layer).name)?;
        Ok(Seed { layer, crop: Some(stride), ..seed.clone() })
    };
    seeds.iter().zip(strides).map(crop).collect()
}

/// An objective on its way to seeds.
struct Resolving<'a> {
    network: &'a dyn Network,
    graph: &'a Graph,
    materials: &'a [[usize; 2]],
    objective: &'a Objective,
    /// Targets of the objectives before it.
    targets: usize,
}

impl Resolving<'_> {
    fn kinds(&self) -> Result<Vec<(ValueId, SeedKind)>, DreamError> {
        let graph = self.graph;
        let layer = graph.find(&self.objective.layer)?;
        let count = elements(&graph.value(layer).shape).unwrap_or(0);
        let kind = match &self.objective.kind {
            ObjectiveKind::L2 => SeedKind::L2,
            ObjectiveKind::Mean => SeedKind::Mean { count },
            ObjectiveKind::Class { index } => {
                SeedKind::Element(self.within("class", *index, count)?)
            }
            ObjectiveKind::Channels { channels, before_relu } => {
                let chosen = channels.iter().map(|&it| self.channel(layer, it, *before_relu));
                return Ok(by_layer(graph, chosen.collect::<Result<_, _>>()?));
            }
            ObjectiveKind::Neuron { channel, x, y, before_relu } => {
                let (layer, channel) = self.channel(layer, *channel, *before_relu)?;
                let grid = self.grid(layer)?;
                let pixel = |axis: usize, place: f32| {
                    ((place * grid.image[axis] as f32) as usize).min(grid.image[axis] - 1)
                };
                let place = [pixel(0, *y), pixel(1, *x)];
                return Ok(vec![(layer, SeedKind::Neuron { grid, channel, place })]);
            }
            ObjectiveKind::GuideChannels { .. } => {
                SeedKind::Weighted(self.target(self.image(layer)?[0]))
            }
            ObjectiveKind::GuideMatch { guide } => {
                let usual = [MATERIAL_SIDE; 2];
                let [height, width] = self.materials.get(*guide as usize).copied().unwrap_or(usual);
                let guide = self.network.graph(height, width, &[&self.objective.layer])?;
                let shape = &guide.value(guide.find(&self.objective.layer)?).shape;
                self.image(layer)?;
                SeedKind::Match(self.target(elements(shape).unwrap_or(0)))
            }
            ObjectiveKind::Direction { direction, cosine_power } => {
                let grid = self.grid(layer)?;
                let (channels, found) = (channels_of(graph, layer), direction.len());
                if channels != found {
                    let layer = self.objective.layer.clone();
                    return Err(DreamError::Direction { layer, channels, found });
                }
                let (target, cells, power) = (self.target(found), [1, 1], *cosine_power);
                SeedKind::Direction { target, cells, grid, power }
            }
            ObjectiveKind::Caricature { cosine_power } => {
                let grid = self.grid(layer)?;
                let (target, cells, power) = (self.target(count), grid.whole, *cosine_power);
                SeedKind::Direction { target, cells, grid, power }
            }
            ObjectiveKind::Style { .. } => {
                let channels = self.image(layer)?[0];
                SeedKind::Style(self.target(channels * channels))
            }
        };
        Ok(vec![(layer, kind)])
    }

    /// The mask as the target of this number, with its rows and columns: those of the layer.
    fn mask(&self, index: usize) -> Result<Option<(Target, [usize; 2])>, DreamError> {
        if self.objective.mask.is_none() {
            return Ok(None);
        }
        let cells = places(self.graph, &self.objective.layer)?;
        Ok(Some((Target { index, len: cells[0] * cells[1] }, cells)))
    }

    fn target(&self, len: usize) -> Target {
        Target { index: self.targets, len }
    }

    fn within(&self, what: &'static str, index: u32, count: usize) -> Result<usize, DreamError> {
        let (index, layer) = (index as usize, self.objective.layer.clone());
        let error = DreamError::Index { layer, what, index, count };
        (index < count).then_some(index).ok_or(error)
    }

    /// A channel of the layer, or the one that it was before its rectifier.
    fn channel(
        &self,
        layer: ValueId,
        channel: u32,
        before_relu: bool,
    ) -> Result<(ValueId, usize), DreamError> {
        let channel = self.within("channel", channel, channels_of(self.graph, layer))?;
        Ok(if before_relu { before(self.graph, layer, channel) } else { (layer, channel) })
    }

    fn image(&self, layer: ValueId) -> Result<[usize; 3], DreamError> {
        let value = self.graph.value(layer);
        let (node, op) = (value.name.clone(), "objective");
        let misfit = |reason| GraphError::Shape { node, op, reason };
        Ok(image(&value.shape).map_err(misfit)?)
    }

    /// How the layer lies on the image. Layers that look at the whole image have no stride of their
    /// own; their positions are taken to be spread evenly.
    fn grid(&self, layer: ValueId) -> Result<LayerGrid, DreamError> {
        let ([_, whole @ ..], [_, size @ ..]) =
            (self.image(layer)?, self.image(self.graph.input())?);
        let stride = match receptive_field(self.graph, layer) {
            Ok(field) => field.stride,
            Err(_) => [0, 1].map(|axis| size[axis].div_ceil(whole[axis])),
        };
        Ok(LayerGrid { image: size, whole, stride, size: whole })
    }
}

/// Rows and columns of a layer.
pub(crate) fn places(graph: &Graph, layer: &str) -> Result<[usize; 2], DreamError> {
    match graph.value(graph.find(layer)?).shape[..] {
        [_, _, rows, columns] => Ok([rows, columns]),
        _ => Err(DreamError::NoPlaces(layer.to_owned())),
    }
}

/// One seed per layer for channels that may lie in several.
fn by_layer(graph: &Graph, chosen: Vec<(ValueId, usize)>) -> Vec<(ValueId, SeedKind)> {
    let mut factors: BTreeMap<ValueId, Vec<f32>> = BTreeMap::new();
    for (layer, channel) in chosen {
        let none = || vec![0.0; channels_of(graph, layer)];
        factors.entry(layer).or_insert_with(none)[channel] += 1.0;
    }
    let kind = |(layer, factors): (ValueId, Vec<f32>)| {
        let count = elements(&graph.value(layer).shape).unwrap_or(0);
        let positions = count / factors.len();
        (layer, SeedKind::Channels { factors: Arc::from(factors), positions })
    };
    factors.into_iter().map(kind).collect()
}

fn channels_of(graph: &Graph, layer: ValueId) -> usize {
    graph.value(layer).shape.get(1).copied().unwrap_or(0)
}

/// The channel before the rectifier that ends it: through a concatenation, in the branch that the
/// channel comes from. A channel that no rectifier ends is its own.
fn before(graph: &Graph, layer: ValueId, channel: usize) -> (ValueId, usize) {
    let Some(node) = graph.producer(layer) else { return (layer, channel) };
    match (&node.op, &node.inputs[..]) {
        (Op::Identity, [Operand::Value(input)]) => before(graph, *input, channel),
        (Op::Unary(unary), [Operand::Value(input)]) if rectifies(*unary) => (*input, channel),
        (Op::Concat { axis: 1 }, branches) => {
            let mut first = 0;
            for branch in branches {
                let count = graph.shape(branch)[1];
                if let Operand::Value(input) = branch
                    && (first..first + count).contains(&channel)
                {
                    return before(graph, *input, channel - first);
                }
                first += count;
            }
            (layer, channel)
        }
        _ => (layer, channel),
    }
}

/// Functions that leave no gradient, or little, where a unit is silent.
fn rectifies(unary: Unary) -> bool {
    matches!(
        unary,
        Unary::Relu
            | Unary::LeakyRelu { .. }
            | Unary::Clip { .. }
            | Unary::Elu { .. }
            | Unary::Selu { .. }
            | Unary::Silu
            | Unary::HardSwish
            | Unary::Mish
            | Unary::Softplus
            | Unary::Gelu
            | Unary::GeluTanh
    )
}

#[cfg(test)]
mod tests {
    use dream_graph::{ColorLayout, Preprocessing};

    use super::*;

    /// Two branches of three and two channels, the first rectified, and their join.
    fn network() -> Result<(Graph, [ValueId; 4]), GraphError> {
        let mut graph = Graph::new("x", vec![1, 3, 4, 4]);
        let value = |id| vec![Operand::Value(id)];
        let first = graph.push("first", Op::Unary(Unary::Tanh), value(ValueId(0)))?;
        let rectified = graph.push("rectified", Op::Unary(Unary::Relu), value(first))?;
        let second = graph.push("second", Op::Unary(Unary::Tanh), value(ValueId(0)))?;
        let branches = vec![Operand::Value(rectified), Operand::Value(second)];
        let joined = graph.push("joined", Op::Concat { axis: 1 }, branches)?;
        Ok((graph, [first, rectified, second, joined]))
    }

    fn channels(layer: &str, channels: &[u32], before_relu: bool) -> Objective {
        let kind = ObjectiveKind::Channels { channels: channels.to_vec(), before_relu };
        Objective { weight: 2.0, kind, ..Objective::layer(layer) }
    }

    struct Net(Preprocessing);

    impl Network for Net {
        fn graph(&self, _: usize, _: usize, _: &[&str]) -> Result<Graph, GraphError> {
            network().map(|(graph, _)| graph)
        }

        fn preprocessing(&self) -> &Preprocessing {
            &self.0
        }
    }

    fn seeds_of(graph: &Graph, objective: Objective) -> Result<Vec<Seed>, DreamError> {
        let pixels = Preprocessing { layout: ColorLayout::Rgb, mean: [0.0; 3], scale: [1.0; 3] };
        let settings = DreamSettings { objectives: vec![objective], ..Default::default() };
        seeds(&Net(pixels), graph, &settings, &[])
    }

    #[test]
    fn channels_before_the_rectifier_lie_in_their_branches() -> Result<(), DreamError> {
        let (graph, [first, rectified, second, joined]) = network()?;
        assert_eq!(before(&graph, rectified, 1), (first, 1));
        assert_eq!(before(&graph, joined, 2), (first, 2));
        assert_eq!(before(&graph, joined, 4), (second, 1));
        assert_eq!(before(&graph, first, 1), (first, 1));
        let found = seeds_of(&graph, channels("joined", &[4, 2, 0], true))?;
        let expected = [(first, [1.0, 0.0, 1.0]), (second, [0.0, 1.0, 0.0])];
        assert_eq!(found.len(), expected.len());
        for (seed, (layer, factors)) in found.iter().zip(expected) {
            let kind = SeedKind::Channels { factors: factors.into(), positions: 16 };
            assert_eq!((seed.layer, seed.weight, &seed.kind), (layer, 2.0, &kind));
        }
        let after = seeds_of(&graph, channels("joined", &[4, 2, 0], false))?;
        assert!(matches!(&after[..], [seed] if seed.layer == joined));
        Ok(())
    }

    #[test]
    fn what_the_layer_lacks_is_an_error_that_says_so() -> Result<(), DreamError> {
        let (graph, _) = network()?;
        let class = ObjectiveKind::Class { index: 48 };
        let rows = [
            (channels("joined", &[6], true), "has no channel 6; it has 6"),
            (Objective { kind: class, ..Objective::layer("first") }, "has no class 48; it has 48"),
            (Objective::layer("zebra"), "no layer zebra"),
            (
                Objective {
                    kind: ObjectiveKind::Direction { direction: vec![1.0; 5], cosine_power: 0.0 },
                    ..Objective::layer("first")
                },
                "has 5 channels and layer first has 3",
            ),
        ];
        for (objective, words) in rows {
            let error = seeds_of(&graph, objective).err().map(|error| error.to_string());
            assert!(error.as_ref().is_some_and(|error| error.contains(words)), "{error:?}");
        }
        Ok(())
    }
}
