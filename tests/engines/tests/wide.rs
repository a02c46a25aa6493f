//! Layers with as many channels as engines have kernels of their own for: minimal filtering, matrix
//! products that read and write four pixels at once. Their gradients against the processor's.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use dream::{Objective, gradient};
use dream_graph::{
    ColorLayout, Conv, ConvSpec, Graph, GraphError, Network, Op, Operand, Padding, Preprocessing,
    Unary, ValueId, WindowSpec,
};
use engine_tests::{engines, noise, relative_error};
use pollster::block_on;

const PIXELS: Preprocessing =
    Preprocessing { layout: ColorLayout::Rgb, mean: [0.0; 3], scale: [1.0; 3] };

/// A wide stem whose gradient is the sum of three branches'.
struct Net {
    seed: u32,
}

impl Net {
    fn rectified(
        &self,
        graph: &mut Graph,
        name: &str,
        x: ValueId,
        [outputs, kernel]: [usize; 2],
        [before, after]: [usize; 2],
    ) -> Result<ValueId, GraphError> {
        let inputs = graph.value(x).shape[1];
        let padding = Padding::Explicit { before: [before, after], after: [after, before] };
        let window = WindowSpec { kernel: [kernel; 2], stride: [1; 2], dilation: [1; 2], padding };
        let spec = ConvSpec { in_channels: inputs, out_channels: outputs, groups: 1, window };
        let weight = noise(self.seed + outputs as u32, outputs * inputs * kernel * kernel);
        let bias = Some(noise(5, outputs).into());
        let conv = Op::Conv(Conv { spec, weight: weight.into(), bias });
        let sum = graph.push(format!("{name}/sum"), conv, vec![Operand::Value(x)])?;
        graph.push(name, Op::Unary(Unary::Relu), vec![Operand::Value(sum)])
    }
}

impl Network for Net {
    fn graph(&self, height: usize, width: usize, _: &[&str]) -> Result<Graph, GraphError> {
        let mut graph = Graph::new("image", vec![1, 3, height, width]);
        let stem = self.rectified(&mut graph, "stem", ValueId(0), [40, 1], [0, 0])?;
        let branches = [
            self.rectified(&mut graph, "square", stem, [36, 3], [1, 1])?,
            self.rectified(&mut graph, "point", stem, [45, 1], [0, 0])?,
            // More padding on one side than on the other.
            self.rectified(&mut graph, "askew", stem, [33, 3], [2, 0])?,
        ];
        let branches = branches.map(Operand::Value).into();
        let joined = graph.push("joined", Op::Concat { axis: 1 }, branches)?;
        self.rectified(&mut graph, "head", joined, [6, 1], [0, 0])?;
        Ok(graph)
    }

    fn preprocessing(&self) -> &Preprocessing {
        &PIXELS
    }
}

#[test]
fn gradients_of_wide_layers_are_the_processors() {
    // Planes of whole fours, of none, and more tiles than a strip has.
    for [height, width] in [[24, 28], [23, 25], [66, 70]] {
        let x = noise(3, 3 * height * width);
        let mut expected = None;
        for mut candidate in block_on(engines()) {
            let mut of = |seed| {
                let (net, engine) = (Net { seed }, &mut candidate.engine);
                let found = gradient(&net, engine, "head", Objective::L2, &x, height, width);
                block_on(found).unwrap().gradient
            };
            let own = of(1);
            let expected: &Vec<f32> = expected.get_or_insert_with(|| own.clone());
            let error = relative_error(&own, expected);
            assert!(error < 2e-5, "{} at {height} × {width}: {error}", candidate.name);
            let other = relative_error(&of(2), expected);
            assert!(other > 0.1, "{}: other weights are not noticed", candidate.name);
        }
    }
}
