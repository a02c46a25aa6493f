//! Every golden operator, and every pattern that whole networks need, is read and, run forward by
//! tract, gives PyTorch's result.

mod common;

use common::{Tensors, distance, read, repository, run};

#[test]
fn golden_operators_give_pytorch_results() {
    assert_eq!(check("tests/engines/fixtures/ops"), 42);
}

#[test]
fn patterns_of_whole_networks_give_pytorch_results() {
    assert_eq!(check("tests/engines/fixtures/patterns"), 64);
}

/// Checks every case of a folder and returns how many there are.
fn check(folder: &str) -> usize {
    let folder = repository(folder);
    let mut cases = 0;
    for entry in std::fs::read_dir(&folder).expect("the fixtures are there") {
        let path = entry.expect("the folder can be listed").path();
        if path.extension().is_none_or(|ending| ending != "onnx") {
            continue;
        }
        let tensors = Tensors::read(&path.with_extension("safetensors"));
        let ((shape, x), (expected_shape, expected)) = (tensors.get("x"), tensors.get("y"));
        let model = read(&path);
        let resolved = model
            .resolve(shape[2], shape[3], &["y"])
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let outputs = run(&resolved.proto, &shape, &x);
        let [(found_shape, found)] = &outputs[..] else { panic!("{} outputs", outputs.len()) };
        assert_eq!(found_shape, &expected_shape, "{}", path.display());
        let away = distance(found, &expected);
        assert!(away < 1e-5, "{}: {away}", path.display());
        let mut perturbed = found.clone();
        perturbed[0] += 1e-3 * expected.iter().fold(0.0f32, |m, x| m.max(x.abs()));
        assert!(distance(&perturbed, &expected) > 1e-5, "the comparison must notice an error");
        cases += 1;
    }
    cases
}
