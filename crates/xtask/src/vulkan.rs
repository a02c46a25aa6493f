//! The driver of the native GPU tests on Linux: one that is installed, or Debian's, which needs no
//! graphics card.

use std::{env, fs};

use anyhow::Result;

use crate::{debian, shell::Shell};

/// Where drivers tell Vulkan about themselves.
const FOLDERS: [&str; 2] = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
const PACKAGE: &str = "mesa-vulkan-drivers";

/// Looks for a driver, installing Mesa's on a Debian whose root we are. Other systems have their
/// own way to the GPU.
///
/// # Errors
/// When the installation fails.
pub fn set_up(shell: &Shell) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    if drivers().is_empty() && debian::can_install(shell) {
        debian::install(shell, PACKAGE)?;
    }
    let drivers = drivers();
    if drivers.is_empty() {
        println!(
            "GPU engine tests are skipped: no Vulkan driver; install {PACKAGE} or the driver of \
             your graphics card"
        );
    } else {
        println!("Found Vulkan drivers: {}", drivers.join(", "));
    }
    Ok(())
}

/// Whether GPU tests must find an adapter: on CI, wherever there is a driver.
pub fn is_required() -> bool {
    env::var_os("CI").is_some_and(|ci| !ci.is_empty()) && !drivers().is_empty()
}

/// The drivers by the names of their files, without `.json`.
fn drivers() -> Vec<String> {
    let files = FOLDERS.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
    names.filter_map(|name| Some(name.strip_suffix(".json")?.to_owned())).collect()
}
