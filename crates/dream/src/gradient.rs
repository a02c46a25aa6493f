//! The gradient of one objective at the network's input: how others verify us.

use std::sync::Arc;

use dream_graph::{
    Buffer, Dispatch, Engine, GraphError, IterationParams, Kernel, Network, Program, Seed,
    SeedKind, Source, Tile, View, differentiate, elements, forward,
};

use crate::error::DreamError;

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
    let kind = seed(layer, &shape, objective)?;
    let mut tape = differentiate(&graph, &[Seed::new(value, kind.clone())])?;
    let saved = tape.saved.iter().position(|&id| id == value).unwrap_or_else(|| {
        tape.saved.push(value);
        tape.saved.len() - 1
    });
    let expected = elements(&graph.value(graph.input()).shape).unwrap_or(0);
    if input.len() != expected {
        return Err(DreamError::Input { expected, actual: input.len() });
    }
    let forward = forward(&graph, &tape.saved, &mut tape.slots)?;
    let keep = |from: View, to: Buffer| Dispatch {
        node: layer.to_owned(),
        kernel: Kernel::Scale { factor: 1.0 },
        reads: vec![Source::View(from)],
        write: View::whole(to, from.len),
        accumulate: false,
    };
    let activation = View::whole(Buffer::Saved(saved), elements(&shape).unwrap_or(0));
    let program = Program {
        size: [height, width],
        tiles: vec![Tile::WHOLE],
        graph: Arc::new(graph),
        saved: tape.saved,
        buffers: vec![
            (Buffer::NetInput, expected),
            (Buffer::Gradient, expected),
            (Buffer::Activation, activation.len),
        ],
        slots: tape.slots,
        prologue: Vec::new(),
        enter: Vec::new(),
        forward,
        backward: tape.dispatches,
        leave: vec![keep(tape.gradient, Buffer::Gradient), keep(activation, Buffer::Activation)],
        ascent: Vec::new(),
        epilogue: Vec::new(),
    };
    engine.prepare(Arc::new(program))?;
    engine.write(Buffer::NetInput, input)?;
    engine.iterate(&[IterationParams { shift: [0, 0], step_size: 0.0 }]).await?;
    engine.settle().await?;
    let activation = engine.read(Buffer::Activation).await?;
    let gradient = engine.read(Buffer::Gradient).await?;
    let objective = value_of(&kind, &activation);
    Ok(Gradient { activation: (shape, activation), gradient, objective })
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

fn value_of(kind: &SeedKind, activation: &[f32]) -> f64 {
    let sum = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>();
    let mut a = activation.iter().map(|&a| f64::from(a));
    match kind {
        SeedKind::L2 => 0.5 * sum(&mut a.map(|a| a * a)),
        SeedKind::Mean { count } => sum(&mut a) / *count as f64,
        SeedKind::Channels { factors, positions } => {
            let factors =
                factors.iter().flat_map(|&f| std::iter::repeat_n(f64::from(f), *positions));
            sum(&mut a.zip(factors).map(|(a, factor)| a * factor)) / *positions as f64
        }
        SeedKind::Element(index) => a.nth(*index).unwrap_or(0.0),
        SeedKind::Dot(d) => sum(&mut a.zip(d.iter()).map(|(a, &d)| a * f64::from(d))),
    }
}
