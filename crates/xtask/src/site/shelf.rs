//! The models of the site: copied beside the page, and listed in `models.json` together with the
//! public ones that users may fetch elsewhere.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use dream_protocol::{InputNote, ShelfModel};
use prost::Message;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The model that the worker begins with.
const BUILT_IN: &str = "crates/mini-inception/mini-inception.onnx";
/// Models of other hosts.
const PUBLIC: &str = "www/public-models.json";

/// What [`PUBLIC`] holds.
#[derive(Deserialize)]
struct Public {
    /// The hosts that serve the models, as a Content-Security-Policy names them: those of the
    /// addresses, and those that they pass their readers on to.
    hosts: Vec<String>,
    models: Vec<ShelfModel>,
}

/// The part of an ONNX file that says what it is.
#[derive(Clone, PartialEq, Message)]
struct OnnxFile {
    #[prost(message, repeated, tag = "14")]
    metadata: Vec<Property>,
}

#[derive(Clone, PartialEq, Message)]
struct Property {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "2")]
    value: String,
}

/// Fills `models/` and `models.json`; returns the hosts that the page must be allowed to ask.
///
/// # Errors
/// A model that cannot be read, or two of one name.
pub fn write(root: &Path, dist: &Path, models: &[impl AsRef<Path>]) -> Result<Vec<String>> {
    let folder = dist.join("models");
    fs::create_dir_all(&folder)?;
    let mut shelf: Vec<ShelfModel> = Vec::new();
    let built_in = root.join(BUILT_IN);
    for file in [built_in.as_path()].into_iter().chain(models.iter().map(AsRef::as_ref)) {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let model = describe(file, &bytes).with_context(|| format!("{}", file.display()))?;
        let taken = shelf.iter().any(|other| other.address == model.address);
        ensure!(!taken, "two models are called {}", model.name);
        fs::write(dist.join(&model.address), bytes)?;
        shelf.push(model);
    }
    let public = fs::read(root.join(PUBLIC))?;
    let public: Public = serde_json::from_slice(&public).context(PUBLIC)?;
    shelf.extend(public.models);
    fs::write(dist.join("models.json"), serde_json::to_string_pretty(&shelf)?)?;
    Ok(public.hosts)
}

fn describe(file: &Path, bytes: &[u8]) -> Result<ShelfModel> {
    let name = file.file_stem().and_then(|name| name.to_str()).context("it has no name")?;
    let onnx = OnnxFile::decode(bytes).context("it is no ONNX file")?;
    let property = |key: &str| {
        let found = onnx.metadata.iter().find(|property| property.key == key);
        found.map(|property| property.value.trim().to_owned())
    };
    let preprocessing = property("input_layout").map(|layout| InputNote {
        layout,
        mean: property("input_mean").unwrap_or_else(|| "0".into()),
        scale: property("input_scale").unwrap_or_else(|| "1".into()),
    });
    Ok(ShelfModel {
        name: name.to_owned(),
        address: format!("models/{name}.onnx"),
        bytes: bytes.len() as u64,
        sha256: hash(bytes),
        licence: property("license").unwrap_or_else(|| "not stated in the file".into()),
        preprocessing,
    })
}

/// SHA-256 in hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::testing::Folder;

    #[test]
    fn the_shelf_lists_what_the_site_and_others_have() -> Result<()> {
        let (root, dist) = (Folder::repository(), Folder::new("shelf")?);
        let own = dist.path().join("own.onnx");
        fs::write(&own, fs::read(root.join(BUILT_IN))?)?;
        let hosts = write(&root, dist.path(), &[&own])?;
        assert!(hosts.contains(&"https://huggingface.co".to_owned()));
        let shelf: Vec<ShelfModel> =
            serde_json::from_slice(&fs::read(dist.path().join("models.json"))?)?;
        assert_eq!(shelf[0].name, "mini-inception");
        assert_eq!(shelf[0].licence, "MIT OR Apache-2.0");
        let input = shelf[0].preprocessing.as_ref().context("its input is known")?;
        assert_eq!((input.layout.as_str(), input.mean.as_str()), ("RGB", "117,117,117"));
        assert_eq!(shelf[1].address, "models/own.onnx");
        assert_eq!(shelf[1].sha256, hash(&fs::read(dist.path().join("models/own.onnx"))?));
        let googlenet = shelf.iter().find(|model| model.bytes == 7_122_858);
        assert_eq!(googlenet.and_then(ShelfModel::host), Some("huggingface.co"));
        assert!(shelf.iter().all(|model| model.sha256.len() == 64));
        Ok(())
    }

    #[test]
    fn what_is_no_model_and_what_is_there_already_are_refused() -> Result<()> {
        let (root, dist) = (Folder::repository(), Folder::new("refused-models")?);
        let text = dist.path().join("story.onnx");
        fs::write(&text, "Once upon a time")?;
        assert!(write(&root, dist.path(), &[&text]).is_err());
        assert!(write(&root, dist.path(), &[root.join(BUILT_IN)]).is_err());
        Ok(())
    }
}
