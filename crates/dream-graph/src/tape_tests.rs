//! Tests of the tape: order, fan-out, what is saved, and what is left out.

use std::sync::Arc;

use crate::{
    Binary, Buffer, Constant, Conv, ConvSpec, Dispatch, Graph, GraphError, Kernel, Op, Operand,
    Padding, Rectifiers, Seed, SeedKind, Source, Tape, Target, Unary, ValueId, View, WindowSpec,
    differentiate, slots,
};

fn relu(graph: &mut Graph, name: &str, input: ValueId) -> Result<ValueId, GraphError> {
    graph.push(name, Op::Unary(Unary::Relu), vec![Operand::Value(input)])
}

fn l2(layer: ValueId) -> Seed {
    Seed::new(layer, SeedKind::L2)
}

fn kernels(tape: &Tape) -> Vec<&'static str> {
    tape.dispatches.iter().map(|dispatch| dispatch.kernel.name()).collect()
}

#[test]
fn fan_out_accumulates_and_the_first_write_replaces() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 2, 3, 3]);
    let stem = relu(&mut graph, "stem", ValueId(0))?;
    let left = relu(&mut graph, "left", stem)?;
    let right = relu(&mut graph, "right", stem)?;
    let both = vec![Operand::Value(left), Operand::Value(right)];
    let product = graph.push("product", Op::Binary(Binary::Mul), both)?;
    let tape = differentiate(&graph, &[l2(product)], Rectifiers::Exact)?;
    assert_eq!(
        kernels(&tape),
        ["scale", "binary_grad", "binary_grad", "unary_grad", "unary_grad", "unary_grad"]
    );
    let accumulates: Vec<bool> = tape.dispatches.iter().map(|d| d.accumulate).collect();
    assert_eq!(accumulates, [false, false, false, false, true, false]);
    Ok(())
}

#[test]
fn branches_beside_the_path_are_left_out() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 2, 3, 3]);
    let chosen = relu(&mut graph, "chosen", ValueId(0))?;
    let beyond = relu(&mut graph, "beyond", chosen)?;
    assert_eq!(
        kernels(&differentiate(&graph, &[l2(chosen)], Rectifiers::Exact)?),
        ["scale", "unary_grad"]
    );
    assert_eq!(kernels(&differentiate(&graph, &[l2(beyond)], Rectifiers::Exact)?).len(), 3);
    Ok(())
}

#[test]
fn a_layer_on_the_way_to_another_gets_both_seeds() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 2, 3, 3]);
    let early = relu(&mut graph, "early", ValueId(0))?;
    let late = relu(&mut graph, "late", early)?;
    let tape = differentiate(&graph, &[l2(late), l2(early)], Rectifiers::Exact)?;
    assert_eq!(kernels(&tape), ["scale", "scale", "unary_grad", "unary_grad"]);
    assert!(tape.dispatches[2].accumulate, "the path's gradient must join the seed");
    assert_eq!(tape.saved, [late, early]);
    Ok(())
}

#[test]
fn sums_and_concatenations_are_views_until_something_must_be_added() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 2, 3, 3]);
    let a = relu(&mut graph, "a", ValueId(0))?;
    let b = relu(&mut graph, "b", ValueId(0))?;
    let joined = graph.push(
        "joined",
        Op::Concat { axis: 1 },
        vec![Operand::Value(a), Operand::Value(b), Operand::Value(a)],
    )?;
    let tape = differentiate(&graph, &[l2(joined)], Rectifiers::Exact)?;
    // The seed; a's first part is copied before its last is added; then both branches.
    assert_eq!(kernels(&tape), ["scale", "scale", "scale", "unary_grad", "unary_grad"]);
    let offsets: Vec<usize> = tape
        .dispatches
        .iter()
        .filter_map(|dispatch| match dispatch.reads[0] {
            Source::View(view) if matches!(view.buffer, Buffer::Slot(_)) => Some(view.offset),
            _ => None,
        })
        .collect();
    assert_eq!(offsets, [0, 36, 18, 0]);
    Ok(())
}

