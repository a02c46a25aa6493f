//! Whole models: the embedded one, and GoogLeNet in all its forms where it is at hand.

mod common;

use common::{Tensors, distance, read, read_bytes, run, shared};
use dream_graph::ColorLayout;
use dream_onnx::Head;

#[test]
fn the_embedded_model_offers_what_its_card_says() {
    let model = read_bytes(mini_inception::MODEL).expect("the embedded model is sound");
    let names: Vec<&str> = model.layers().iter().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names.len(), 10);
    assert_eq!((names[0], names[9]), ("conv2/3x3", "inception_5b/output"));
    let strides: Vec<usize> = model.layers().iter().map(|layer| layer.stride).collect();
    assert_eq!(strides, [4, 8, 8, 16, 16, 16, 16, 16, 32, 32]);
    assert_eq!(model.default_layer(), "inception_4e/output");
    assert_eq!(model.labels().len(), 1000);
    assert_eq!(model.labels()[0], "tench, Tinca tinca");
    let head = Head {
        logits: "loss3/classifier".into(),
        probabilities: Some("prob".into()),
        classes: 1000,
    };
    assert_eq!(model.head(), Some(&head));
    assert_eq!(model.preprocessing().layout, ColorLayout::Rgb);
    assert_eq!(model.preprocessing().mean, [117.0; 3]);
    assert!(model.notes().is_empty(), "{:?}", model.notes());
}

#[test]
fn the_embedded_model_runs_at_any_size() {
    let model = read_bytes(mini_inception::MODEL).expect("the embedded model is sound");
    for (height, width) in [(224, 224), (97, 131), (65, 72)] {
        let targets = ["prob", "data", "inception_3a/output", "inception_5b/output"];
        let resolved = model.resolve(height, width, &targets).expect("the size is fine");
        let outputs = run(&resolved.proto, &[1, 3, height, width], &vec![0.5; 3 * height * width]);
        let sum: f32 = outputs[0].1.iter().sum();
        assert!((sum - 1.0).abs() < 1e-4, "probabilities sum to {sum}");
        for (target, (shape, _)) in targets.iter().zip(&outputs) {
            let id = resolved.graph.find(target).expect("targets are values of the graph");
            assert_eq!(&resolved.graph.value(id).shape, shape, "{target} at {height} × {width}");
        }
    }
}

#[test]
fn googlenet_gives_pytorch_activations() {
    let (Some(model), Some(golden)) =
        (shared("models/googlenet.onnx"), shared("golden/googlenet.safetensors"))
    else {
        return;
    };
    let (model, golden) = (read(&model), Tensors::read(&golden));
    let joins = ["3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"];
    for join in joins.map(|name| format!("inception_{name}/output")) {
        assert!(model.layers().iter().any(|layer| layer.name == join), "{join} is not offered");
    }
    assert_eq!(model.default_layer(), "inception_4c/output");
    assert_eq!(model.preprocessing().layout, ColorLayout::Bgr);
    let (shape, x) = golden.get("x");
    let names: Vec<String> =
        golden.names().iter().filter_map(|n| n.strip_prefix("act:").map(str::to_owned)).collect();
    assert_eq!(names.len(), 10);
    let targets: Vec<&str> = names.iter().map(String::as_str).collect();
    let resolved = model.resolve(shape[2], shape[3], &targets).expect("the size is fine");
    for (name, (_, found)) in names.iter().zip(run(&resolved.proto, &shape, &x)) {
        let away = distance(&found, &golden.get(&format!("act:{name}")).1);
        assert!(away < 1e-4, "{name}: {away}");
    }
    let (_, other) = golden.get("act:inception_4e/output");
    let (_, wrong) = golden.get("act:inception_5b/output");
    assert!(distance(&other[..wrong.len()], &wrong) > 1e-2, "the comparison must notice");
}

#[test]
fn quantised_googlenets_are_close_to_the_float_one() {
    let Some(golden) = shared("golden/googlenet.safetensors") else { return };
    let golden = Tensors::read(&golden);
    let (shape, x) = golden.get("x");
    // How far 8-bit activations, measured in the float graph of each form, may be.
    for (form, limit) in [("weights", 0.05), ("qdq", 0.05), ("qop", 0.05)] {
        let Some(path) = shared(&format!("models/googlenet-int8-{form}.onnx")) else { return };
        let model = read(&path);
        let layers = ["3a", "3b", "4c", "4e", "5b"].map(|name| format!("inception_{name}/output"));
        let targets: Vec<&str> =
            layers.iter().map(String::as_str).chain(["loss3/classifier", "prob"]).collect();
        let resolved = model.resolve(shape[2], shape[3], &targets).expect("the size is fine");
        for (name, (_, found)) in targets.iter().zip(run(&resolved.proto, &shape, &x)) {
            let Some(expected) = golden
                .names()
                .contains(&format!("act:{name}"))
                .then(|| golden.get(&format!("act:{name}")).1)
            else {
                continue;
            };
            let away = distance(&found, &expected);
            assert!(away < limit, "{form}: {name} is {away} away");
            assert!(away > 0.0, "{form}: int8 weights cannot be exact");
        }
        assert_eq!(model.head().map(|head| head.classes), Some(1000), "{form}");
        assert_eq!(model.labels().len(), 1000, "{form}");
        let invented = model.layers().iter().find(|layer| layer.name.contains(' '));
        assert_eq!(invented, None, "{form}: layers are named as in the file");
        let offered = |name: &str| model.layers().iter().any(|layer| layer.name.starts_with(name));
        assert!(offered("inception_4c/output"), "{form}: {:?}", model.layers());
    }
}
