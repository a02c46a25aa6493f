//! The CPU engine in wasm, where tract takes its SIMD kernels: a stored case of every kind of
//! gradient, and a whole small dream.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use dream::{Objective, Session, gradient};
use dream_engines::{AnyEngine, Forward};
use dream_graph::{Binary, Constant, Conv, ConvSpec, Graph, Op, Operand, Padding, WindowSpec};
use dream_onnx::Model;
use dream_protocol::{DreamSettings, Picture};
use engine_tests::{read_model, read_tensors, relative_error};
use wasm_bindgen_test::wasm_bindgen_test;

const TOLERANCE: f32 = 1e-4;

macro_rules! case {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../fixtures/ops/", $name, ".onnx")).as_slice(),
            include_bytes!(concat!("../fixtures/ops/", $name, ".safetensors")).as_slice(),
        )
    };
}

const CASES: [(&str, &[u8], &[u8]); 12] = [
    case!("conv_3x3_same"),
    case!("conv_5x5_same"),
    case!("conv_grouped_s2"),
    case!("conv_7x7_s2"),
    case!("conv_depthwise"),
    case!("maxpool_3s2_ceil"),
    case!("lrn_5"),
    case!("inception_block"),
    case!("residual_block"),
    case!("squeeze_excite"),
    case!("head_gemm"),
    case!("head_softmax"),
];

/// Width and height of an image whose pixels, and outputs of a convolution of it, do not fill the last
/// tile of a matrix product.
const SIZE: [usize; 2] = [7, 5];
const CHANNELS: usize = 12;
const OUTPUTS: usize = 19;

#[wasm_bindgen_test]
async fn gradients_equal_pytorch() {
    let mut engine = AnyEngine::Cpu(Default::default());
    for (name, onnx, tensors) in CASES {
        let model = read_model(name, onnx).unwrap();
        let tensors = read_tensors(tensors);
        let (shape, x) = &tensors["x"];
        let mut run = async |dy: Arc<[f32]>| {
            let objective = Objective::Direction(dy);
            let result = gradient(&model, &mut engine, "y", objective, x, shape[2], shape[3]);
            relative_error(&result.await.unwrap().gradient, &tensors["dx"].1)
        };
        let dy: Arc<[f32]> = tensors["dy"].1.as_slice().into();
        let error = run(dy.clone()).await;
        assert!(error <= TOLERANCE, "{name}: {error:.1e}");
        let perturbed = dy.iter().map(|dy| dy * 1.01 + 1e-3).collect();
        assert!(run(perturbed).await > TOLERANCE, "{name}: a perturbed gradient passes");
    }
}

/// tract's plans do with a sum what follows it before they store it.
#[wasm_bindgen_test]
fn convolutions_with_what_follows_them_are_what_they_are_by_hand() {
    use Binary::{Add, Div, Max, Min, Mul, Sub};
    let [width, height] = SIZE;
    let pixels = width * height;
    let x = noise(1, CHANNELS * pixels);
    let sums = by_hand(&x, 2);
    let others = [
        ("a number", vec![1, 1, 1, 1]),
        ("a number for each output", vec![1, OUTPUTS, 1, 1]),
        ("a number for each pixel", vec![1, 1, height, width]),
        ("an image", vec![1, OUTPUTS, height, width]),
    ];
    for op in [Add, Sub, Mul, Div, Max, Min] {
        for (name, shape) in &others {
            let data: Vec<f32> =
                noise(3, shape.iter().product()).iter().map(|value| value + 2.0).collect();
            for swapped in [false, true] {
                let other =
                    Operand::Constant(Constant { shape: shape.clone(), data: data.clone().into() });
                let found = follow(&x, op, other, swapped);
                let expected: Vec<f32> = (0..OUTPUTS * pixels)
                    .map(|i| {
                        let [channel, pixel] =
                            [i / pixels % shape[1], i % pixels % (shape[2] * shape[3])];
                        let other = data[channel * shape[2] * shape[3] + pixel];
                        let [a, b] = if swapped { [other, sums[i]] } else { [sums[i], other] };
                        match op {
                            Add => a + b,
                            Sub => a - b,
                            Mul => a * b,
                            Div => a / b,
                            Max => a.max(b),
                            Min => a.min(b),
                        }
                    })
                    .collect();
                let error = relative_error(&found, &expected);
                assert!(error < 1e-5, "{op:?} with {name}, swapped: {swapped}: {error:.1e}");
                assert!(relative_error(&found, &sums) > 1e-2, "{op:?} with {name} does nothing");
            }
        }
    }
}

