//! Every form in which tools store small numbers becomes a float network whose layers are close to
//! the original's. `fixtures/make_quantised.py` makes the files.

mod common;

use std::{collections::BTreeMap, path::PathBuf};

use common::{Tensors, distance, read, read_bytes, run};
use dream_onnx::{Model, ModelFiles, OnnxError, external_files, pb};
use prost::Message;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// How far each layer of a model is from the float original. A convolution that has swallowed its
/// activation answers for it.
fn distances(model: &Model, layers: &[&'static str]) -> Vec<(String, f32)> {
    distances_from("quantised", model, layers)
}

fn distances_from(golden: &str, model: &Model, layers: &[&'static str]) -> Vec<(String, f32)> {
    let golden = Tensors::read(&fixture(&format!("{golden}.safetensors")));
    let (shape, x) = golden.get("x");
    let swallowed = model.resolve(shape[2], shape[3], &["relu1"]).is_err();
    let name = |layer: &&'static str| match *layer {
        "relu1" if swallowed => "conv1",
        "relu2" if swallowed => "conv2",
        layer => layer,
    };
    let targets: Vec<&str> = layers.iter().map(name).collect();
    let resolved = model.resolve(shape[2], shape[3], &targets).expect("every layer is there");
    let outputs = run(&resolved.proto, &shape, &x);
    let away = |(layer, (_, found)): (&&str, (_, Vec<f32>))| {
        ((*layer).to_owned(), distance(&found, &golden.get(layer).1))
    };
    layers.iter().zip(outputs).map(away).collect()
}

const LAYERS: [&str; 11] = [
    "relu1", "pool1", "leaky", "gate", "product", "sum", "join", "pool2", "relu2", "mean", "scores",
];

#[test]
fn every_form_is_close_to_the_float_original() {
    let forms = [
        ("float", 1e-6),
        ("float16", 2e-3),
        ("weights-per-axis", 0.03),
        ("weights-per-tensor", 0.05),
        ("qdq-u8", 0.03),
        ("qdq-s8", 0.05),
        ("qop-u8", 0.03),
        ("qop-s8", 0.05),
        ("dynamic", 0.05),
    ];
    for (form, limit) in forms {
        let model = read(&fixture(&format!("{form}.onnx")));
        for (layer, away) in distances(&model, &LAYERS) {
            assert!(away < limit, "{form}: {layer} is {away} away");
        }
        assert!(model.head().is_some(), "{form} has a class head");
    }
}

/// ReLU6 hides in the ranges of quantisers; without it these layers would be far away.
#[test]
fn activations_limited_to_six_stay_so() {
    for form in ["six", "six-qdq", "six-qop"] {
        let model = read(&fixture(&format!("{form}.onnx")));
        for (layer, away) in distances_from("six", &model, &["relu1", "pool1", "sum", "relu2"]) {
            assert!(away < 0.05, "{form}: {layer} is {away} away");
        }
    }
    let conv = distances_from("six", &read(&fixture("six.onnx")), &["conv1"]);
    assert!(conv[0].1 < 1e-5);
    let golden = Tensors::read(&fixture("six.safetensors"));
    let relu: Vec<f32> = golden.get("conv1").1.iter().map(|x| x.max(0.0)).collect();
    assert!(distance(&relu, &golden.get("relu1").1) > 0.2, "the limit matters");
}

/// The control: without the Relu that a quantiser stands for, layers are far away.
#[test]
fn a_dropped_relu_would_be_noticed() {
    let model = read(&fixture("float.onnx"));
    let golden = Tensors::read(&fixture("quantised.safetensors"));
    let (shape, x) = golden.get("x");
    let resolved = model.resolve(shape[2], shape[3], &["conv1"]).expect("the layer is there");
    let outputs = run(&resolved.proto, &shape, &x);
    assert!(distance(&outputs[0].1, &golden.get("relu1").1) > 0.2);
}

#[test]
fn no_quantised_operator_is_left() {
    for form in ["qdq-u8", "qop-u8", "qop-s8", "dynamic", "weights-per-axis"] {
        let model = read(&fixture(&format!("{form}.onnx")));
        let resolved = model.resolve(20, 24, &["y"]).expect("the output is there");
        let graph = resolved.proto.graph.expect("a model has a graph");
        for node in &graph.node {
            assert!(node.domain.is_empty(), "{form}: {}", node.op_type);
            assert!(!node.op_type.contains("Quantize"), "{form}: {}", node.op_type);
            assert!(!node.op_type.contains("Integer"), "{form}: {}", node.op_type);
        }
    }
}

#[test]
fn constants_may_lie_in_another_file() {
    let bytes = std::fs::read(fixture("external.onnx")).expect("the fixture is there");
    assert_eq!(external_files(&bytes), Ok(vec!["external.bin".to_owned()]));
    let data = std::fs::read(fixture("external.bin")).expect("the fixture is there");
    let read = |data: Vec<u8>| {
        let external = BTreeMap::from([("external.bin".to_owned(), data)]);
        Model::read(&ModelFiles { name: "external", model: &bytes, external: &external })
    };
    let model = read(data.clone()).expect("the files are whole");
    assert!(distances(&model, &LAYERS).iter().all(|(_, away)| *away < 1e-6));
    let short = read(data[..100].to_vec()).err();
    assert!(matches!(short, Some(OnnxError::External { .. })), "{short:?}");
    let absent = read_bytes(&bytes).err();
    assert!(matches!(absent, Some(OnnxError::External { .. })), "{absent:?}");
}

#[test]
fn data_files_outside_the_folder_are_refused() {
    let bytes = std::fs::read(fixture("external.onnx")).expect("the fixture is there");
    let mut proto = pb::ModelProto::decode(&bytes[..]).expect("the fixture is sound");
    for name in ["../secret", "/etc/passwd", "a/../../b", "C:\\x", "", "a//b"] {
        let graph = proto.graph.as_mut().expect("a model has a graph");
        for tensor in &mut graph.initializer {
            for entry in tensor.external_data.iter_mut().filter(|entry| entry.key == "location") {
                entry.value = name.to_owned();
            }
        }
        let refused = external_files(&proto.encode_to_vec());
        assert!(matches!(refused, Err(OnnxError::External { .. })), "{name}: {refused:?}");
    }
}
