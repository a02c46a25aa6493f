//! Tests of the recorded forward pass: what is fused, what lies where, what is left out.

use std::sync::Arc;

use crate::{
    Buffer, Conv, ConvSpec, Dispatch, ForwardPass, Graph, GraphError, Kernel, Op, Operand, Padding,
    Program, Rectifiers, Seed, SeedKind, Source, Tile, Unary, ValueId, View, WindowSpec,
    differentiate, forward,
};

fn conv(graph: &mut Graph, name: &str, input: ValueId) -> Result<ValueId, GraphError> {
    let padding = Padding::Explicit { before: [0; 2], after: [0; 2] };
    let window = WindowSpec { kernel: [1; 2], stride: [1; 2], dilation: [1; 2], padding };
    let channels = graph.value(input).shape[1];
    let spec = ConvSpec { in_channels: channels, out_channels: 2, groups: 1, window };
    let op = Op::Conv(Conv { spec, weight: vec![0.5; 2 * channels].into(), bias: None });
    graph.push(name, op, vec![Operand::Value(input)])
}

fn relu(graph: &mut Graph, name: &str, input: ValueId) -> Result<ValueId, GraphError> {
    graph.push(name, Op::Unary(Unary::Relu), vec![Operand::Value(input)])
}

fn concat(graph: &mut Graph, name: &str, inputs: &[ValueId]) -> Result<ValueId, GraphError> {
    let inputs = inputs.iter().map(|&id| Operand::Value(id)).collect();
    graph.push(name, Op::Concat { axis: 1 }, inputs)
}

fn record(graph: &Graph, saved: &[ValueId]) -> Result<(Vec<Dispatch>, Vec<View>), GraphError> {
    let recorded = forward(graph, saved, &mut Vec::new())?;
    Ok((recorded.dispatches, recorded.saved))
}

fn names(dispatches: &[Dispatch]) -> Vec<(&str, &'static str)> {
    dispatches.iter().map(|d| (d.node.as_str(), d.kernel.name())).collect()
}

fn assert_never_reads_what_it_writes(dispatches: &[Dispatch]) {
    for dispatch in dispatches {
        for read in &dispatch.reads {
            let Source::View(view) = read else { continue };
            assert_ne!(view.buffer, dispatch.write.buffer, "{}", dispatch.node);
        }
    }
}

#[test]
fn a_rectifier_is_fused_unless_someone_else_wants_the_convolution() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 3, 4, 4]);
    let c = conv(&mut graph, "c", ValueId(0))?;
    let r = relu(&mut graph, "r", c)?;
    let (dispatches, _) = record(&graph, &[r])?;
    assert_eq!(names(&dispatches), [("r", "conv")]);
    assert!(matches!(dispatches[0].kernel, Kernel::Conv { relu: true, .. }));
    let (both, _) = record(&graph, &[r, c])?;
    assert_eq!(names(&both), [("c", "conv"), ("r", "unary")]);
    Ok(())
}

#[test]
fn branches_are_computed_where_their_concatenation_lies() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 3, 4, 4]);
    let left = conv(&mut graph, "left", ValueId(0))?;
    let right = conv(&mut graph, "right", ValueId(0))?;
    let right = relu(&mut graph, "rectified", right)?;
    let joined = concat(&mut graph, "joined", &[left, right])?;
    let (dispatches, saved) = record(&graph, &[joined, right])?;
    assert_eq!(names(&dispatches), [("left", "conv"), ("rectified", "conv")]);
    assert_eq!(saved[1], saved[0].part(32, 32));
    Ok(())
}

#[test]
fn what_a_branch_reads_is_copied_instead() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 3, 4, 4]);
    let a = conv(&mut graph, "a", ValueId(0))?;
    let b = conv(&mut graph, "b", a)?;
    let dense = concat(&mut graph, "dense", &[a, b])?;
    let c = conv(&mut graph, "c", dense)?;
    let denser = concat(&mut graph, "denser", &[a, b, c])?;
    let nested = concat(&mut graph, "nested", &[a, denser, denser])?;
    let (dispatches, _) = record(&graph, &[nested])?;
    assert_never_reads_what_it_writes(&dispatches);
    let copies = dispatches.iter().filter(|d| matches!(d.kernel, Kernel::Scale { .. })).count();
    assert!(copies >= 4, "{:?}", names(&dispatches));
    Ok(())
}

#[test]
fn only_what_is_saved_is_computed() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 3, 4, 4]);
    let a = conv(&mut graph, "a", ValueId(0))?;
    let flat = graph.push("flat", Op::Reshape { shape: vec![1, 32] }, vec![Operand::Value(a)])?;
    conv(&mut graph, "beyond", a)?;
    let (dispatches, saved) = record(&graph, &[flat])?;
    assert_eq!(names(&dispatches), [("a", "conv")]);
    assert_eq!(saved[0].len, 32);
    Ok(())
}

#[test]
fn a_placed_program_shares_slots_over_both_passes() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 2, 4, 4]);
    let mut layer = ValueId(0);
    for depth in 0..6 {
        layer = conv(&mut graph, &format!("conv{depth}"), layer)?;
        layer = relu(&mut graph, &format!("relu{depth}"), layer)?;
    }
    let tape = differentiate(&graph, &[Seed::new(layer, SeedKind::L2)], Rectifiers::Exact)?;
    let mut slots = tape.slots;
    let alone = slots.len();
    let forward = forward(&graph, &tape.saved, &mut slots)?;
    let program = Program {
        size: [4, 4],
        tiles: vec![Tile::WHOLE],
        graph: Arc::new(graph),
        saved: tape.saved,
        buffers: vec![(Buffer::NetInput, 32)],
        slots,
        prologue: Vec::new(),
        enter: Vec::new(),
        forward,
        backward: tape.dispatches,
        leave: Vec::new(),
        ascent: Vec::new(),
        epilogue: Vec::new(),
    };
    let recorded = program.placed(ForwardPass::Recorded);
    assert_never_reads_what_it_writes(&recorded.forward.dispatches);
    assert_never_reads_what_it_writes(&recorded.backward);
    assert!(recorded.slots.len() <= 8, "{} of {}", recorded.slots.len(), program.slots.len());
    let foreign = program.placed(ForwardPass::Foreign);
    assert!(foreign.forward.dispatches.is_empty());
    assert!(foreign.slots.len() <= 2 && foreign.slots.len() < alone);
    assert!(foreign.bytes() < program.bytes() && recorded.bytes() < program.bytes());
    Ok(())
}
