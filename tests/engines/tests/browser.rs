//! The GPU engine where most people meet it: in a browser's worker, through WebGPU. Every stored
//! case, and the stored gradients of GoogLeNet where it is at hand.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use dream::{Objective, gradient};
use dream_engines::{AnyEngine, Gpu, GpuEngine};
use dream_onnx::Model;
use engine_tests::{error_of_most, read_model, read_tensors, relative_error};
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

include!(concat!(env!("OUT_DIR"), "/cases.rs"));

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const TOLERANCE: f32 = 1e-3;

async fn engine() -> AnyEngine {
    AnyEngine::Gpu(GpuEngine::new(Gpu::open().await.unwrap()))
}

#[wasm_bindgen_test]
async fn outputs_and_gradients_equal_pytorch() {
    let mut engine = engine().await;
    assert!(CASES.len() >= 100, "only {} cases", CASES.len());
    let (mut worst, mut wrong) = (0.0f32, Vec::new());
    for (name, onnx, tensors) in CASES {
        let model = read_model(name, onnx).unwrap();
        let tensors = read_tensors(tensors);
        let (shape, x) = &tensors["x"];
        let (dy, dx) = (&tensors["dy"].1, &tensors["dx"].1);
        let mut run = async |dy: Vec<f32>| {
            let objective = Objective::Direction(dy.into());
            gradient(&model, &mut engine, "y", objective, x, shape[2], shape[3]).await.unwrap()
        };
        let result = run(dy.clone()).await;
        let y = relative_error(&result.activation.1, &tensors["y"].1);
        let error = relative_error(&result.gradient, dx).max(y);
        worst = worst.max(error);
        if error > TOLERANCE {
            wrong.push(format!("{name}: {error:.1e}"));
        }
        let perturbed = run(dy.iter().map(|dy| dy * 1.01 + 1e-3).collect()).await;
        let control = relative_error(&perturbed.gradient, dx);
        assert!(control > TOLERANCE, "{name}: {control:.1e} went unnoticed");
    }
    console_log!("{} cases, at most {worst:.1e} away", CASES.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[wasm_bindgen_test]
async fn gradients_of_googlenet_equal_pytorch() {
    let Some((model, stored)) = GOOGLENET else {
        return console_log!("SKIPPED: GoogLeNet was not at hand when this test was built");
    };
    let (model, stored) = (read_model("googlenet", model).unwrap(), read_tensors(stored));
    let (shape, x) = &stored["x"];
    let mut engine = engine().await;
    let mut run = async |model: &Model, layer: &str| {
        gradient(model, &mut engine, layer, Objective::L2, x, shape[2], shape[3]).await.unwrap()
    };
    let mut compared = 0;
    for (key, (_, expected)) in &stored {
        let (actual, measure): (_, fn(&[f32], &[f32]) -> f32) =
            match key.split(':').collect::<Vec<_>>()[..] {
                ["act", layer] => (run(&model, layer).await.activation.1, relative_error),
                ["grad", "l2", layer] => (run(&model, layer).await.gradient, error_of_most),
                _ => continue,
            };
        let error = measure(&actual, expected);
        console_log!("{key}: {error:.1e}");
        assert!(error <= TOLERANCE, "{key}: {error:.1e}");
        let flipped: Vec<f32> = expected.iter().map(|e| -e).collect();
        assert!(measure(&actual, &flipped) > 10.0 * TOLERANCE, "{key}: a flipped sign passes");
        compared += 1;
    }
    assert!(compared >= 12, "only {compared} tensors compared");
}
