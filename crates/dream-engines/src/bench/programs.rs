//! The programs to be timed, and how much arithmetic they hold.

use std::sync::Arc;

use dream::{Octave, program};
use dream_graph::{Dispatch, GraphError, Network, Program, Seed, SeedKind, Tile};
use dream_protocol::Prior;

/// An iteration and its parts.
pub(super) struct Programs {
    /// All of it.
    pub iteration: Arc<Program>,
    /// Forward and backward.
    pub gradient: Arc<Program>,
    /// Network input and forward pass.
    pub forward: Arc<Program>,
    /// All but the convolutions, which leaves nothing to see but takes the same time.
    pub other: Arc<Program>,
    /// Operations in the convolutions of the forward and the backward pass.
    pub flops: [f64; 2],
}

impl Programs {
    /// The programs of a single octave that raises one layer of a square picture.
    pub fn new(network: &dyn Network, layer: &str, side: usize) -> Result<Self, GraphError> {
        let graph = network.graph(side, side, &[layer])?;
        let layer = graph.find(layer)?;
        let seed = Seed::new(layer, SeedKind::L2);
        let size = [side, side];
        let octave = Octave { index: 0, size, before: None, full: size };
        let preprocessing = network.preprocessing();
        let (tiles, prior) = (vec![Tile::WHOLE], Prior::default());
        Ok(Self::of(program(graph, &[seed], preprocessing, octave, tiles, &prior)?))
    }

    fn of(iteration: Program) -> Self {
        let gradient = Program { ascent: Vec::new(), ..iteration.clone() };
        let forward = Program { backward: Vec::new(), leave: Vec::new(), ..gradient.clone() };
        let mut other = iteration.clone();
        other.forward.dispatches.retain(|dispatch| !is_convolution(dispatch));
        other.backward.retain(|dispatch| !is_convolution(dispatch));
        let flops = [&iteration.forward.dispatches, &iteration.backward].map(|it| flops(it));
        let [iteration, gradient, forward, other] =
            [iteration, gradient, forward, other].map(Arc::new);
        Self { iteration, gradient, forward, other, flops }
    }
}

fn is_convolution(dispatch: &Dispatch) -> bool {
    dispatch.kernel.flops() > 0.0
}

/// Operations in the convolutions among these dispatches.
fn flops(dispatches: &[Dispatch]) -> f64 {
    dispatches.iter().map(|dispatch| dispatch.kernel.flops()).sum()
}

#[cfg(test)]
mod tests {
    use dream_graph::{
        ColorLayout, Conv, ConvSpec, Graph, Op, Operand, Padding, Preprocessing, Unary, ValueId,
        WindowSpec,
    };

    use super::*;

    const PIXELS: Preprocessing =
        Preprocessing { layout: ColorLayout::Rgb, mean: [0.0; 3], scale: [1.0; 3] };

    /// A 3×3 convolution from 3 channels to 6, and one of 2 groups behind its rectifier.
    struct Net(Preprocessing);

    impl Network for Net {
        fn graph(&self, height: usize, width: usize, _: &[&str]) -> Result<Graph, GraphError> {
            let mut graph = Graph::new("x", vec![1, 3, height, width]);
            let padding = Padding::Explicit { before: [1; 2], after: [1; 2] };
            let window = WindowSpec { kernel: [3; 2], stride: [1; 2], dilation: [1; 2], padding };
            let conv = |in_channels, groups| {
                let spec =
                    ConvSpec { in_channels, out_channels: 6, groups, window: window.clone() };
                let weight = vec![0.1; 6 * in_channels / groups * 9].into();
                Op::Conv(Conv { spec, weight, bias: None })
            };
            graph.push("a", conv(3, 1), vec![Operand::Value(ValueId(0))])?;
            graph.push("b", Op::Unary(Unary::Tanh), vec![Operand::Value(ValueId(1))])?;
            graph.push("c", conv(6, 2), vec![Operand::Value(ValueId(2))])?;
            Ok(graph)
        }

        fn preprocessing(&self) -> &Preprocessing {
            &self.0
        }
    }

    fn kernels(dispatches: &[Dispatch]) -> Vec<&'static str> {
        dispatches.iter().map(|dispatch| dispatch.kernel.name()).collect()
    }

    #[test]
    fn operations_of_convolutions_are_counted_both_ways() -> Result<(), GraphError> {
        let [small, large] = [8, 16].map(|side| Programs::new(&Net(PIXELS), "c", side));
        // Two for each of out · in / groups · 9 weights at each of 64 positions.
        let expected = 2.0 * 64.0 * (6.0 * 3.0 * 9.0 + 6.0 * 3.0 * 9.0);
        let small = small?;
        assert_eq!(small.flops, [expected; 2]);
        assert_eq!(large?.flops, [4.0 * expected; 2]);
        assert_eq!(flops(&small.iteration.leave), 0.0);
        Ok(())
    }

    #[test]
    fn each_program_leaves_out_its_part() -> Result<(), GraphError> {
        let programs = Programs::new(&Net(PIXELS), "c", 8)?;
        let Programs { iteration, gradient, forward, other, .. } = &programs;
        assert_eq!(kernels(&iteration.forward.dispatches), ["conv", "unary", "conv"]);
        assert_eq!(kernels(&other.forward.dispatches), ["unary"]);
        assert!(kernels(&iteration.backward).contains(&"conv_grad"));
        assert!(!kernels(&other.backward).contains(&"conv_grad"));
        assert_eq!(kernels(&other.ascent), kernels(&iteration.ascent));
        assert!(gradient.ascent.is_empty() && !gradient.leave.is_empty());
        assert!(forward.backward.is_empty() && forward.leave.is_empty());
        assert_eq!(flops(&forward.forward.dispatches), programs.flops[0]);
        Ok(())
    }
}
