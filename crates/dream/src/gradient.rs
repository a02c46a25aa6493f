//! The gradient of objectives at the network's input: how others verify us.

use std::sync::Arc;

use dream_graph::{
    Buffer, Engine, Graph, GraphError, IterationParams, Network, Program, Rectifiers, Seed,
    SeedKind, Shape, Tile, View, differentiate, elements, forward,
};
use dream_protocol::{DreamSettings, Picture};

use crate::{
    error::DreamError,
    objective::seeds,
    picture::{Planes, size_of},
    target::{Materials, Seen, keep, targets},
};

/// What is differentiated.
#[derive(Clone, Debug, PartialEq)]
pub enum Objective {
    /// ½ Σ a² over the whole layer.
    L2,
    /// The mean of one channel.
    ChannelMean(usize),
    /// One logit of a class head.
    Logit(usize),
    /// The dot product with a direction of the layer's length, Σ d·a.
    Direction(Arc<[f32]>),
}

/// An objective's gradient, with the activation that it was taken at.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// Shape and elements of the layer.
    pub activation: (Vec<usize>, Vec<f32>),
    /// `[1, channels, height, width]`, at the network input.
    pub gradient: Vec<f32>,
    /// The objective's value.
    pub objective: f64,
}

/// Differentiates `objective` at `layer` for a network input `[1, channels, height, width]`.
///
/// # Errors
/// A layer, channel or class that does not exist, an input of the wrong length, or what the engine
/// reports.
pub async fn gradient<E: Engine>(
    network: &dyn Network,
    engine: &mut E,
    layer: &str,
    objective: Objective,
    input: &[f32],
    height: usize,
    width: usize,
) -> Result<Gradient, DreamError> {
    let graph = network.graph(height, width, &[layer])?;
    let value = graph.find(layer)?;
    let shape = graph.value(value).shape.clone();
    let kind = seed(layer, &shape, objective.clone())?;
    let (gradient, activation) = run(engine, graph, &[Seed::new(value, kind)], &[], input).await?;
    let objective = value_of(&objective, &shape, &activation);
    Ok(Gradient { activation: (shape, activation), gradient, objective })
}

/// The gradient of the settings' objectives together at a picture, which is seen as it is, with
/// `pictures` as guides, styles and masks: `[1, channels, height, width]`, at the network input.
///
/// # Errors
/// What keeps a dream from beginning.
pub async fn gradient_of<E: Engine>(
    network: &dyn Network,
    engine: &mut E,
    settings: &DreamSettings,
    picture: &Picture,
    pictures: &[Picture],
) -> Result<Vec<f32>, DreamError> {
    settings.check()?;
    let size = size_of(picture);
    let planes = Planes::new(picture, size, network.preprocessing())?;
    let sizes: Vec<_> = pictures.iter().map(size_of).collect();
    let materials = Materials::new(network, settings, pictures, &sizes, size)?;
    let (objectives, octaves) = (&settings.objectives, [size]);
    let seen = Seen { materials: &materials, original: &planes };
    let targets = targets(network, engine, objectives, seen, &octaves, &[]).await?;
    let layers: Vec<&str> = objectives.iter().map(|it| it.layer.as_str()).collect();
    let graph = network.graph(size[0], size[1], &layers)?;
    let mut seeds = seeds(network, &graph, settings, &sizes)?;
    seeds.iter_mut().for_each(|seed| seed.score = None);
    let input = crate::picture::network_input(picture, size, network.preprocessing())?;
    Ok(run(engine, graph, &seeds, &targets.concat(), &input).await?.0)
}

