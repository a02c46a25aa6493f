//! Real files with something changed, thousands of them: reading and laying out may refuse, but
//! never panics and never takes long.

mod common;

use std::time::{Duration, Instant};

use common::{read_bytes, repository};
use dream_onnx::pb;
use proptest::prelude::*;
use prost::Message;

/// Small real files of every kind.
fn files() -> Vec<Vec<u8>> {
    let here = env!("CARGO_MANIFEST_DIR");
    let folders = [
        repository("tests/engines/fixtures/ops"),
        repository("tests/engines/fixtures/patterns"),
        format!("{here}/tests/fixtures").into(),
    ];
    let mut paths: Vec<_> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).expect("the fixtures are there"))
        .map(|entry| entry.expect("the folder can be listed").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "onnx"))
        .collect();
    paths.sort();
    assert!(paths.len() > 100, "only {} files", paths.len());
    paths.iter().map(|path| std::fs::read(path).expect("the file can be read")).collect()
}

/// Reads a file and, if it is accepted, lays it out; the time for both is limited. Whether it was
/// accepted.
fn survives(bytes: &[u8]) -> bool {
    let start = Instant::now();
    let accepted = match read_bytes(bytes) {
        Ok(model) => {
            let last = model.layers().last().map_or("y", |layer| &layer.name);
            let laid_out = [last, "y"].map(|target| model.resolve(24, 17, &[target]).err());
            assert!(laid_out.iter().flatten().all(|error| !error.to_string().is_empty()));
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    };
    assert!(start.elapsed() < Duration::from_secs(2), "took {:?}", start.elapsed());
    accepted
}

/// Numbers that break arithmetic.
const NUMBERS: [i64; 12] =
    [0, -1, 1, 2, 3, 255, -(1 << 31), 1 << 31, 1 << 40, i64::MAX, i64::MIN, 1 << 20];

/// Changes one thing in a decoded model: which and how follow from two numbers.
fn mutate(model: &mut pb::ModelProto, what: usize, how: usize) {
    let number = NUMBERS[how % NUMBERS.len()];
    let Some(graph) = model.graph.as_mut() else { return };
    let names: Vec<String> = graph.node.iter().flat_map(|n| n.output.clone()).collect();
    if names.is_empty() {
        return;
    }
    let (nodes, constants) = (graph.node.len().max(1), graph.initializer.len().max(1));
    let node = graph.node.get_mut(how / 13 % nodes);
    let constant = graph.initializer.get_mut(how / 13 % constants);
    match (what % 12, node, constant) {
        (0, Some(node), _) if !node.input.is_empty() => {
            let place = how % node.input.len();
            node.input[place] = names[how / 7 % names.len()].clone();
        }
        (1, Some(node), _) => {
            node.input.pop();
        }
        (2, Some(node), _) => {
            node.output.pop();
        }
        (3, Some(node), _) if !node.attribute.is_empty() => {
            let place = how % node.attribute.len();
            let attribute = &mut node.attribute[place];
            attribute.i = number;
            attribute.f = number as f32;
            if let Some(one) = attribute.ints.first_mut() {
                *one = number;
            }
        }
        (4, Some(node), _) if !node.attribute.is_empty() => {
            let place = how % node.attribute.len();
            node.attribute[place].ints.push(number);
        }
        (5, Some(node), _) => node.attribute.clear(),
        (6, Some(node), _) => {
            const OPS: [&str; 16] = [
                "Conv",
                "Gemm",
                "Reshape",
                "Resize",
                "Pad",
                "Slice",
                "Concat",
                "Softmax",
                "Split",
                "Gather",
                "Transpose",
                "Tile",
                "Expand",
                "DequantizeLinear",
                "ConvInteger",
                "Range",
            ];
            node.op_type = OPS[how % OPS.len()].into();
        }
        (7, _, Some(constant)) => {
            let place = how % constant.dims.len().max(1);
            if let Some(dim) = constant.dims.get_mut(place) {
                *dim = number;
            }
        }
        (8, _, Some(constant)) => constant.raw_data.truncate(how % 9),
        (9, _, Some(constant)) => constant.data_type = how as i32 % 30,
        (10, _, Some(constant)) if constant.data_type == 7 && constant.raw_data.len() >= 8 => {
            let place = how % (constant.raw_data.len() / 8) * 8;
            constant.raw_data[place..place + 8].copy_from_slice(&number.to_le_bytes());
        }
        (11, Some(node), _) => {
            node.input.push(names[how % names.len()].clone());
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_models_never_panic(
        file in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<usize>(), any::<usize>()), 1..4),
    ) {
        let files = &*FILES;
        let mut model = pb::ModelProto::decode(&file.get(files)[..]).expect("fixtures are sound");
        changes.iter().for_each(|&(what, how)| mutate(&mut model, what, how));
        survives(&model.encode_to_vec());
    }

    #[test]
    fn changed_bytes_never_panic(
        file in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut bytes = file.get(&FILES).clone();
        changes.iter().for_each(|(place, byte)| *place.get_mut(&mut bytes) = *byte);
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        survives(&bytes);
    }
}

static FILES: std::sync::LazyLock<Vec<Vec<u8>>> = std::sync::LazyLock::new(files);

/// The control: unchanged, the files are accepted.
#[test]
fn unchanged_files_are_accepted() {
    let refused = FILES.iter().filter(|bytes| !survives(bytes)).count();
    // The one whose constants lie in another file.
    assert_eq!(refused, 1);
}
