//! Every stored operator and small network on every engine: outputs and gradients against PyTorch.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, fs};

use dream::{Gradient, Objective, gradient};
use dream_engines::AnyEngine;
use dream_onnx::Model;
use engine_tests::{Tensor, engines, fixtures, read_model, read_tensors, relative_error};
use pollster::block_on;

const TOLERANCE: f32 = 1e-4;

struct Case {
    name: String,
    model: Model,
    tensors: BTreeMap<String, Tensor>,
}

impl Case {
    fn vjp(&self, engine: &mut AnyEngine, dy: &[f32]) -> Gradient {
        let (shape, x) = &self.tensors["x"];
        let objective = Objective::Direction(dy.into());
        block_on(gradient(&self.model, engine, "y", objective, x, shape[2], shape[3]))
            .unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = ["ops", "patterns"]
        .into_iter()
        .flat_map(|folder| fs::read_dir(fixtures(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "onnx"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let model = read_model(&name, &fs::read(&path).unwrap())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let tensors = read_tensors(&fs::read(path.with_extension("safetensors")).unwrap());
            Case { name, model, tensors }
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

#[test]
fn outputs_and_gradients_equal_pytorch() {
    let cases = cases();
    assert!(cases.len() >= 100, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    let mut engines = block_on(engines());
    for case in &cases {
        for chosen in &mut engines {
            let result = case.vjp(&mut chosen.engine, &case.tensors["dy"].1);
            let y = relative_error(&result.activation.1, &case.tensors["y"].1);
            let dx = relative_error(&result.gradient, &case.tensors["dx"].1);
            if y > TOLERANCE || dx > TOLERANCE {
                wrong.push(format!("{} on {}: y {y:.1e}, dx {dx:.1e}", case.name, chosen.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The control: a gradient that differs by a hundredth of its largest element must be noticed.
#[test]
fn a_perturbed_gradient_is_noticed() {
    let mut engines = block_on(engines());
    for case in cases() {
        let dy = &case.tensors["dy"].1;
        let perturbed: Vec<f32> = dy.iter().map(|dy| dy * 1.01 + 1e-3).collect();
        for chosen in &mut engines {
            let result = case.vjp(&mut chosen.engine, &perturbed);
            let error = relative_error(&result.gradient, &case.tensors["dx"].1);
            assert!(error > TOLERANCE, "{}: {error:.1e} went unnoticed", case.name);
        }
    }
}