/// A convolution of `x`, then an operator with its sums on either side.
fn follow(x: &[f32], op: Binary, other: Operand, swapped: bool) -> Vec<f32> {
    let mut graph = Graph::new("x", vec![1, CHANNELS, SIZE[1], SIZE[0]]);
    let padding = Padding::Explicit { before: [0; 2], after: [0; 2] };
    let window = WindowSpec { kernel: [1; 2], stride: [1; 2], dilation: [1; 2], padding };
    let spec = ConvSpec { in_channels: CHANNELS, out_channels: OUTPUTS, groups: 1, window };
    let conv = Conv { spec, weight: noise(2, OUTPUTS * CHANNELS).into(), bias: None };
    let sums = graph.push("sums", Op::Conv(conv), vec![Operand::Value(graph.input())]).unwrap();
    let mut operands = vec![Operand::Value(sums), other];
    if swapped {
        operands.reverse();
    }
    graph.push("y", Op::Binary(op), operands).unwrap();
    Forward::of(&graph, &["y"]).unwrap().run(x).unwrap().remove(0)
}

/// The sums of that convolution, with weights of this seed.
fn by_hand(x: &[f32], seed: u32) -> Vec<f32> {
    let weights = noise(seed, OUTPUTS * CHANNELS);
    let pixels = SIZE[0] * SIZE[1];
    let sum = |i: usize| {
        let weights = &weights[i / pixels * CHANNELS..][..CHANNELS];
        (0..CHANNELS).map(|channel| weights[channel] * x[channel * pixels + i % pixels]).sum()
    };
    (0..OUTPUTS * pixels).map(sum).collect()
}

/// Scattered values between −1 and 1.
fn noise(seed: u32, len: usize) -> Vec<f32> {
    let scatter = |i: u32| (i + 1_000 * seed).wrapping_mul(2_654_435_761) >> 8;
    (0..len as u32).map(|i| scatter(i) as f32 / (1 << 23) as f32 - 1.0).collect()
}

#[wasm_bindgen_test]
async fn a_dream_changes_the_picture_and_repeats() {
    let model = read_model("mini-inception", mini_inception::MODEL).unwrap();
    let first = dream(&model, 1).await;
    assert_ne!(first, start(), "the dream left the picture as it was");
    assert_eq!(dream(&model, 1).await, first, "the same seed gave another dream");
    assert_ne!(dream(&model, 2).await, first, "another seed gave the same dream");
}

fn start() -> Picture {
    let (width, height) = (64, 48);
    let pixel = |i: u32| [(i % width * 4) as u8, (i / width * 5) as u8, 90, 255];
    Picture { width, height, rgba: (0..width * height).flat_map(pixel).collect() }
}

async fn dream(model: &Model, seed: u32) -> Picture {
    let objectives = vec![dream_protocol::Objective::layer(model.default_layer())];
    let settings =
        DreamSettings { objectives, seed, octaves: 2, iterations: 2, ..Default::default() };
    let engine = AnyEngine::Cpu(Default::default());
    let network = Arc::new(model.clone());
    let mut session: Session<AnyEngine> =
        Session::new(network, engine, &start(), &[], &settings).unwrap();
    while session.advance().await.unwrap().is_some() {}
    session.finish().await.unwrap()
}
