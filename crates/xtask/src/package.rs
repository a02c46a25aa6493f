//! The widget with its engine as an npm package, for pages that are put together by a bundler.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::shell::{Shell, run};

/// What the package has of the built page: the widget, and the worker that it starts.
const BUILT: [&str; 5] =
    ["deep-dream.js", "deep-dream.d.ts", "widget", "dream-worker.js", "dream-worker_bg.wasm"];

/// What it has of the repository, and under which name.
const WRITTEN: [(&str, &str); 5] = [
    ("www/package.json", "package.json"),
    ("crates/mini-inception/mini-inception.onnx", "models/mini-inception.onnx"),
    ("www/WIDGET.md", "README.md"),
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
];

/// Packs what is built into a tarball and says where it is.
///
/// # Errors
/// When the page is not built, or npm fails.
pub fn pack(shell: &Shell) -> Result<PathBuf> {
    let folder = shell.package();
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let contents = folder.join("contents");
    for name in BUILT {
        copy(&shell.dist().join(name), &contents.join(name))
            .with_context(|| format!("no {name} in dist/: run `cargo xtask build` first"))?;
    }
    for (from, to) in WRITTEN {
        copy(&shell.root().join(from), &contents.join(to)).with_context(|| from.to_owned())?;
    }
    let version = env!("CARGO_PKG_VERSION");
    run(shell.command(&format!("npm pkg set version={version}")).current_dir(&contents))?;
    run(shell.command("npm pack --silent --pack-destination ..").current_dir(&contents))?;
    Ok(folder.join(format!("pareidolia-deep-dream-{version}.tgz")))
}

/// A file, or a folder with the files in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        fs::create_dir_all(to.parent().context("no folder to copy to")?)?;
        fs::copy(from, to)?;
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        copy(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
}
