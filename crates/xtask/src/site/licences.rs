//! The licences of everything that the site ships, as cargo knows it: `licences.txt`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::Path,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::vendor;
use crate::shell::Shell;

/// The programs of the site.
const PROGRAMS: [&str; 3] = ["dream-ui", "dream-worker", "dream-motion"];
const METADATA: &str = "cargo metadata --format-version 1 --offline --filter-platform \
                        wasm32-unknown-unknown";
/// Beginnings of the names of files that hold terms.
const TERMS: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];

/// A package that is part of the site.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// What it is called.
    pub name: String,
    /// Which one it is.
    pub version: String,
    /// The terms that it comes under, in short.
    pub licence: String,
    /// Where its source is.
    pub repository: String,
    /// Where it lies here, with the text of its terms.
    pub folder: String,
}

/// Writes the list, and every text of terms once with the packages that come under it.
///
/// # Errors
/// When cargo does not answer, or a package does not state its licence.
pub fn write(shell: &Shell, dist: &Path) -> Result<()> {
    let answer = shell.output(METADATA).context("cargo metadata failed")?;
    let mut packages = shipped(&serde_json::from_str(&answer)?)?;
    packages.extend(vendor::packages(shell.root())?);
    packages.sort();
    Ok(fs::write(dist.join("licences.txt"), text(&packages)?)?)
}

/// The packages that the programs are made of, sorted.
fn shipped(metadata: &Value) -> Result<Vec<Package>> {
    let nodes = metadata["resolve"]["nodes"].as_array().context("no resolved packages")?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let id = |value: &Value| value["id"].as_str().unwrap_or_default().to_owned();
    let mut found: BTreeMap<String, &Value> = BTreeMap::new();
    let programs =
        packages.iter().filter(|package| PROGRAMS.iter().any(|it| package["name"] == *it));
    let mut open: Vec<String> = programs.map(id).collect();
    while let Some(next) = open.pop() {
        let package = packages.iter().find(|package| package["id"] == *next);
        let node = nodes.iter().find(|node| node["id"] == *next);
        let (package, node) = (package.context("no package")?, node.context("no node")?);
        // Procedural macros run when the site is built; they are not in it.
        if is_macro(package) || found.insert(next, package).is_some() {
            continue;
        }
        let needed = node["deps"].as_array().into_iter().flatten().filter(|it| is_built_in(it));
        open.extend(needed.filter_map(|it| it["pkg"].as_str().map(str::to_owned)));
    }
    let mut shipped = found.into_values().map(describe).collect::<Result<Vec<_>>>()?;
    shipped.sort();
    Ok(shipped)
}

fn is_macro(package: &Value) -> bool {
    let targets = package["targets"].as_array().into_iter().flatten();
    targets.flat_map(|target| target["kind"].as_array()).flatten().any(|kind| kind == "proc-macro")
}

/// Whether a dependency is one of the program itself, not of its tests or its build.
fn is_built_in(dependency: &Value) -> bool {
    let kinds = dependency["dep_kinds"].as_array().into_iter().flatten();
    kinds.clone().any(|kind| kind["kind"].is_null())
}

fn describe(package: &Value) -> Result<Package> {
    let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let name = text("name");
    let file = text("manifest_path");
    let folder = Path::new(&file).parent().map(|folder| folder.to_string_lossy().into_owned());
    let licence = match text("license") {
        licence if licence.is_empty() => text("license_file"),
        licence => licence,
    };
    ensure!(!licence.is_empty(), "{name} does not state its licence");
    Ok(Package {
        version: text("version"),
        repository: text("repository"),
        folder: folder.unwrap_or_default(),
        name,
        licence,
    })
}

fn text(packages: &[Package]) -> Result<String> {
    let mut out = String::from(
        "Pareidolia, MIT OR Apache-2.0, as you prefer. The built-in model, mini-inception, comes \
         under the same terms.\n\nIts programs are made of these packages:\n\n",
    );
    let mut terms: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        let Package { name, version, licence, repository, folder } = package;
        writeln!(out, "{name} {version} · {licence} · {repository}")?;
        let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        for entry in entries {
            let file = entry.file_name().to_string_lossy().to_uppercase();
            if TERMS.iter().any(|start| file.starts_with(start)) && entry.path().is_file() {
                let text = String::from_utf8_lossy(&fs::read(entry.path())?).trim().to_owned();
                terms.entry(text).or_default().insert(name);
            }
        }
    }
    for (text, names) in terms {
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        write!(out, "\n{}\n{names}\n\n{text}\n", "=".repeat(80))?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::site::testing::Folder;

    fn metadata(folder: &Path) -> Value {
        let package = |name: &str, kind: &str, licence: Value| {
            let file = folder.join(name).join("Cargo.toml");
            json!({ "id": name, "name": name, "version": "1.0.0", "license": licence,
                "manifest_path": file, "targets": [{ "kind": [kind] }] })
        };
        let needs =
            |name: &str, kind: Value| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        json!({
            "packages": [
                package("dream-ui", "bin", json!("MIT")),
                package("dream-worker", "bin", json!("MIT")),
                package("shipped", "lib", json!("BSD-3-Clause")),
                package("deeper", "lib", json!("Zlib")),
                package("macros", "proc-macro", json!("MIT")),
                package("tests", "lib", json!("MIT")),
                package("nameless", "lib", Value::Null),
            ],
            "resolve": { "nodes": [
                { "id": "dream-ui", "deps": [needs("shipped", Value::Null),
                    needs("macros", Value::Null), needs("tests", json!("dev"))] },
                { "id": "dream-worker", "deps": [needs("shipped", Value::Null)] },
                { "id": "shipped", "deps": [needs("deeper", Value::Null)] },
                { "id": "deeper", "deps": [] },
                { "id": "macros", "deps": [] },
                { "id": "tests", "deps": [] },
                { "id": "nameless", "deps": [] },
            ] },
        })
    }

    #[test]
    fn what_is_shipped_is_listed_with_its_terms_once() -> Result<()> {
        let folder = Folder::new("licences")?;
        for (name, terms) in [("shipped", "Be kind."), ("deeper", "Be kind."), ("tests", "No.")] {
            fs::create_dir_all(folder.path().join(name))?;
            fs::write(folder.path().join(name).join("LICENSE-BSD"), terms)?;
        }
        let packages = shipped(&metadata(folder.path()))?;
        let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["deeper", "dream-ui", "dream-worker", "shipped"]);
        let text = text(&packages)?;
        assert!(text.contains("shipped 1.0.0 · BSD-3-Clause"), "{text}");
        assert_eq!(text.matches("deeper, shipped\n\nBe kind.").count(), 1, "{text}");
        assert!(!text.contains("No."), "{text}");
        Ok(())
    }

    #[test]
    fn a_package_without_a_licence_is_refused() {
        let mut metadata = metadata(Path::new("nowhere"));
        metadata["resolve"]["nodes"][3]["deps"] =
            json!([{ "pkg": "nameless", "dep_kinds": [{ "kind": null }] }]);
        let refused = shipped(&metadata).map_err(|error| error.to_string());
        assert_eq!(refused, Err("nameless does not state its licence".to_owned()));
    }
}
