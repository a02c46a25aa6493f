//! What the site takes from others that no crate brings: packages of `www/vendor`, in the versions
//! that its lock file names.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::Value;

use super::licences::Package;
use crate::{
    shell::Shell,
    tools::{self, node},
};

/// A file of a package, and its place in the site.
struct Part {
    package: &'static str,
    file: &'static str,
    place: &'static str,
}

/// Reads and writes videos, for `motion.html` alone.
const PARTS: [Part; 1] = [Part {
    package: "mediabunny",
    file: "dist/bundles/mediabunny.min.mjs",
    place: "motion/mediabunny.js",
}];

/// Installs the packages.
///
/// # Errors
/// Node.js missing, or a package that cannot be had.
pub fn set_up(shell: &Shell) -> Result<()> {
    node(shell)?;
    tools::npm_packages(shell, &folder(shell.root()))
}

/// Puts their files into the site.
///
/// # Errors
/// A package that is not installed.
pub fn write(root: &Path, dist: &Path) -> Result<()> {
    for Part { package, file, place } in &PARTS {
        let (from, to) = (installed(root, package).join(file), dist.join(place));
        fs::create_dir_all(to.parent().context("no folder to copy to")?)?;
        fs::copy(&from, to).with_context(|| {
            format!("no {}: set up the site first, by `cargo xtask build`", from.display())
        })?;
    }
    Ok(())
}

/// The packages, for the list of licences.
///
/// # Errors
/// A package that is not installed, or does not state its licence.
pub fn packages(root: &Path) -> Result<Vec<Package>> {
    PARTS.iter().map(|part| describe(&installed(root, part.package))).collect()
}

fn describe(folder: &Path) -> Result<Package> {
    let file = folder.join("package.json");
    let text = fs::read_to_string(&file).with_context(|| format!("no {}", file.display()))?;
    let about: Value = serde_json::from_str(&text)?;
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let stated = |key: &str| {
        word(&about[key]).with_context(|| format!("{} does not state its {key}", file.display()))
    };
    let repository = word(&about["repository"]["url"]).unwrap_or_default();
    let repository = repository.trim_start_matches("git+").trim_end_matches(".git").to_owned();
    Ok(Package {
        name: stated("name")?,
        version: stated("version")?,
        licence: stated("license")?,
        repository,
        folder: folder.to_string_lossy().into_owned(),
    })
}

fn installed(root: &Path, package: &str) -> PathBuf {
    folder(root).join("node_modules").join(package)
}

fn folder(root: &Path) -> PathBuf {
    root.join("www/vendor")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::testing::Folder;

    #[test]
    fn a_package_comes_with_its_terms_or_not_at_all() -> Result<()> {
        let root = Folder::new("vendor")?;
        let dist = root.path().join("dist");
        assert!(write(root.path(), &dist).is_err() && packages(root.path()).is_err());
        let package = installed(root.path(), PARTS[0].package);
        let file = package.join(PARTS[0].file);
        fs::create_dir_all(file.parent().context("a folder")?)?;
        fs::write(&file, "films")?;
        let about = |licence: &str| {
            format!(
                r#"{{"name":"m","version":"1.2.3",{licence}"repository":{{"url":"git+https://a.example/m.git"}}}}"#
            )
        };
        fs::write(package.join("package.json"), about(""))?;
        assert!(packages(root.path()).is_err());
        fs::write(package.join("package.json"), about(r#""license":"MPL-2.0","#))?;
        write(root.path(), &dist)?;
        assert_eq!(fs::read_to_string(dist.join(PARTS[0].place))?, "films");
        let known = packages(root.path())?;
        let Package { name, version, licence, repository, .. } = &known[0];
        let told = [name, version, licence, repository];
        assert_eq!(told, ["m", "1.2.3", "MPL-2.0", "https://a.example/m"]);
        Ok(())
    }
}
