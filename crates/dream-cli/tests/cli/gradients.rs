//! `dream gradient` against stored values and finite differences of what it prints.

use std::{
    fs,
    path::{Path, PathBuf},
};

use safetensors::SafeTensors;

use crate::command::Folder;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/engines/fixtures/ops").join(name)
}

/// A case of one operator: its model as `case.onnx` and its tensors.
struct Case {
    folder: Folder,
    bytes: Vec<u8>,
}

impl Case {
    fn new(name: &str) -> Self {
        let folder = Folder::new(&format!("gradient_{name}"));
        fs::copy(fixture(&format!("{name}.onnx")), folder.path("case.onnx")).expect("a model");
        Self { folder, bytes: fs::read(fixture(&format!("{name}.safetensors"))).expect("tensors") }
    }

    fn tensor(&self, name: &str) -> (Vec<u64>, Vec<f32>) {
        let tensors = SafeTensors::deserialize(&self.bytes).expect("safetensors");
        let tensor = tensors.tensor(name).expect("a tensor");
        let floats =
            tensor.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        (tensor.shape().iter().map(|&side| side as u64).collect(), floats.collect())
    }
}

fn write(path: &Path, shape: &[u64], values: &[f32]) {
    use npyz::WriterBuilder;
    let file = fs::File::create(path).expect("a file");
    let options = npyz::WriteOptions::new().default_dtype().shape(shape);
    let mut writer = options.writer(file).begin_nd().expect("a header");
    writer.extend(values.iter().copied()).expect("values");
    writer.finish().expect("an end");
}

fn read(path: &Path) -> (Vec<u64>, Vec<f32>) {
    let bytes = fs::read(path).expect("a file");
    let file = npyz::NpyFile::new(&bytes[..]).expect("an array");
    (file.shape().to_vec(), file.into_vec().expect("values"))
}

/// The objective that a run prints.
fn objective(folder: &Folder, arguments: &str) -> f64 {
    let printed = folder.dream(arguments).success();
    let (_, number) = printed.trim().rsplit_once(' ').expect("words");
    number.parse().expect("a number")
}

/// Largest difference relative to the largest value.
fn distance(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let largest = b.iter().fold(0f32, |largest, value| largest.max(value.abs()));
    a.iter().zip(b).fold(0f32, |worst, (a, b)| worst.max((a - b).abs())) / largest
}

/// Slope of the printed objective along the stored gradient, over the gradient's length: 1 if the
/// gradient is right.
fn slope(folder: &Folder, arguments: &str, shape: &[u64], x: &[f32], g: &[f32], step: f64) -> f64 {
    let length = g.iter().map(|&g| f64::from(g).powi(2)).sum::<f64>().sqrt();
    let side = |name: &str, sign: f64| {
        let moved =
            |(&x, &g): (&f32, &f32)| (f64::from(x) + sign * step * f64::from(g) / length) as f32;
        write(&folder.path(name), shape, &x.iter().zip(g).map(moved).collect::<Vec<_>>());
        objective(folder, &format!("gradient {arguments} --input {name} --output unused.npy"))
    };
    (side("ahead.npy", 1.0) - side("behind.npy", -1.0)) / (2.0 * step * length)
}

#[test]
fn half_the_squares_of_a_normalisation() {
    let case = Case::new("normalise_sub_div");
    let [(shape, x), (_, y), (_, dy), (_, dx)] =
        ["x", "y", "dy", "dx"].map(|name| case.tensor(name));
    write(&case.folder.path("x.npy"), &shape, &x);
    let run =
        "gradient --model case.onnx --layer y --input x.npy --output g.npy --activation a.npy";
    let printed = objective(&case.folder, run);

    let (activation_shape, activation) = read(&case.folder.path("a.npy"));
    assert_eq!(activation_shape, shape);
    assert!(distance(&activation, &y) < 1e-6);
    let expected = 0.5 * y.iter().map(|&y| f64::from(y).powi(2)).sum::<f64>();
    assert!((printed / expected - 1.0).abs() < 1e-6, "{printed} is not {expected}");

    let (gradient_shape, gradient) = read(&case.folder.path("g.npy"));
    assert_eq!(gradient_shape, shape);
    // The operator works value by value, so its stored derivative is dx / dy.
    let expected: Vec<f32> = (0..y.len()).map(|i| y[i] * dx[i] / dy[i]).collect();
    assert!(distance(&gradient, &expected) < 1e-4);
    assert!(distance(&gradient, &dx) > 1e-2, "the control passes");
}

#[test]
fn layers_and_channels_of_a_convolution() {
    let case = Case::new("conv_7x7_s2");
    let (shape, x) = case.tensor("x");
    write(&case.folder.path("x.npy"), &shape, &x);
    let mut gradients = Vec::new();
    for target in ["", " --channel 3"] {
        let target = format!("--model case.onnx --layer y{target}");
        let files = "--input x.npy --output g.npy --activation a.npy";
        case.folder.dream(&format!("gradient {target} {files}")).success();
        assert!(distance(&read(&case.folder.path("a.npy")).1, &case.tensor("y").1) < 1e-4);
        let (_, gradient) = read(&case.folder.path("g.npy"));
        let slope = slope(&case.folder, &target, &shape, &x, &gradient, 0.5);
        assert!((slope - 1.0).abs() < 1e-3, "{target}: slope {slope}");
        gradients.push((target, gradient));
    }
    let (target, wrong) = (&gradients[0].0, &gradients[1].1);
    let slope = slope(&case.folder, target, &shape, &x, wrong, 0.5);
    assert!((slope - 1.0).abs() > 1e-2, "the gradient of another objective passes");
    let complaint = case
        .folder
        .dream("gradient --model case.onnx --layer y --channel 16 --input x.npy --output h.npy");
    assert!(complaint.failure().contains("layer y has no channel 16; it has 16"));
    let complaint =
        case.folder.dream("gradient --model case.onnx --class 1 --input x.npy --output h.npy");
    assert!(complaint.failure().contains("has no class head"));
    assert!(!case.folder.path("h.npy").exists());
}

#[test]
fn a_logit_of_the_embedded_model() {
    let folder = Folder::new("gradient_logit");
    let shape = [1, 3, 64, 72];
    let x: Vec<f32> = (0..3 * 64 * 72).map(|i| 60.0 * ((i % 97) as f32 * 0.21).sin()).collect();
    write(&folder.path("x.npy"), &shape, &x);
    let gradient = |class: u32| {
        folder.dream(&format!("gradient --class {class} --input x.npy --output g.npy")).success();
        read(&folder.path("g.npy")).1
    };
    let (right, wrong) = (gradient(7), gradient(8));
    let slope = |g: &[f32]| slope(&folder, "--class 7", &shape, &x, g, 0.5);
    let (right, wrong) = (slope(&right), slope(&wrong));
    assert!((right - 1.0).abs() < 0.02, "slope {right}");
    assert!((wrong - 1.0).abs() > 0.05, "the gradient of another class passes: slope {wrong}");
    let complaint = folder.dream("gradient --class 123456 --input x.npy --output g.npy").failure();
    assert!(complaint.contains("has no class 123456; it has 1000"), "{complaint}");
}