#[test]
fn no_dispatch_reads_the_slot_that_it_writes() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 2, 3, 3]);
    let mut layer = ValueId(0);
    for depth in 0..6 {
        let inner = relu(&mut graph, &format!("relu{depth}"), layer)?;
        let operands = vec![Operand::Value(inner), Operand::Value(layer)];
        layer = graph.push(format!("sum{depth}"), Op::Binary(Binary::Add), operands)?;
    }
    let mut tape = differentiate(&graph, &[l2(layer)], Rectifiers::Exact)?;
    let mut dispatches: Vec<&mut Dispatch> = tape.dispatches.iter_mut().collect();
    let slots = slots::assign(&mut dispatches, &tape.slots);
    for dispatch in &tape.dispatches {
        for read in &dispatch.reads {
            let Source::View(view) = read else { continue };
            assert_ne!(view.buffer, dispatch.write.buffer, "{}", dispatch.node);
        }
    }
    assert!(slots.len() <= 3, "{} slots for a chain", slots.len());
    Ok(())
}

#[test]
fn impossible_seeds_are_errors() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 2, 3, 3]);
    let layer = relu(&mut graph, "layer", ValueId(0))?;
    for kind in [
        SeedKind::Element(18),
        SeedKind::Channels { factors: [].into(), positions: 9 },
        SeedKind::Channels { factors: [1.0; 4].into(), positions: 9 },
        SeedKind::Dot([1.0].into()),
    ] {
        assert!(differentiate(&graph, &[Seed::new(layer, kind)], Rectifiers::Exact).is_err());
    }
    assert!(matches!(
        differentiate(&graph, &[], Rectifiers::Exact),
        Err(GraphError::Unreachable(_))
    ));
    Ok(())
}

#[test]
fn constants_get_no_gradient_and_are_read_in_place() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 2, 1, 1]);
    let data: Arc<[f32]> = [2.0, 3.0].into();
    let constant = Constant { shape: vec![1, 2, 1, 1], data };
    let operands = vec![Operand::Value(ValueId(0)), Operand::Constant(constant)];
    let product = graph.push("product", Op::Binary(Binary::Mul), operands)?;
    let tape = differentiate(&graph, &[l2(product)], Rectifiers::Exact)?;
    assert_eq!(kernels(&tape), ["scale", "binary_grad"]);
    assert!(matches!(tape.dispatches[1].kernel, Kernel::BinaryGrad { side: 0, .. }));
    assert!(tape.dispatches[1].reads.iter().any(|read| matches!(read, Source::Constant(_))));
    Ok(())
}

#[test]
fn a_tile_is_cut_before_it_is_brought_to_length_one() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 2, 3, 3]);
    let layer = relu(&mut graph, "layer", ValueId(0))?;
    let seed = Seed { weight: -3.0, balance: true, crop: Some([1; 2]), ..l2(layer) };
    let tape = differentiate(&graph, &[seed], Rectifiers::Exact)?;
    assert_eq!(kernels(&tape), ["crop", "dot", "normalise", "unary_grad"]);
    let factors = tape.dispatches.iter().filter_map(|dispatch| match dispatch.kernel {
        Kernel::Scale { factor } | Kernel::Normalise { factor } => Some(factor),
        _ => None,
    });
    assert_eq!(factors.collect::<Vec<_>>(), [-3.0], "the weight counts last");
    Ok(())
}

#[test]
fn a_score_is_told_before_balance_and_without_the_weight() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 2, 3, 3]);
    let layer = relu(&mut graph, "layer", ValueId(0))?;
    let scored = |seed| -> Result<Vec<(f32, View)>, GraphError> {
        let tape = differentiate(&graph, &[seed], Rectifiers::Exact)?;
        let scores = tape.dispatches.iter().filter(|it| it.write.buffer == Buffer::Scores);
        let told = scores.map(|it| match it.kernel {
            Kernel::Dot { factor } if it.accumulate => (factor, it.write),
            _ => (0.0, it.write),
        });
        Ok(told.collect())
    };
    let place = View { buffer: Buffer::Scores, offset: 2, len: 1 };
    let seed = Seed { weight: -4.0, score: Some(2), ..l2(layer) };
    assert_eq!(scored(seed.clone())?, [(-0.125, place)], "½‖a‖² of −4·a·a");
    assert_eq!(scored(Seed { balance: true, ..seed.clone() })?, [(0.5, place)]);
    assert_eq!(scored(Seed { kind: SeedKind::Mean { count: 18 }, ..seed })?, [(-0.25, place)]);
    assert_eq!(scored(l2(layer))?, []);
    Ok(())
}

