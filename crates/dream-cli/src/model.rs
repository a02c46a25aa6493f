//! Loads a model: the embedded one, or an ONNX file with its external data from the same folder.
//!
//! The first bytes are looked at before a large file is read, and a layer that the model lacks is
//! answered with the nearest names.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read,
    path::Path,
};

use anyhow::{Context, Result, anyhow, ensure};
use dream_onnx::{Head, Layer, Model, ModelFiles};
use dream_protocol::ModelCard;

/// Bytes that tell an ONNX file from others.
const FIRST_BYTES: u64 = 4096;
/// Largest file that the protobuf format allows.
const LARGEST_FILE: u64 = 1 << 31;
/// Most names that an unknown layer is answered with.
const SUGGESTIONS: usize = 3;
/// Likeness (0 to 1) from which a name is worth suggesting.
const LIKENESS: f64 = 0.75;

/// A model and what the user calls it.
pub struct Loaded {
    /// File name without its ending, or the embedded model's name.
    pub name: String,
    /// SHA-256 of its files, in hexadecimal.
    pub sha256: String,
    /// Size of the model file in bytes.
    pub bytes: u64,
    /// The model.
    pub model: Model,
}

/// Loads the file, or the embedded model where there is none.
///
/// # Errors
/// A file that is missing or is no model that we can use, in words that say what to do.
pub fn load(path: Option<&Path>) -> Result<Loaded> {
    match path {
        Some(path) => {
            read(path).with_context(|| format!("cannot use the model {}", path.display()))
        }
        None => embedded(),
    }
}

impl Loaded {
    /// The model as a list of what it offers.
    pub fn card(&self) -> ModelCard {
        let side = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        ModelCard {
            name: self.name.clone(),
            sha256: self.sha256.clone(),
            bytes: self.bytes,
            layers: self
                .model
                .layers()
                .iter()
                .map(|layer| dream_protocol::Layer {
                    name: layer.name.clone(),
                    channels: side(layer.channels),
                    stride: side(layer.stride),
                })
                .collect(),
            default_layer: self.model.default_layer().to_owned(),
            classifies: self.model.head().is_some(),
            labels: self.model.labels().to_vec(),
            notes: self.model.notes().to_vec(),
        }
    }

    /// The layer of that name.
    ///
    /// # Errors
    /// A name that the model lacks, answered with the nearest ones.
    pub fn layer(&self, name: &str) -> Result<&Layer> {
        let mut layers = self.model.layers().iter();
        layers.find(|layer| layer.name == name).ok_or_else(|| self.no_layer(name))
    }

    /// The complaint about a layer that the model lacks, with the nearest names.
    pub fn no_layer(&self, name: &str) -> anyhow::Error {
        let hint = match nearest(name, self.model.layers().iter().map(|layer| &*layer.name)) {
            names if names.is_empty() => "`dream layers` lists them all".to_owned(),
            names => format!("did you mean {}?", names.join(" or ")),
        };
        anyhow!("the model {} has no layer {name}; {hint}", self.name)
    }

    /// The class head.
    ///
    /// # Errors
    /// A model that has none.
    pub fn head(&self) -> Result<&Head> {
        self.model.head().with_context(|| format!("the model {} has no class head", self.name))
    }
}

fn embedded() -> Result<Loaded> {
    let (name, model) = (mini_inception::NAME, mini_inception::MODEL);
    loaded(name, &ModelFiles { name, model, external: &BTreeMap::new() })
}

fn read(path: &Path) -> Result<Loaded> {
    let bytes = read_model(path)?;
    let external = read_external(path, &bytes)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let files = ModelFiles { name: &name, model: &bytes, external: &external };
    loaded(&path.file_stem().unwrap_or_default().to_string_lossy(), &files)
}

fn loaded(name: &str, files: &ModelFiles) -> Result<Loaded> {
    let (bytes, sha256) = (files.model.len() as u64, files.sha256());
    Ok(Loaded { name: name.to_owned(), sha256, bytes, model: Model::read(files)? })
}

fn read_model(path: &Path) -> Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let about = file.metadata()?;
    ensure!(!about.is_dir(), "it is a folder; name the .onnx file in it");
    ensure!(about.len() < LARGEST_FILE, "it is larger than 2 GB, which no ONNX file can be");
    let mut bytes = Vec::new();
    (&mut file).take(FIRST_BYTES).read_to_end(&mut bytes)?;
    dream_onnx::looks_like_onnx(&bytes)?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_external(path: &Path, model: &[u8]) -> Result<BTreeMap<String, Vec<u8>>> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let read = |location: String| {
        let file = folder.join(&location);
        let bytes = fs::read(&file).with_context(|| {
            format!("its weights are in {}, which cannot be read", file.display())
        })?;
        Ok((location, bytes))
    };
    dream_onnx::external_files(model)?.into_iter().map(read).collect()
}

/// The names most like `wanted`, best first.
fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let mut liked: Vec<(f64, &str)> = names
        .map(|name| (likeness(&wanted, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .collect();
    liked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    liked.into_iter().take(SUGGESTIONS).map(|(_, name)| name).collect()
}

/// 1 for equal names; a name that contains the other counts as close.
fn likeness(wanted: &str, name: &str) -> f64 {
    let edits = strsim::normalized_damerau_levenshtein(wanted, name);
    if name.contains(wanted) && !wanted.is_empty() { edits.max(0.8) } else { edits }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] =
        ["conv1/7x7_s2", "inception_4c/output", "inception_4d/output", "inception_4c/3x3"];

    #[test]
    fn the_nearest_names_come_first() {
        let near = |wanted| nearest(wanted, NAMES.into_iter());
        assert_eq!(near("inception_4c/ouput")[0], "inception_4c/output");
        assert_eq!(near("Inception4d/output")[0], "inception_4d/output");
        assert_eq!(near("4c"), ["inception_4c/output", "inception_4c/3x3"]);
        assert_eq!(near("zebra"), [""; 0]);
        assert_eq!(near(""), [""; 0]);
    }
}
