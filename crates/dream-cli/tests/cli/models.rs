//! Layers and classes of the embedded model and of files.

use image::{Rgba, RgbaImage};
use serde_json::Value;

use crate::command::Folder;

#[test]
fn layers_come_as_a_table_and_as_json() {
    let folder = Folder::new("layers");
    let card: Value = serde_json::from_str(&folder.dream("layers --json").success()).expect("JSON");
    assert_eq!(card["name"], mini_inception::NAME);
    assert_eq!(card["bytes"], mini_inception::MODEL.len());
    let layers = card["layers"].as_array().expect("a list");
    let default = layers
        .iter()
        .find(|layer| layer["name"] == card["default_layer"])
        .expect("the default is one of them");
    assert!(default["channels"].as_u64() > Some(3) && default["stride"].as_u64() > Some(1));

    let table = folder.dream("layers").success();
    assert_eq!(table.lines().count(), layers.len() + 1);
    let marked: Vec<_> = table.lines().filter(|line| line.ends_with("default")).collect();
    assert_eq!(marked.len(), 1);
    assert!(marked[0].starts_with(card["default_layer"].as_str().expect("a name")));
}

#[test]
fn a_file_offers_what_the_embedded_model_offers() {
    let folder = Folder::new("file");
    folder.write("net.onnx", mini_inception::MODEL);
    let embedded = folder.dream("layers").success();
    assert_eq!(folder.dream("layers net.onnx").success(), embedded);
    let half = &mini_inception::MODEL[..mini_inception::MODEL.len() / 2];
    folder.write("half.onnx", half);
    assert!(folder.dream("layers half.onnx").failure().contains("half.onnx"));
}

#[test]
fn five_classes_are_told_most_likely_first() {
    let folder = Folder::new("classes");
    let sky = RgbaImage::from_fn(96, 64, |_, y| Rgba([90, 130 + y as u8, 250, 255]));
    sky.save(folder.path("sky.png")).expect("a PNG");
    let noise = RgbaImage::from_fn(96, 64, |x, y| {
        let hash = (x * 7919 + y * 104_729).wrapping_mul(2_654_435_761);
        Rgba([(hash >> 24) as u8, (hash >> 16) as u8, (hash >> 8) as u8, 255])
    });
    noise.save(folder.path("noise.png")).expect("a PNG");
    let classes = folder.dream("classify sky.png").success();
    let probabilities: Vec<f32> = classes
        .lines()
        .map(|line| line.split('%').next().and_then(|n| n.trim().parse().ok()).expect("a number"))
        .collect();
    assert_eq!(probabilities.len(), 5);
    assert!(probabilities.is_sorted_by(|a, b| a >= b), "{classes}");
    assert!(probabilities[0] > 0.1 && probabilities.iter().sum::<f32>() <= 100.1, "{classes}");
    assert_eq!(folder.dream("classify sky.png").success(), classes);
    assert_ne!(folder.dream("classify noise.png").success(), classes);
}

#[test]
fn the_users_word_on_input_counts() {
    let folder = Folder::new("input");
    let red = RgbaImage::from_fn(64, 64, |x, _| Rgba([255 - x as u8, x as u8, 20, 255]));
    red.save(folder.path("red.png")).expect("a PNG");
    let plain = folder.dream("classify red.png").success();
    let swapped = ["rgb", "bgr"]
        .map(|layout| folder.dream(&format!("classify red.png --input-layout {layout}")).success());
    assert_eq!(swapped.iter().filter(|classes| **classes == plain).count(), 1);
    assert_ne!(folder.dream("classify red.png --input-scale 0.001").success(), plain);
}
