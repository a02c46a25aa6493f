//! Bad files: each a typed error that names what is to blame, within a second, whatever the file
//! claims.

mod common;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use common::{read_bytes, repository};
use dream_onnx::{Model, ModelFiles, OnnxError, looks_like_onnx, pb};
use pb::{NodeProto, TensorProto, tensor_shape_proto::dimension::Value as Size};
use prost::Message;

/// A small sound model: Conv, Relu, and the pieces to break.
fn sound() -> pb::ModelProto {
    let path = repository("tests/engines/fixtures/ops/residual_block.onnx");
    let bytes = std::fs::read(path).expect("the fixture is there");
    pb::ModelProto::decode(&bytes[..]).expect("the fixture is sound")
}

fn graph(model: &mut pb::ModelProto) -> &mut pb::GraphProto {
    model.graph.as_mut().expect("a model has a graph")
}

/// Breaks the sound model and returns what reading it says.
fn broken(breaks: impl FnOnce(&mut pb::ModelProto)) -> OnnxError {
    let mut model = sound();
    breaks(&mut model);
    refused(&model.encode_to_vec())
}

fn refused(bytes: &[u8]) -> OnnxError {
    let start = Instant::now();
    let error = read_bytes(bytes).err().expect("the file must be refused");
    assert!(start.elapsed() < Duration::from_secs(1), "took {:?}", start.elapsed());
    error
}

fn node(op: &str, input: &[&str], output: &str) -> NodeProto {
    NodeProto {
        name: format!("the {op}"),
        op_type: op.into(),
        input: input.iter().map(|&name| name.into()).collect(),
        output: vec![output.into()],
        ..NodeProto::default()
    }
}

#[test]
fn the_model_to_break_is_sound() {
    assert!(read_bytes(&sound().encode_to_vec()).is_ok());
}

#[test]
fn other_files_are_not_onnx() {
    for bytes in [&b""[..], b"hello", b"PK\x03\x04", &[0xff; 100]] {
        assert!(matches!(refused(bytes), OnnxError::NotOnnx(_)), "{bytes:?}");
    }
}

#[test]
fn two_gigabytes_of_zeros_are_refused_at_the_first_bytes() {
    assert!(matches!(looks_like_onnx(&[0; 64]), Err(OnnxError::NotOnnx(_))));
    assert!(matches!(refused(&vec![0; 64 << 20]), OnnxError::NotOnnx(_)));
}

#[test]
fn a_truncated_file_is_damaged_wherever_it_ends() {
    let bytes = mini_inception::MODEL;
    for end in [100, 1000, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
        let error = refused(&bytes[..end]);
        assert!(matches!(error, OnnxError::Damaged(_)), "cut at {end}: {error:?}");
    }
}

#[test]
fn a_missing_initialiser_is_named() {
    let error = broken(|model| {
        graph(model).initializer.retain(|t| t.name != "wr2");
    });
    let expected =
        OnnxError::MissingTensor { node: "b".into(), op: "Conv".into(), tensor: "wr2".into() };
    assert_eq!(error, expected);
}

#[test]
fn a_cycle_is_named() {
    let error = broken(|model| {
        let graph = graph(model);
        graph.node[0].input[0] = "s".into();
    });
    assert!(matches!(error, OnnxError::Cycle { .. }), "{error:?}");
}

#[test]
fn an_unsupported_operator_is_named() {
    let error = broken(|model| {
        graph(model).node[1].op_type = "Frobnicate".into();
    });
    let OnnxError::Unsupported { node, op, .. } = error else { panic!("{error:?}") };
    assert_eq!((node.as_str(), op.as_str()), ("a", "Frobnicate"));
    let error = broken(|model| {
        graph(model).node[1].domain = "com.example".into();
    });
    assert!(error.to_string().contains("com.example.Relu"), "{error}");
}

#[test]
fn an_old_or_unknown_operator_set_is_refused() {
    for version in [6, 0, -1, 1 << 40] {
        let error = broken(|model| model.opset_import[0].version = version);
        assert_eq!(error, OnnxError::Version(version));
    }
    assert!(matches!(broken(|model| model.opset_import.clear()), OnnxError::Damaged(_)));
}

#[test]
fn absurd_dimensions_are_refused() {
    for dims in [vec![1 << 40, 1 << 40], vec![-1, 3], vec![i64::MAX], vec![6, 6, 3, 4]] {
        let error = broken(|model| {
            graph(model).initializer[0].dims = dims.clone();
        });
        assert!(matches!(error, OnnxError::Tensor { .. }), "{dims:?}: {error:?}");
    }
    for side in [1i64 << 40, -7, i64::MAX, i64::MIN] {
        let error = broken(|model| {
            let input = graph(model).input[0].r#type.as_mut().and_then(|t| t.value.as_mut());
            let Some(pb::type_proto::Value::TensorType(tensor)) = input else { panic!("no type") };
            let shape = tensor.shape.as_mut().expect("it has a shape");
            shape.dim[2].value = Some(Size::DimValue(side));
        });
        assert!(matches!(error, OnnxError::Input(_)), "{side}: {error:?}");
    }
}

