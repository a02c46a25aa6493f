//! Installing what building the page takes: each tool in one version, into the target folder,
//! unless this machine has that version already.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use crate::shell::{Shell, run};

/// Builds the page.
const TRUNK: &str = "0.21.14";
/// Its `wasm-opt` makes the WebAssembly small and fast.
const BINARYEN: &str = "132.0.0";
/// Oldest Node.js that the tools written in JavaScript run on.
const NODE: u32 = 20;

/// The standard library for WebAssembly.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn wasm_target(shell: &Shell) -> Result<()> {
    let library = "rustc --print target-libdir --target wasm32-unknown-unknown";
    if shell.output(library).is_some_and(|folder| fs::exists(folder).unwrap_or(false)) {
        return found("Rust target", "wasm32-unknown-unknown");
    }
    run(&mut shell.command("rustup target add wasm32-unknown-unknown"))
        .context("the Rust target wasm32-unknown-unknown is missing")
}

/// `cargo fmt` and `cargo clippy`.
///
/// # Errors
/// When they are missing and cannot be installed.
pub fn lints(shell: &Shell) -> Result<()> {
    for (component, version) in [("rustfmt", "cargo fmt --version"), ("clippy", "cargo clippy -V")]
    {
        match shell.output(version) {
            Some(version) => found(component, &version)?,
            None => run(&mut shell.command(&format!("rustup component add {component}")))?,
        }
    }
    Ok(())
}

/// Node.js, which only the user can install.
///
/// # Errors
/// When it is missing or too old.
pub fn node(shell: &Shell) -> Result<()> {
    let wanted = format!("install Node.js {NODE} or newer, with npm, and run this again");
    let version = shell.output("node --version").with_context(|| wanted.clone())?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok());
    ensure!(major.unwrap_or(0) >= NODE, "Node.js {version} is too old: {wanted}");
    found("Node.js", &version)
}

/// The site builder.
///
/// # Errors
/// When it cannot be installed.
pub fn trunk(shell: &Shell) -> Result<()> {
    // It only starts other programs, so the optimised build that it asks for is not worth its time.
    let quick = [
        ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
        ("CARGO_PROFILE_RELEASE_LTO", "off"),
        ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ];
    cargo_install(shell, "trunk", "trunk", TRUNK, &["--locked"], &quick)
}

/// `wasm-bindgen` and its test runner, in exactly the version that the crates are locked to.
///
/// # Errors
/// When the lock file does not name it, or it cannot be installed.
pub fn wasm_bindgen(shell: &Shell) -> Result<()> {
    let lock = fs::read_to_string(shell.root().join("Cargo.lock")).context("no Cargo.lock")?;
    let version = locked(&lock, "wasm-bindgen").context("Cargo.lock has no wasm-bindgen")?;
    cargo_install(shell, "wasm-bindgen-cli", "wasm-bindgen", version, &[], &[])
}

/// The WebAssembly optimiser.
///
/// # Errors
/// When it cannot be installed.
pub fn wasm_opt(shell: &Shell) -> Result<()> {
    let major = BINARYEN.split('.').next().unwrap_or(BINARYEN);
    let version = shell.output("wasm-opt --version").unwrap_or_default();
    if version.split_whitespace().any(|word| word == major) {
        return found("wasm-opt", &version);
    }
    let folder = shell.tools().join("npm");
    fs::create_dir_all(&folder)?;
    println!("Installing wasm-opt: binaryen {BINARYEN} into {}", folder.display());
    let mut npm = shell.command("npm install --no-audit --no-fund --no-save --prefix");
    run(npm.arg(&folder).arg(format!("binaryen@{BINARYEN}")))
}

/// Exactly what a folder's package-lock.json lists, unless it is there.
///
/// # Errors
/// When it cannot be installed.
pub fn npm_packages(shell: &Shell, folder: &Path) -> Result<()> {
    let lock = fs::read(folder.join("package-lock.json"))?;
    let mark = folder.join("node_modules/.installed-lock.json");
    if fs::read(&mark).is_ok_and(|installed| installed == lock) {
        println!("Found npm packages of {}", folder.display());
        return Ok(());
    }
    run(shell.command("npm ci --no-audit --no-fund").current_dir(folder))?;
    Ok(fs::write(mark, lock)?)
}

fn cargo_install(
    shell: &Shell,
    package: &str,
    program: &str,
    version: &str,
    args: &[&str],
    env: &[(&str, &str)],
) -> Result<()> {
    let present = shell.output(&format!("{program} --version")).unwrap_or_default();
    if present.split_whitespace().nth(1) == Some(version) {
        return found(program, version);
    }
    println!("Installing {package} {version} (some minutes, only this once)");
    let build = shell.tools().join("build");
    let mut cargo = shell.command(&format!("cargo install {package} --version {version} --root"));
    cargo.arg(shell.tools().join("cargo")).args(args);
    run(cargo.envs(env.iter().copied()).env("CARGO_TARGET_DIR", &build))?;
    Ok(fs::remove_dir_all(build)?)
}

fn locked<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let entry = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?.1;
    Some(entry.split_once('"')?.0)
}

fn found(what: &str, version: &str) -> Result<()> {
    println!("Found {what}: {version}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_very_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.126\"\nsource = \"s\"\n";
        assert_eq!(locked(lock, "wasm-bindgen"), Some("0.2.126"));
        assert_eq!(locked(lock, "bindgen"), None);
    }
}
