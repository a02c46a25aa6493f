//! The CPU engine in wasm, where tract takes its SIMD kernels: a stored case of every kind of
//! gradient, and a whole small dream.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use dream::{Objective, Session, gradient};
use dream_engines::AnyEngine;
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

const CASES: [(&str, &[u8], &[u8]); 8] = [
    case!("conv_3x3_same"),
    case!("conv_7x7_s2"),
    case!("conv_depthwise"),
    case!("maxpool_3s2_ceil"),
    case!("lrn_5"),
    case!("inception_block"),
    case!("squeeze_excite"),
    case!("head_softmax"),
];

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
