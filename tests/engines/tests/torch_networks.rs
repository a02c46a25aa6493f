//! torchvision's networks, as PyTorch's exporters write them, at image sizes that they were not
//! exported for: activations and gradients equal PyTorch's, on every engine.
//!
//! `fixtures/make_networks.py` makes the files. They are too large to keep, so this runs only where
//! `PAREIDOLIA_NETWORKS` names their folder.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, fs, path::Path};

use dream::{Objective, gradient};
use engine_tests::{Candidate, engines, read_model, read_tensors, relative_error};
use pollster::block_on;

const ACTIVATIONS: f32 = 1e-4;

/// Of gradients, measured over the whole image: a unit whose input rounds to the other side of a
/// kink changes the gradient in one patch (PyTorch in f32 and in f64 differ by 0.008 on GoogLeNet).
const GRADIENTS: f32 = 2e-2;

#[test]
fn activations_and_gradients_equal_pytorch() {
    let Some(folder) = std::env::var_os("PAREIDOLIA_NETWORKS") else {
        eprintln!("SKIPPED: PAREIDOLIA_NETWORKS does not name a folder of make_networks.py");
        return;
    };
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    let mut engines = block_on(engines());
    let wrong: Vec<String> = files.iter().flat_map(|pairs| check(pairs, &mut engines)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Checks one exported file against what PyTorch stored for its network; returns what is wrong.
fn check(pairs: &Path, engines: &mut [Candidate]) -> Vec<String> {
    let stem = pairs.file_stem().unwrap().to_string_lossy().into_owned();
    let network = stem.split('-').next().unwrap();
    let tensors = fs::read(pairs.with_file_name(format!("{network}.safetensors"))).unwrap();
    let tensors = read_tensors(&tensors);
    let layers: BTreeMap<String, String> =
        serde_json::from_slice(&fs::read(pairs).unwrap()).unwrap();
    let model = read_model(&stem, &fs::read(pairs.with_extension("onnx")).unwrap())
        .unwrap_or_else(|error| panic!("{stem}: {error}"));
    let (mut worst, mut wrong) = ([0.0f32; 2], Vec::new());
    for size in ["96x80", "131x117"] {
        let (shape, x) = &tensors[&format!("x/{size}")];
        for (layer, module) in &layers {
            let [a, g] = ["a", "g"].map(|kind| &tensors[&format!("{kind}/{size}/{module}")].1);
            for chosen in engines.iter_mut() {
                let place = format!("{stem} at {size}: {layer} ({module}) on {}", chosen.name);
                let (engine, [h, w]) = (&mut chosen.engine, [shape[2], shape[3]]);
                match block_on(gradient(&model, engine, layer, Objective::L2, x, h, w)) {
                    Ok(found) => {
                        let errors =
                            [relative_error(&found.activation.1, a), distance(&found.gradient, g)];
                        worst = [worst[0].max(errors[0]), worst[1].max(errors[1])];
                        if errors[0] > ACTIVATIONS || errors[1] > GRADIENTS {
                            wrong.push(format!("{place}: {errors:?}"));
                        }
                        let negated: Vec<f32> = g.iter().map(|g| -g).collect();
                        let other = distance(&found.gradient, &negated);
                        assert!(other > GRADIENTS, "{place}: the comparison must notice");
                    }
                    Err(error) => wrong.push(format!("{place}: {error}")),
                }
            }
        }
    }
    println!("{stem}: {} layers, at most {:.1e} and {:.1e} away", layers.len(), worst[0], worst[1]);
    wrong
}

/// Length of the difference over the length of what is expected.
fn distance(found: &[f32], expected: &[f32]) -> f32 {
    let squares = |values: &mut dyn Iterator<Item = f32>| values.map(|v| v * v).sum::<f32>();
    let difference = squares(&mut found.iter().zip(expected).map(|(a, b)| a - b));
    (difference / squares(&mut expected.iter().copied())).sqrt()
}
