//! The site as a folder of files: built by trunk, then finished here. It works from any folder of
//! any host that serves files.

mod compress;
mod head;
mod licences;
mod pack;
mod precache;
mod scripts;
mod shelf;
#[cfg(test)]
mod testing;
mod vendor;

use std::path::{Path, PathBuf};

use anyhow::Result;
pub use compress::Sizes;

use crate::{
    shell::{Shell, run},
    tools,
};

/// How programs are made small.
const WASM_OPT: &str = "wasm-opt -Oz --low-memory-unused --enable-bulk-memory \
                        --enable-bulk-memory-opt --enable-multivalue --enable-mutable-globals \
                        --enable-nontrapping-float-to-int --enable-reference-types \
                        --enable-sign-ext --enable-simd";
/// What makes the page smaller still, which has the least room: branches are put together anew.
const AGAIN: [&str; 4] = ["--flatten", "--rereloop", "-Oz", "-Oz"];

/// What the site gets besides what the repository holds.
#[derive(Default)]
pub struct Options {
    /// Models for its shelf.
    pub models: Vec<PathBuf>,
    /// Where it will be, if that is known: for links that must be absolute.
    pub url: Option<String>,
}

/// Installs what [`build`] takes.
///
/// # Errors
/// The tool that cannot be installed, or Node.js missing.
pub fn set_up(shell: &Shell) -> Result<()> {
    tools::node(shell)?;
    tools::wasm_target(shell)?;
    tools::trunk(shell)?;
    tools::wasm_bindgen(shell)?;
    tools::wasm_opt(shell)?;
    vendor::set_up(shell)
}

/// Builds the site into `dist/` and prints how large its parts are.
///
/// # Errors
/// When trunk fails, or a model cannot be read.
pub fn build(shell: &Shell, options: &Options) -> Result<()> {
    println!("Building the page (the first time takes some minutes)");
    // Trunk takes NO_COLOR for a flag with a value and rejects the usual `NO_COLOR=1`.
    run(shell.command("trunk build --release --offline").env_remove("NO_COLOR"))?;
    let (root, dist) = (shell.root(), shell.dist());
    pack::pack(&dist, &|file| optimise(shell, file))?;
    scripts::pack(shell)?;
    vendor::write(root, &dist)?;
    let hosts = shelf::write(root, &dist, &options.models)?;
    licences::write(shell, &dist)?;
    head::fill(&dist, options.url.as_deref(), &hosts)?;
    precache::write(&dist)?;
    compress::write(&dist)?;
    println!("{}", sizes(shell)?);
    Ok(())
}

fn optimise(shell: &Shell, program: &Path) -> Result<()> {
    let name = program.file_name().unwrap_or_default();
    let of_page = name.to_string_lossy().starts_with("dream-ui");
    let again = AGAIN.iter().filter(|_| of_page);
    run(shell.command(WASM_OPT).args(again).arg(program).arg("-o").arg(program))
}

/// How large the parts of the built site are.
///
/// # Errors
/// A site that is not built.
pub fn sizes(shell: &Shell) -> Result<Sizes> {
    Sizes::of(&shell.dist())
}
