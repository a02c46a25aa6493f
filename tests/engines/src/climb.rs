//! Iterations without a network: what becomes of a gradient, and what draws an image back.

use std::sync::Arc;

use dream::{Octave, program};
use dream_engines::AnyEngine;
use dream_graph::{
    Buffer, ColorLayout, Dispatch, Engine, EngineError, Graph, GraphError, IterationParams, Op,
    Operand, Preprocessing, Program, Seed, SeedKind, Source, Tile, Unary, ValueId, View,
};
use dream_protocol::Prior;
use pollster::block_on;

use crate::Tensor;

/// By how much one iteration with step size 1 moves an image `[3, height, width]` that begins at
/// `start` and whose gradient is this.
///
/// # Panics
/// If the engine refuses.
#[expect(clippy::expect_used, reason = "what is refused here is a failed test")]
pub fn moved(
    engine: &mut AnyEngine,
    start: &[f32],
    (shape, gradient): &Tensor,
    prior: &Prior,
    smoothing: f32,
) -> Vec<f32> {
    let program = climbing([shape[1], shape[2]], prior).expect("a program");
    block_on(iterate(engine, program, start, gradient, smoothing)).expect("an engine that works")
}

/// The program of an octave that does nothing but climb along the gradient in
/// [`Buffer::Gradient`]. It has that buffer where there are several tiles.
///
/// # Errors
/// None.
pub fn climbing(size: [usize; 2], prior: &Prior) -> Result<Program, GraphError> {
    let whole = octave(size, size, prior)?;
    Ok(Program { backward: Vec::new(), leave: Vec::new(), ..whole })
}

/// The program of an octave that sees an image of `size` (height, width) through a tile of the size
/// `window`, and takes [`Buffer::Target`] 0 for the gradient there to [`Buffer::Gradient`].
///
/// # Errors
/// None.
pub fn seeing(size: [usize; 2], window: [usize; 2], tile: Tile) -> Result<Program, GraphError> {
    let octave = octave(size, window, &Prior::DEFAULT)?;
    let gradient = View::whole(Buffer::Target(0), 3 * window[0] * window[1]);
    let reads = vec![Source::View(gradient)];
    let leave = octave.leave.into_iter().map(|it| Dispatch { reads: reads.clone(), ..it });
    let given = (gradient.buffer, gradient.len);
    Ok(Program {
        tiles: vec![tile],
        leave: leave.collect(),
        buffers: octave.buffers.into_iter().chain([given]).collect(),
        backward: Vec::new(),
        ascent: Vec::new(),
        ..octave
    })
}

/// An octave of a network that is next to nothing, in two tiles.
fn octave(size: [usize; 2], window: [usize; 2], prior: &Prior) -> Result<Program, GraphError> {
    let mut graph = Graph::new("x", vec![1, 3, window[0], window[1]]);
    graph.push("y", Op::Unary(Unary::Tanh), vec![Operand::Value(ValueId(0))])?;
    let seed = Seed::new(graph.find("y")?, SeedKind::L2);
    let preprocessing = Preprocessing { layout: ColorLayout::Rgb, mean: [0.0; 3], scale: [1.0; 3] };
    let octave = Octave { index: 0, size, before: None, full: size };
    program(graph, &[seed], &preprocessing, octave, vec![Tile::WHOLE; 2], prior)
}

async fn iterate(
    engine: &mut AnyEngine,
    program: Program,
    start: &[f32],
    gradient: &[f32],
    smoothing: f32,
) -> Result<Vec<f32>, EngineError> {
    engine.prepare(Arc::new(program))?;
    engine.write(Buffer::Original, start)?;
    engine.begin()?;
    engine.write(Buffer::Gradient, gradient)?;
    engine
        .iterate(&[IterationParams { step_size: 1.0, smoothing, ..IterationParams::STILL }])
        .await?;
    let image = engine.read(Buffer::Image).await?;
    let (levels, rests) = image.split_at(start.len());
    let moved = |((level, rest), start): ((&f32, &f32), &f32)| level - start + rest;
    Ok(levels.iter().zip(rests).zip(start).map(moved).collect())
}
