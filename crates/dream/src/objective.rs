//! Objectives as the settings state them, resolved to seeds on a network of one size.

use std::{collections::BTreeMap, sync::Arc};

use dream_graph::{Graph, Op, Operand, Seed, SeedKind, Unary, ValueId, elements};
use dream_protocol::{Objective, ObjectiveKind};

use crate::error::DreamError;

/// The seeds of some objectives on the network at the size of the whole image.
///
/// # Errors
/// A layer, channel or class that the network does not have.
pub(crate) fn seeds(graph: &Graph, objectives: &[Objective]) -> Result<Vec<Seed>, DreamError> {
    let seeds: Result<Vec<_>, _> = objectives.iter().map(|it| seeds_of(graph, it)).collect();
    Ok(seeds?.into_iter().flatten().collect())
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

fn seeds_of(graph: &Graph, objective: &Objective) -> Result<Vec<Seed>, DreamError> {
    let Objective { layer: name, weight, kind } = objective;
    let layer = graph.find(name)?;
    let shape = &graph.value(layer).shape;
    let count = elements(shape).unwrap_or(0);
    let one = |kind| Ok(vec![Seed { weight: *weight, ..Seed::new(layer, kind) }]);
    let index = |what, index: u32, count: usize| {
        let index = index as usize;
        let error = DreamError::Index { layer: name.clone(), what, index, count };
        (index < count).then_some(index).ok_or(error)
    };
    match kind {
        ObjectiveKind::L2 => one(SeedKind::L2),
        ObjectiveKind::Mean => one(SeedKind::Mean { count }),
        ObjectiveKind::Class { index: class } => {
            one(SeedKind::Element(index("class", *class, count)?))
        }
        ObjectiveKind::Channels { channels, before_relu } => {
            let chosen = channels.iter().map(|&channel| {
                let channel = index("channel", channel, channels_of(graph, layer))?;
                Ok(if *before_relu { before(graph, layer, channel) } else { (layer, channel) })
            });
            let chosen: Result<Vec<(ValueId, usize)>, DreamError> = chosen.collect();
            let seed = |(layer, kind)| Seed { weight: *weight, ..Seed::new(layer, kind) };
            Ok(by_layer(graph, chosen?).into_iter().map(seed).collect())
        }
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
    use super::*;
    use dream_graph::GraphError;

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
        Objective { layer: layer.into(), weight: 2.0, kind }
    }

    #[test]
    fn channels_before_the_rectifier_lie_in_their_branches() -> Result<(), DreamError> {
        let (graph, [first, rectified, second, joined]) = network()?;
        assert_eq!(before(&graph, rectified, 1), (first, 1));
        assert_eq!(before(&graph, joined, 2), (first, 2));
        assert_eq!(before(&graph, joined, 4), (second, 1));
        assert_eq!(before(&graph, first, 1), (first, 1));
        let found = seeds(&graph, &[channels("joined", &[4, 2, 0], true)])?;
        let expected = [(first, [1.0, 0.0, 1.0]), (second, [0.0, 1.0, 0.0])];
        assert_eq!(found.len(), expected.len());
        for (seed, (layer, factors)) in found.iter().zip(expected) {
            let kind = SeedKind::Channels { factors: factors.into(), positions: 16 };
            assert_eq!((seed.layer, seed.weight, &seed.kind), (layer, 2.0, &kind));
        }
        let after = seeds(&graph, &[channels("joined", &[4, 2, 0], false)])?;
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
        ];
        for (objective, words) in rows {
            let error = seeds(&graph, &[objective]).err().map(|error| error.to_string());
            assert!(error.as_ref().is_some_and(|error| error.contains(words)), "{error:?}");
        }
        Ok(())
    }
}
