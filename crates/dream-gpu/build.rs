//! Shaders without comments and indentation, which the page's engine would carry around.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/shader");
    let target = PathBuf::from(env::var("OUT_DIR")?);
    for entry in fs::read_dir("src/shader")? {
        let path = entry?.path();
        let name = path.file_name().ok_or("a shader without a name")?;
        fs::write(target.join(name), stripped(&fs::read_to_string(&path)?))?;
    }
    Ok(())
}

fn stripped(text: &str) -> String {
    let code = text.lines().filter_map(|line| line.split("//").next());
    let lines = code.map(str::trim).filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, "\n"]).collect()
}
