//! The page as a folder of files, built by trunk.

use anyhow::Result;

use crate::{
    shell::{Shell, run},
    tools,
};

/// Installs what [`build`] takes.
///
/// # Errors
/// The tool that cannot be installed, or Node.js missing.
pub fn set_up(shell: &Shell) -> Result<()> {
    tools::node(shell)?;
    tools::wasm_target(shell)?;
    tools::trunk(shell)?;
    tools::wasm_bindgen(shell)?;
    tools::wasm_opt(shell)
}

/// Builds page and worker in release into `dist/`.
///
/// # Errors
/// When trunk fails.
pub fn build(shell: &Shell) -> Result<()> {
    println!("Building the page (the first time takes some minutes)");
    // Trunk takes NO_COLOR for a flag with a value and rejects the usual `NO_COLOR=1`.
    run(shell.command("trunk build --release --offline").env_remove("NO_COLOR"))
}