#[test]
fn silent_units_are_only_looked_for_where_it_is_asked() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 2, 3, 3]);
    let first = relu(&mut graph, "first", ValueId(0))?;
    let tape = differentiate(&graph, &[l2(first)], Rectifiers::Redirected)?;
    let expected = ["scale", "unary_grad", "unary_grad", "dot", "redirect"];
    assert_eq!(kernels(&tape), expected);
    assert!(tape.dispatches[4].accumulate, "it adds to what got through");
    Ok(())
}

#[test]
fn targets_must_fit_their_layer() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 2, 3, 3]);
    let layer = relu(&mut graph, "layer", ValueId(0))?;
    let target = |len| Target { index: 0, len };
    let works = |kind| differentiate(&graph, &[Seed::new(layer, kind)], Rectifiers::Exact).is_ok();
    assert!(works(SeedKind::Style(target(4))) && !works(SeedKind::Style(target(3))));
    assert!(works(SeedKind::Match(target(10))) && !works(SeedKind::Match(target(9))));
    assert!(works(SeedKind::Weighted(target(2))) && !works(SeedKind::Weighted(target(0))));
    let tape =
        differentiate(&graph, &[Seed::new(layer, SeedKind::Style(target(4)))], Rectifiers::Exact)?;
    assert_eq!(kernels(&tape), ["matmul", "scale", "matmul", "unary_grad"]);
    assert!(tape.dispatches[1].accumulate, "the style is taken from the layer's own");
    Ok(())
}

fn conv(graph: &mut Graph, name: &str, input: ValueId) -> Result<ValueId, GraphError> {
    let padding = Padding::Explicit { before: [0; 2], after: [0; 2] };
    let window = WindowSpec { kernel: [1; 2], stride: [1; 2], dilation: [1; 2], padding };
    let channels = graph.value(input).shape[1];
    let spec = ConvSpec { in_channels: channels, out_channels: channels, groups: 1, window };
    let op = Op::Conv(Conv { spec, weight: vec![1.0; channels * channels].into(), bias: None });
    graph.push(name, op, vec![Operand::Value(input)])
}

#[test]
fn rectifiers_behind_convolutions_have_no_work_of_their_own() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 2, 3, 3]);
    let stem = conv(&mut graph, "stem/sum", ValueId(0))?;
    let stem = relu(&mut graph, "stem", stem)?;
    let left = conv(&mut graph, "left/sum", stem)?;
    let left = relu(&mut graph, "left", left)?;
    let both = vec![Operand::Value(left), Operand::Value(stem)];
    let joined = graph.push("joined", Op::Concat { axis: 1 }, both)?;
    let head = conv(&mut graph, "head", joined)?;
    let exact = differentiate(&graph, &[l2(head)], Rectifiers::Exact)?;
    // The gradient at the stem comes from two sides: its part of what is joined is copied, and what
    // joins it last is rectified again.
    let all = ["scale", "conv_grad", "scale", "conv_grad", "conv_grad"];
    assert_eq!(kernels(&exact), all);
    let rectified: Vec<bool> = exact.dispatches.iter().map(|d| d.kernel.rectified()).collect();
    assert_eq!(rectified, [false, true, false, true, false]);
    assert!(exact.saved.contains(&joined) && exact.saved.contains(&stem));
    let redirected = differentiate(&graph, &[l2(head)], Rectifiers::Redirected)?;
    assert_eq!(kernels(&redirected).iter().filter(|name| **name == "unary_grad").count(), 4);
    Ok(())
}

#[test]
fn seeds_at_rectifiers_are_rectified_by_themselves() -> Result<(), GraphError> {
    let mut graph = Graph::new("x", vec![1, 2, 3, 3]);
    let sum = conv(&mut graph, "sum", ValueId(0))?;
    let layer = relu(&mut graph, "layer", sum)?;
    let tape = differentiate(&graph, &[l2(layer)], Rectifiers::Exact)?;
    assert_eq!(kernels(&tape), ["scale", "unary_grad", "conv_grad"]);
    Ok(())
}
