//! Models: the one that comes with the page, and those that the user brings.

use std::collections::BTreeMap;

use dream_onnx::{Model, ModelFiles, external_files, looks_like_onnx};
use dream_protocol::{File, Layer, ModelCard};

use crate::fetch;

/// A model with what the page shows of it.
#[derive(Clone)]
pub struct Held {
    /// The network.
    pub model: Model,
    /// Its name, size and layers.
    pub card: ModelCard,
}

/// The model that comes with the page, from the bytes of its file.
///
/// # Errors
/// A damaged file.
pub fn built_in(bytes: &[u8]) -> Result<Held, String> {
    let name = mini_inception::NAME;
    let files = ModelFiles { name, model: bytes, external: &BTreeMap::new() };
    let model = Model::read(&files).map_err(|error| error.to_string())?;
    Ok(hold(model, name, &files))
}

/// Reads a model from the files that the user opened: the `.onnx` file and its data files.
///
/// # Errors
/// Why the model cannot be used, beginning with the name of the file.
pub async fn open(files: &[File]) -> Result<Held, String> {
    let main = main_file(files)?;
    let named = |reason: String| format!("{}: {reason}. The model before it stays.", main.name);
    let sniff = |first: &[u8]| looks_like_onnx(first).map_err(|error| error.to_string());
    let bytes = fetch::read(main, sniff).await.map_err(named)?;
    let external = external(&bytes, files).await.map_err(named)?;
    let files = ModelFiles { name: &main.name, model: &bytes, external: &external };
    let model = Model::read(&files).map_err(|error| named(error.to_string()))?;
    let name = main.name.strip_suffix(".onnx").unwrap_or(&main.name);
    Ok(hold(model, name, &files))
}

/// The data files that the model names, by the names that it gives them. Browsers do not tell the
/// folders of files, so the last part of a name has to do.
async fn external(model: &[u8], files: &[File]) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut external = BTreeMap::new();
    for location in external_files(model).map_err(|error| error.to_string())? {
        let name = location.rsplit('/').next().unwrap_or(&location);
        if let Some(file) = files.iter().find(|file| file.name == name) {
            let bytes = fetch::read(file, |_| Ok(())).await;
            let bytes = bytes.map_err(|reason| format!("its data file {name}: {reason}"))?;
            external.insert(location, bytes);
        }
    }
    Ok(external)
}

fn main_file(files: &[File]) -> Result<&File, String> {
    let is_onnx = |file: &&File| file.name.to_lowercase().ends_with(".onnx");
    let mut onnx = files.iter().filter(is_onnx);
    match (onnx.next(), onnx.next(), files) {
        (Some(file), None, _) | (None, None, [file]) => Ok(file),
        (Some(one), Some(other), _) => Err(format!(
            "{} and {} are two models; open one of them with its data files",
            one.name, other.name
        )),
        _ => Err("none of these files is an .onnx file; open it with its data files".into()),
    }
}

fn hold(model: Model, name: &str, files: &ModelFiles) -> Held {
    let bytes = files.model.len() + files.external.values().map(Vec::len).sum::<usize>();
    let layer = |layer: &dream_onnx::Layer| Layer {
        name: layer.name.clone(),
        channels: layer.channels as u32,
        stride: layer.stride as u32,
    };
    let card = ModelCard {
        name: name.to_owned(),
        sha256: files.sha256(),
        bytes: bytes as u64,
        layers: model.layers().iter().map(layer).collect(),
        default_layer: model.default_layer().to_owned(),
        classifies: model.head().is_some(),
        labels: model.labels().to_vec(),
        notes: model.notes().to_vec(),
    };
    Held { model, card }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> Vec<File> {
        let file = |name: &&str| File { name: (*name).into(), bytes: 1, url: String::new() };
        names.iter().map(file).collect()
    }

    #[test]
    fn the_onnx_file_is_found_among_its_data_files() {
        let name = |names: &[&str]| main_file(&files(names)).map(|file| file.name.clone());
        assert_eq!(name(&["weights.bin", "Net.ONNX"]), Ok("Net.ONNX".into()));
        assert_eq!(name(&["net"]), Ok("net".into()));
        assert!(name(&["a.onnx", "b.onnx"]).is_err_and(|error| error.contains("b.onnx")));
        assert!(name(&["a.bin", "b.bin"]).is_err());
    }

    #[test]
    fn the_built_in_model_can_be_held() {
        let held = built_in(mini_inception::MODEL).expect("the built-in model is whole");
        assert!(held.card.layers.iter().any(|layer| layer.name == held.card.default_layer));
        assert!(held.card.classifies);
    }
}
