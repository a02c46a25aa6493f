//! Gathers the stored cases into one file of constants, for tests that cannot read files because
//! they run in a browser.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=fixtures");
    println!("cargo::rerun-if-env-changed=PAREIDOLIA_SHARED");
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut models = Vec::new();
    for folder in ["ops", "patterns"] {
        for entry in fs::read_dir(here.join("fixtures").join(folder))? {
            models.push(entry?.path());
        }
    }
    models.retain(|path| path.extension().is_some_and(|ending| ending == "onnx"));
    models.sort();
    let cases = models.iter().map(|model| {
        let name = model.file_stem().unwrap_or_default();
        format!("({name:?}, {}, {}),", bytes(model), bytes(&model.with_extension("safetensors")))
    });
    let shared = env::var_os("PAREIDOLIA_SHARED");
    let shared = shared.map_or_else(|| here.join("../../../shared"), PathBuf::from);
    let (model, stored) =
        (shared.join("models/googlenet.onnx"), shared.join("golden/googlenet.safetensors"));
    let googlenet = if model.is_file() && stored.is_file() {
        println!("cargo::rerun-if-changed={}", model.display());
        format!("Some(({}, {}))", bytes(&model), bytes(&stored))
    } else {
        "None".to_owned()
    };
    let text = format!(
        "/// Name, model and tensors of every stored case.\n\
         pub const CASES: &[(&str, &[u8], &[u8])] = &[{}];\n\
         /// GoogLeNet and its stored tensors, where the shared material is at hand.\n\
         pub const GOOGLENET: Option<(&[u8], &[u8])> = {googlenet};\n",
        cases.collect::<String>()
    );
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("cases.rs"), text)
}

/// The expression that includes a file.
fn bytes(path: &Path) -> String {
    format!("include_bytes!({:?}).as_slice()", path.display().to_string())
}
