//! What gradients become before they change the image, on every engine, against what TensorFlow
//! and NumPy make of them (`fixtures/make_finishes.py`).
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use dream_engines::AnyEngine;
use dream_protocol::{Choice, ColorMode, Finish, Prior};
use engine_tests::{Tensor, climb::moved, engines, fixtures, read_tensors, relative_error};
use pollster::block_on;

const TOLERANCE: f32 = 1e-4;

/// What becomes of a gradient.
fn finished(engine: &mut AnyEngine, gradient: &Tensor, prior: &Prior, smoothing: f32) -> Vec<f32> {
    moved(engine, &vec![100.0; gradient.1.len()], gradient, prior, smoothing)
}

/// The setting and the smoothing that a case's name stands for.
fn case(name: &str) -> (Prior, f32) {
    let parts: Vec<&str> = name.split('_').collect();
    let number = |i: usize| parts[i].parse::<u32>().unwrap();
    let prior = |finish| Prior { finish, ..Prior::default() };
    match parts[0] {
        "deviation" => (prior(Finish::Deviation), 0.0),
        "laplacian" => (Prior { laplacian_levels: number(1), ..prior(Finish::Laplacian) }, 0.0),
        "smooth" => {
            (prior(Finish::Smooth), dream::smoothing((number(1) + 1) as f32 / number(3) as f32))
        }
        other => panic!("no finish is called {other}"),
    }
}

#[test]
fn finished_gradients_equal_the_references() {
    let mut engines = block_on(engines());
    let mut cases = 0;
    for entry in fs::read_dir(fixtures("finishes")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let tensors = read_tensors(&fs::read(&path).unwrap());
        let (prior, smoothing) = case(&name);
        for chosen in &mut engines {
            let mut error = |prior: &Prior, smoothing| {
                let out = finished(&mut chosen.engine, &tensors["g"], prior, smoothing);
                relative_error(&out, &tensors["out"].1)
            };
            let same = error(&prior, smoothing);
            println!("{name} on {}: {same:.1e}", chosen.name);
            assert!(same <= TOLERANCE, "{name} on {}: {same:.1e}", chosen.name);
            let plain = error(&Prior::default(), smoothing);
            assert!(plain > 10.0 * TOLERANCE, "{name}: the mean passes with {plain:.1e}");
            if prior.finish == Finish::Smooth {
                let other = error(&prior, smoothing + 0.1);
                assert!(other > 10.0 * TOLERANCE, "{name}: another width passes");
            }
        }
        cases += 1;
    }
    assert!(cases >= 7, "only {cases} cases");
}

/// `color_correlation_svd_sqrt` of Lucid (`lucid/optvis/param/color.py`), for red, green and blue.
const LUCID: [[f32; 3]; 3] = [[0.26, 0.09, 0.02], [0.27, 0.0, -0.05], [0.27, -0.09, 0.03]];

/// With an image that is `C` times decorrelated colours, ascent on those moves the image along
/// `C · Cᵀ · g`.
#[test]
fn decorrelated_colours_climb_as_lucids_do() {
    let shape = vec![3, 7, 6];
    let g: Vec<f32> = (0..3 * 42).map(|i| ((i * 37 % 101) as f32 - 50.0) / 7.0).collect();
    let plane = g.len() / 3;
    let times = |matrix: &dyn Fn(usize, usize) -> f32, x: &[f32]| -> Vec<f32> {
        let sum = |i: usize| (0..3).map(|j| matrix(i / plane, j) * x[j * plane + i % plane]).sum();
        (0..x.len()).map(sum).collect()
    };
    let colors = times(&|i, j| LUCID[j][i], &g);
    let moved_by = times(&|i, j| LUCID[i][j], &colors);
    let mean = moved_by.iter().map(|it| it.abs()).sum::<f32>() / moved_by.len() as f32;
    let expected: Vec<f32> = moved_by.iter().map(|it| it / mean).collect();
    let prior = |color| Prior { color, ..Prior::default() };
    for mut chosen in block_on(engines()) {
        let mut error = |color| {
            let out = finished(&mut chosen.engine, &(shape.clone(), g.clone()), &prior(color), 0.0);
            relative_error(&out, &expected)
        };
        let same = error(ColorMode::Decorrelated);
        assert!(same <= TOLERANCE, "on {}: {same:.1e}", chosen.name);
        assert!(error(ColorMode::Free) > 0.1 && error(ColorMode::Luminance) > 0.1);
    }
}

/// A flat gradient has no direction; nothing may become of it, least of all a number that is none.
#[test]
fn an_empty_gradient_changes_nothing() {
    for mut chosen in block_on(engines()) {
        for &finish in Finish::ALL {
            let prior = Prior { finish, ..Prior::default() };
            let gradient = (vec![3, 9, 8], vec![0.0; 3 * 72]);
            let out = finished(&mut chosen.engine, &gradient, &prior, 1.0);
            assert!(out.iter().all(|&moved| moved == 0.0), "{finish:?} on {}", chosen.name);
        }
    }
}
