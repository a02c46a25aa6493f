//! What the tests of this crate share: reading files, running models through tract, comparing.
#![allow(dead_code, reason = "no test uses all of it")]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use dream_onnx::{Model, ModelFiles, OnnxError, pb};
use tract_onnx::prelude::*;

/// A folder of this repository, from its root.
pub fn repository(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder)
}

/// A file of the shared folder beside the repository; says so loudly where it is absent.
pub fn shared(file: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PAREIDOLIA_SHARED").map(PathBuf::from);
    let path = root.unwrap_or_else(|| repository("../shared")).join(file);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: {} is absent; set PAREIDOLIA_SHARED", path.display());
    None
}

/// Reads a model from bytes, whatever its input.
pub fn read_bytes(bytes: &[u8]) -> Result<Model, OnnxError> {
    Model::read_any(&ModelFiles { name: "test", model: bytes, external: &BTreeMap::new() })
}

/// Reads a model from a file.
pub fn read(path: &Path) -> Model {
    let bytes = std::fs::read(path).expect("the file can be read");
    read_bytes(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs a model through tract and returns its outputs.
pub fn run(proto: &pb::ModelProto, shape: &[usize], input: &[f32]) -> Vec<(Vec<usize>, Vec<f32>)> {
    let model = tract_onnx::onnx()
        .model_for_proto_model(proto)
        .and_then(|model| model.into_optimized())
        .and_then(|model| model.into_runnable())
        .unwrap_or_else(|error| panic!("tract refuses the model: {error:?}"));
    let input = Tensor::from_shape(shape, input).expect("the input has its shape");
    let outputs = model.run(tvec!(input.into())).expect("tract runs the model");
    let read = |tensor: TValue| {
        let tensor = tensor.into_tensor();
        let data = tensor.to_plain_array_view::<f32>().expect("outputs are floats");
        (tensor.shape().to_vec(), data.iter().copied().collect())
    };
    outputs.into_iter().map(read).collect()
}

/// The largest difference relative to the largest expected element.
pub fn distance(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len(), "lengths differ");
    let largest = expected.iter().fold(f32::MIN_POSITIVE, |m, x| m.max(x.abs()));
    let differences = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    // A NaN must not hide: it counts as infinitely far.
    differences.fold(0.0, |m: f32, d| if d.is_nan() { f32::INFINITY } else { m.max(d) }) / largest
}

/// Tensors of a safetensors file, as floats.
pub struct Tensors(Vec<u8>);

impl Tensors {
    /// Reads a file.
    pub fn read(path: &Path) -> Self {
        Self(std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    }

    /// Names of its tensors.
    pub fn names(&self) -> Vec<String> {
        let tensors = safetensors::SafeTensors::deserialize(&self.0).expect("the file is whole");
        tensors.names().into_iter().map(str::to_owned).collect()
    }

    /// Shape and elements of one.
    pub fn get(&self, name: &str) -> (Vec<usize>, Vec<f32>) {
        let tensors = safetensors::SafeTensors::deserialize(&self.0).expect("the file is whole");
        let tensor = tensors.tensor(name).unwrap_or_else(|_| panic!("no tensor {name}"));
        let data = tensor.data().chunks_exact(4);
        let data = data.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        (tensor.shape().to_vec(), data)
    }
}