#[test]
fn absurd_attributes_are_refused() {
    for (name, value) in [("pads", i64::MAX), ("pads", 1 << 40), ("pads", -3), ("pads", 1 << 31)] {
        let error = broken(|model| {
            let attributes = &mut graph(model).node[0].attribute;
            let found = attributes.iter_mut().find(|a| a.name == name).expect("it is there");
            found.ints = vec![value; 4];
        });
        assert!(error.to_string().contains("Conv"), "{name} = {value}: {error}");
    }
}

#[test]
fn constants_that_grow_without_end_are_refused() {
    let int64 = |name: &str, data: Vec<i64>| TensorProto {
        name: name.into(),
        dims: vec![data.len() as i64],
        data_type: 7,
        int64_data: data,
        ..TensorProto::default()
    };
    for shape in [vec![1 << 20, 1 << 20], vec![i64::MAX; 3], vec![1 << 33]] {
        let error = broken(|model| {
            let graph = graph(model);
            graph.initializer.push(int64("shape", shape.clone()));
            graph.node.insert(0, node("ConstantOfShape", &["shape"], "big"));
            graph.node.push(node("Add", &["y", "big"], "z"));
            graph.output[0].name = "z".into();
        });
        assert!(matches!(error, OnnxError::Node { .. }), "{shape:?}: {error:?}");
    }
    // Doubling a value of the image over and over.
    let error = broken(|model| {
        let graph = graph(model);
        let mut last = "y".to_owned();
        for i in 0..60 {
            let next = format!("d{i}");
            graph.node.push(node("Concat", &[&last, &last], &next));
            last = next;
        }
        graph.output[0].name = last;
    });
    assert!(matches!(error, OnnxError::Graph(_)), "{error:?}");
}

#[test]
fn an_input_that_is_no_picture_is_refused() {
    let read = |model: &pb::ModelProto| {
        let bytes = model.encode_to_vec();
        Model::read(&ModelFiles { name: "test", model: &bytes, external: &BTreeMap::new() }).err()
    };
    let six_channels = read(&sound());
    assert!(matches!(six_channels, Some(OnnxError::Input(_))), "{six_channels:?}");
    let with_type = |change: &dyn Fn(&mut pb::type_proto::Tensor)| {
        let mut model = sound();
        let input = graph(&mut model).input[0].r#type.as_mut().and_then(|t| t.value.as_mut());
        let Some(pb::type_proto::Value::TensorType(tensor)) = input else { panic!("no type") };
        change(tensor);
        read(&model)
    };
    for kind in [6, 7, 8, 99] {
        let error = with_type(&|tensor| tensor.elem_type = kind);
        assert!(matches!(error, Some(OnnxError::Input(_))), "{kind}: {error:?}");
    }
    let flat = with_type(&|tensor| {
        tensor.shape.iter_mut().for_each(|shape| shape.dim.truncate(2));
    });
    assert!(matches!(flat, Some(OnnxError::Input(_))), "{flat:?}");
    let channels_last = with_type(&|tensor| {
        tensor.shape.iter_mut().for_each(|shape| shape.dim.swap(1, 3));
        tensor.shape.iter_mut().for_each(|shape| shape.dim[3].value = Some(Size::DimValue(3)));
    });
    let text = channels_last.map(|error| error.to_string()).unwrap_or_default();
    assert!(text.contains("channels last"), "{text}");
}

#[test]
fn a_network_without_layers_is_refused() {
    let mut model = sound();
    let graph = graph(&mut model);
    graph.node = vec![node("GlobalAveragePool", &["x"], "y")];
    graph.input[0] = sound_input_of_three();
    let bytes = model.encode_to_vec();
    let error = Model::read(&ModelFiles { name: "t", model: &bytes, external: &BTreeMap::new() });
    assert_eq!(error.err(), Some(OnnxError::NoLayers));
}

fn sound_input_of_three() -> pb::ValueInfoProto {
    let model = pb::ModelProto::decode(mini_inception::MODEL).expect("the model is sound");
    let mut input = model.graph.expect("a model has a graph").input[0].clone();
    input.name = "x".into();
    input
}

#[test]
fn a_layer_that_is_not_there_is_named() {
    let model = read_bytes(&sound().encode_to_vec()).expect("the model is sound");
    let error = model.resolve(32, 32, &["nothing"]).err();
    assert_eq!(error, Some(OnnxError::UnknownLayer("nothing".into())));
    assert!(model.resolve(0, 32, &["y"]).is_err());
    assert!(model.resolve(usize::MAX, usize::MAX, &["y"]).is_err());
}
