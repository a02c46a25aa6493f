//! Rectifiers whose gradients are taken by whoever writes them last, against the same rectifiers
//! written as clips, whose gradients are work of their own.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use dream::{Objective, gradient};
use dream_graph::{
    ColorLayout, Conv, ConvSpec, Graph, GraphError, LrnSpec, Network, Op, Operand, Padding,
    PoolSpec, Preprocessing, Unary, ValueId, WindowSpec,
};
use engine_tests::{engines, noise, relative_error};
use pollster::block_on;

const SIZE: [usize; 2] = [19, 22];
const PIXELS: Preprocessing =
    Preprocessing { layout: ColorLayout::Rgb, mean: [0.0; 3], scale: [1.0; 3] };

/// What stands for the rectifiers of the network under test.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rectifier {
    Relu,
    Clip,
    None,
}

/// Three rectified branches of a stem side by side, an operator on them, and a rectified head.
struct Net {
    rectifier: Rectifier,
    op: Op,
}

fn window(kernel: usize, stride: usize, before: usize) -> WindowSpec {
    let padding = Padding::Explicit { before: [before; 2], after: [kernel / 2; 2] };
    WindowSpec { kernel: [kernel; 2], stride: [stride; 2], dilation: [1; 2], padding }
}

fn conv(channels: [usize; 2], groups: usize, window: WindowSpec) -> Op {
    let [in_channels, out_channels] = channels;
    let taps = window.kernel[0] * window.kernel[1];
    let weight = noise(channels[1] as u32, out_channels * in_channels / groups * taps);
    let spec = ConvSpec { in_channels, out_channels, groups, window };
    Op::Conv(Conv { spec, weight: weight.into(), bias: Some(noise(5, out_channels).into()) })
}

fn max_pool(window: WindowSpec) -> Op {
    Op::MaxPool(PoolSpec { window, ceil_mode: true, count_include_pad: false })
}

impl Net {
    fn rectified(
        &self,
        graph: &mut Graph,
        name: &str,
        x: ValueId,
        outputs: usize,
    ) -> Result<ValueId, GraphError> {
        let inputs = graph.value(x).shape[1];
        let op = conv([inputs, outputs], 1, window(1, 1, 0));
        let sum = graph.push(format!("{name}/sum"), op, vec![Operand::Value(x)])?;
        let op = match self.rectifier {
            Rectifier::Relu => Unary::Relu,
            Rectifier::Clip => Unary::Clip { min: 0.0, max: f32::MAX },
            Rectifier::None => return Ok(sum),
        };
        graph.push(name, Op::Unary(op), vec![Operand::Value(sum)])
    }
}

impl Network for Net {
    fn graph(&self, height: usize, width: usize, _: &[&str]) -> Result<Graph, GraphError> {
        let mut graph = Graph::new("image", vec![1, 3, height, width]);
        let stem = self.rectified(&mut graph, "stem", ValueId(0), 4)?;
        let branches = [("a", 2), ("b", 5), ("c", 1)];
        let branches = branches.map(|(name, n)| self.rectified(&mut graph, name, stem, n));
        let branches: Result<Vec<_>, _> = branches.into_iter().collect();
        let branches = branches?.into_iter().map(Operand::Value).collect();
        let joined = graph.push("joined", Op::Concat { axis: 1 }, branches)?;
        let applied = graph.push("applied", self.op.clone(), vec![Operand::Value(joined)])?;
        self.rectified(&mut graph, "head", applied, 6)?;
        Ok(graph)
    }

    fn preprocessing(&self) -> &Preprocessing {
        &PIXELS
    }
}

#[test]
fn gradients_before_rectifiers_are_those_of_clips() {
    let ops = [
        ("few outputs", conv([8, 6], 1, window(3, 1, 1))),
        ("many outputs", conv([8, 40], 1, window(3, 1, 1))),
        ("strided", conv([8, 40], 1, window(3, 2, 1))),
        ("strided by more than it is wide", conv([8, 12], 1, window(1, 2, 0))),
        ("depthwise", conv([8, 8], 8, window(3, 1, 1))),
        ("max-pooling", max_pool(window(3, 1, 1))),
        ("strided max-pooling", max_pool(window(3, 2, 0))),
        ("strided max-pooling with padding", max_pool(window(3, 2, 1))),
        ("max-pooling of pairs", max_pool(window(2, 2, 0))),
        ("wide max-pooling", max_pool(window(5, 3, 2))),
        ("LRN", Op::Lrn(LrnSpec { size: 5, alpha: 0.5, beta: 0.75, bias: 1.0 })),
        (
            "batch normalisation",
            Op::BatchNorm { scale: noise(8, 8).into(), shift: noise(9, 8).into() },
        ),
    ];
    let x = noise(3, 3 * SIZE[0] * SIZE[1]);
    for (name, op) in ops {
        for mut candidate in block_on(engines()) {
            let [relu, clip, none] =
                [Rectifier::Relu, Rectifier::Clip, Rectifier::None].map(|rectifier| {
                    let net = Net { rectifier, op: op.clone() };
                    let engine = &mut candidate.engine;
                    let layer = if rectifier == Rectifier::None { "head/sum" } else { "head" };
                    let [height, width] = SIZE;
                    let found = gradient(&net, engine, layer, Objective::L2, &x, height, width);
                    block_on(found).unwrap().gradient
                });
            let error = relative_error(&relu, &clip);
            assert!(error < 1e-5, "{name} on {}: {error}", candidate.name);
            let error = relative_error(&none, &clip);
            assert!(error > 1e-2, "{name}: without rectifiers it is the same");
        }
    }
}