/// The gradient at the network input, and the activation of the first seed's layer.
async fn run<E: Engine>(
    engine: &mut E,
    graph: Graph,
    seeds: &[Seed],
    targets: &[Arc<[f32]>],
    input: &[f32],
) -> Result<(Vec<f32>, Vec<f32>), DreamError> {
    let mut tape = differentiate(&graph, seeds, Rectifiers::Exact)?;
    let layer = seeds.first().map_or(graph.input(), |seed| seed.layer);
    let saved = tape.saved.iter().position(|&id| id == layer).unwrap_or_else(|| {
        tape.saved.push(layer);
        tape.saved.len() - 1
    });
    let len = |shape: &Shape| elements(shape).unwrap_or(0);
    let expected = len(&graph.value(graph.input()).shape);
    if input.len() != expected {
        return Err(DreamError::Input { expected, actual: input.len() });
    }
    let forward = forward(&graph, &tape.saved, &mut tape.slots)?;
    let activation = View::whole(Buffer::Saved(saved), len(&graph.value(layer).shape));
    let name = graph.value(layer).name.clone();
    let size = &graph.value(graph.input()).shape[2..];
    let mut buffers = vec![
        (Buffer::NetInput, expected),
        (Buffer::Gradient, expected),
        (Buffer::Activation, activation.len),
    ];
    buffers.extend(targets.iter().enumerate().map(|(i, it)| (Buffer::Target(i), it.len())));
    let program = Program {
        size: [size[0], size[1]],
        tiles: vec![Tile::WHOLE],
        graph: Arc::new(graph),
        saved: tape.saved,
        buffers,
        slots: tape.slots,
        prologue: Vec::new(),
        enter: Vec::new(),
        forward,
        backward: tape.dispatches,
        leave: vec![
            keep(&name, tape.gradient, Buffer::Gradient),
            keep(&name, activation, Buffer::Activation),
        ],
        ascent: Vec::new(),
        epilogue: Vec::new(),
    };
    engine.prepare(Arc::new(program))?;
    engine.write(Buffer::NetInput, input)?;
    for (index, target) in targets.iter().enumerate() {
        engine.write(Buffer::Target(index), target)?;
    }
    engine.iterate(&[IterationParams::STILL]).await?;
    engine.settle().await?;
    Ok((engine.read(Buffer::Gradient).await?, engine.read(Buffer::Activation).await?))
}

fn seed(layer: &str, shape: &[usize], objective: Objective) -> Result<SeedKind, DreamError> {
    let within = |what, index: usize, count: usize| {
        let error = DreamError::Index { layer: layer.to_owned(), what, index, count };
        if index < count { Ok(index) } else { Err(error) }
    };
    match (objective, shape) {
        (Objective::L2, _) => Ok(SeedKind::L2),
        (Objective::Direction(direction), _) => Ok(SeedKind::Dot(direction)),
        (Objective::ChannelMean(index), [1, channels, plane @ ..]) => {
            let mut factors = vec![0.0; *channels];
            factors[within("channel", index, *channels)?] = 1.0;
            let positions = elements(plane).unwrap_or(0);
            Ok(SeedKind::Channels { factors: factors.into(), positions })
        }
        (Objective::Logit(index), _) => {
            Ok(SeedKind::Element(within("class", index, elements(shape).unwrap_or(0))?))
        }
        (Objective::ChannelMean(_), _) => Err(DreamError::Network(GraphError::Shape {
            node: layer.to_owned(),
            op: "channel objective",
            reason: format!("{shape:?} has no channels"),
        })),
    }
}

fn value_of(objective: &Objective, shape: &[usize], activation: &[f32]) -> f64 {
    let a = || activation.iter().map(|&a| f64::from(a));
    match objective {
        Objective::L2 => 0.5 * a().map(|a| a * a).sum::<f64>(),
        Objective::ChannelMean(channel) => {
            let plane = activation.len() / shape.get(1).copied().unwrap_or(1);
            a().skip(channel * plane).take(plane).sum::<f64>() / plane as f64
        }
        Objective::Logit(index) => a().nth(*index).unwrap_or(0.0),
        Objective::Direction(d) => a().zip(d.iter()).map(|(a, &d)| a * f64::from(d)).sum(),
    }
}
