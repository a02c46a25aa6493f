//! The browsers of the end-to-end tests: those named, those that are installed, or Debian's.

use std::{env, path::PathBuf};

use anyhow::{Context, Result, ensure};

use crate::{debian, shell::Shell};

const NAMES: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const PLACES: [&str; 3] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
];

/// The environment variable that names Firefox.
pub const FIREFOX: &str = "PAREIDOLIA_FIREFOX";

/// Makes sure that there is a browser to test with, installing Chromium on a Debian whose root
/// we are.
///
/// # Errors
/// When there is none, saying what to do.
pub fn set_up(shell: &Shell) -> Result<()> {
    if find(shell)?.is_none() && debian::can_install(shell) {
        debian::install(shell, "chromium")?;
    }
    println!("Found browser: {}", program(shell)?.display());
    Ok(())
}

/// The browser's program.
///
/// # Errors
/// When there is none, saying what to do.
pub fn program(shell: &Shell) -> Result<PathBuf> {
    find(shell)?.context(
        "the end-to-end tests need Chrome or Chromium: install one, \
         or name its program in the environment variable PAREIDOLIA_CHROME",
    )
}

/// Looks for the program that drives the browser for tests in WebAssembly, installing Debian's
/// where we may.
///
/// # Errors
/// When the installation fails.
pub fn set_up_driver(shell: &Shell) -> Result<()> {
    if driver(shell).is_none() && debian::can_install(shell) {
        debian::install(shell, "chromium-driver")?;
    }
    match driver(shell) {
        Some(driver) => println!("Found browser driver: {}", driver.display()),
        None => println!("WebGPU tests in a browser are skipped: no chromedriver; install it"),
    }
    Ok(())
}

/// The program that drives the browser, if there is one.
pub fn driver(shell: &Shell) -> Option<PathBuf> {
    shell.find(&["chromedriver"])
}

/// Looks for Firefox, which a few end-to-end tests are for, installing Debian's where we may. Where it
/// cannot be had, they are skipped.
pub fn set_up_firefox(shell: &Shell) {
    if firefox(shell).is_none()
        && debian::can_install(shell)
        && let Err(error) = debian::install(shell, "firefox-esr")
    {
        println!("Firefox could not be installed: {error}");
    }
    match firefox(shell) {
        Some(firefox) => println!("Found Firefox: {}", firefox.display()),
        None => println!("Tests in Firefox are skipped: install it, or name it in {FIREFOX}"),
    }
}

/// Firefox, if there is one.
pub fn firefox(shell: &Shell) -> Option<PathBuf> {
    let named = env::var_os(FIREFOX).map(PathBuf::from);
    named.or_else(|| shell.find(&["firefox-esr", "firefox"]))
}

fn find(shell: &Shell) -> Result<Option<PathBuf>> {
    if let Some(named) = env::var_os("PAREIDOLIA_CHROME").map(PathBuf::from) {
        ensure!(named.is_file(), "PAREIDOLIA_CHROME names {}: no such file", named.display());
        return Ok(Some(named));
    }
    let placed = || PLACES.iter().map(PathBuf::from).find(|place| place.is_file());
    Ok(shell.find(&NAMES).or_else(placed))
}
