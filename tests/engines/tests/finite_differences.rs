//! Gradients against central differences of tract's forward pass, on whole networks and for the
//! operators that no stored case covers.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use dream::{Objective, gradient};
use dream_engines::Forward;
use dream_onnx::Model;
use engine_tests::{engines, noise, read_model};
use pollster::block_on;

const SIZE: [usize; 2] = [37, 44];

fn model() -> Model {
    read_model("mini-inception", mini_inception::MODEL).unwrap()
}

/// Smooth pictures in network units: far from kinks on the scale of the differences.
fn picture(seed: u32) -> Vec<f32> {
    let [height, width] = SIZE;
    let waves = noise(seed, 9);
    let level = |i: usize| {
        let (c, y, x) = (i / (height * width), i / width % height, i % width);
        let phase = waves[c] * y as f32 * 0.4 + waves[3 + c] * x as f32 * 0.4;
        80.0 * (phase + 3.0 * waves[6 + c]).sin()
    };
    (0..3 * height * width).map(level).collect()
}

/// ½ Σ a² of the layer.
fn objective(forward: &Forward, x: &[f32]) -> f64 {
    let activation = forward.run(x).unwrap().concat();
    activation.iter().map(|&a| 0.5 * f64::from(a).powi(2)).sum()
}

/// Slope of the objective along `direction`, by central differences.
fn slope(forward: &Forward, x: &[f32], direction: &[f32], step: f32) -> f64 {
    let moved =
        |step: f32| -> Vec<f32> { x.iter().zip(direction).map(|(x, d)| x + step * d).collect() };
    (objective(forward, &moved(step)) - objective(forward, &moved(-step))) / (2.0 * f64::from(step))
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

#[test]
fn slopes_of_the_embedded_network_agree() {
    let model = model();
    for layer in [model.layers()[2].name.as_str(), model.default_layer()] {
        let forward = Forward::new(&model, SIZE[0], SIZE[1], &[layer]).unwrap();
        for mut chosen in block_on(engines()) {
            let x = picture(3);
            let engine = &mut chosen.engine;
            let result =
                block_on(gradient(&model, engine, layer, Objective::L2, &x, SIZE[0], SIZE[1]));
            let gradient = result.unwrap().gradient;
            // Along the gradient itself the slope is largest and rounding matters least.
            let norm = dot(&gradient, &gradient).sqrt();
            let along: Vec<f32> = gradient.iter().map(|g| (f64::from(*g) / norm) as f32).collect();
            let numeric = slope(&forward, &x, &along, 0.05);
            let error = (numeric - norm).abs() / norm;
            assert!(error < 0.02, "{layer} on {}: {numeric} against {norm}", chosen.name);
            let flipped = (numeric + norm).abs() / norm;
            assert!(flipped > 1.0, "{layer}: a flipped gradient passes");
        }
    }
}

#[test]
fn three_steps_raise_the_objective() {
    let model = model();
    let layer = model.default_layer();
    let forward = Forward::new(&model, SIZE[0], SIZE[1], &[layer]).unwrap();
    for mut chosen in block_on(engines()) {
        let mut x = picture(5);
        let mut last = objective(&forward, &x);
        for _ in 0..3 {
            let engine = &mut chosen.engine;
            let result =
                block_on(gradient(&model, engine, layer, Objective::L2, &x, SIZE[0], SIZE[1]));
            let gradient = result.unwrap().gradient;
            let mean = gradient.iter().map(|g| g.abs()).sum::<f32>() / gradient.len() as f32;
            x.iter_mut().zip(&gradient).for_each(|(x, g)| *x += 1.5 * g / mean);
            let now = objective(&forward, &x);
            assert!(now > last * 1.01, "{now} after {last} on {}", chosen.name);
            last = now;
        }
    }
}
