//! The forward pass as we wire it for tract, against tract's own reading of the same graph from an
//! ONNX file, and against PyTorch.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, path::Path};

use dream_cpu::Forward;
use dream_graph::Network;
use engine_tests::{fixtures, read_model, read_tensors, relative_error};

const TOLERANCE: f32 = 1e-5;

/// Runs every stored case of a folder; returns how many there are.
fn check(folder: &str) -> usize {
    let mut cases = 0;
    for entry in fs::read_dir(fixtures(folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "onnx") {
            check_case(&path);
            cases += 1;
        }
    }
    cases
}

fn check_case(path: &Path) {
    let name = path.display();
    let model = read_model("case", &fs::read(path).unwrap()).unwrap();
    let tensors = read_tensors(&fs::read(path.with_extension("safetensors")).unwrap());
    let ((shape, x), (_, expected)) = (&tensors["x"], &tensors["y"]);
    let graph = model.graph(shape[2], shape[3], &["y"]).unwrap();
    let image = graph.value(graph.input()).name.clone();
    let targets = ["y", image.as_str()];
    let ours = Forward::of(&graph, &targets).unwrap_or_else(|error| panic!("{name}: {error}"));
    let stock = Forward::stock(&graph, &targets).unwrap_or_else(|error| panic!("{name}: {error}"));
    let (ours, stock) = (ours.run(x).unwrap(), stock.run(x).unwrap());
    assert_eq!(ours[1], *x, "{name}: the image itself can be a target");
    let away = relative_error(&ours[0], expected);
    assert!(away < TOLERANCE, "{name}: {away} from PyTorch");
    let away = relative_error(&ours[0], &stock[0]);
    assert!(away < TOLERANCE, "{name}: {away} from tract's own");

    let mut perturbed = ours[0].clone();
    perturbed[0] += 1e-3 * expected.iter().fold(0.0f32, |most, y| most.max(y.abs()));
    assert!(relative_error(&perturbed, expected) > TOLERANCE, "{name}: an error is noticed");
}

#[test]
fn every_operator_is_wired_as_pytorch_and_tract_mean_it() {
    assert_eq!(check("ops"), 42);
}

#[test]
fn patterns_of_whole_networks_are_too() {
    assert_eq!(check("patterns"), 64);
}
