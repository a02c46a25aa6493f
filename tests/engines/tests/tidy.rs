//! The rules of the house, held by a test: who may depend on whom, how long a file may grow, what
//! may lie where. Every rule is also shown something that breaks it.
#![cfg(not(target_arch = "wasm32"))]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Each package of the workspace with those of our own that it may depend on; what is tested may
/// be used freely by the tests.
const INWARD: [(&str, &[&str]); 14] = [
    ("dream-protocol", &[]),
    ("dream-graph", &[]),
    ("mini-inception", &[]),
    ("dream-onnx", &["dream-graph"]),
    ("dream-cpu", &["dream-graph", "dream-onnx"]),
    ("dream-gpu", &["dream-graph"]),
    ("dream-engines", &ENGINES),
    ("dream", &["dream-graph", "dream-protocol"]),
    ("dream-motion", &["dream-protocol"]),
    ("dream-worker", &SHELL),
    ("dream-cli", &COMMAND),
    ("dream-ui", &["dream-protocol"]),
    ("xtask", &["dream-protocol"]),
    ("engine-tests", &ALL),
];
const ENGINES: [&str; 6] =
    ["dream", "dream-graph", "dream-onnx", "dream-cpu", "dream-gpu", "dream-protocol"];
const SHELL: [&str; 6] =
    ["dream", "dream-graph", "dream-onnx", "dream-engines", "dream-protocol", "mini-inception"];
const COMMAND: [&str; 7] = [
    "dream",
    "dream-graph",
    "dream-onnx",
    "dream-engines",
    "dream-motion",
    "dream-protocol",
    "mini-inception",
];
const ALL: [&str; 8] = [
    "dream",
    "dream-graph",
    "dream-onnx",
    "dream-cpu",
    "dream-gpu",
    "dream-engines",
    "dream-protocol",
    "mini-inception",
];

/// Foreign packages, by the beginning of their name, and the only packages that may use them.
const OUTWARD: [(&str, &[&str]); 6] = [
    ("tract", &["dream-onnx", "dream-cpu", "engine-tests"]),
    ("prost", &["dream-onnx", "dream-cpu", "xtask", "engine-tests"]),
    ("wgpu", &["dream-gpu"]),
    ("naga", &["dream-gpu"]),
    ("web-sys", &["dream-worker", "dream-ui"]),
    (
        "serde",
        &[
            "dream-protocol",
            "dream-motion",
            "dream-worker",
            "dream-ui",
            "dream-cli",
            "xtask",
            "engine-tests",
        ],
    ),
];

const TOP_LEVEL: [&str; 17] = [
    ".cargo",
    ".ci",
    ".github",
    ".gitignore",
    "ARCHITECTURE.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "Trunk.toml",
    "crates",
    "index.html",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "tests",
    "www",
];

const LARGEST_FILE: u64 = 3_000_000;

#[test]
fn packages_depend_inwards_only() {
    let packages = workspace();
    assert!(packages.len() >= INWARD.len() - 1, "cargo lists only {} packages", packages.len());
    assert_eq!(forbidden_dependencies(&packages), [""; 0]);
}

#[test]
fn a_dependency_outwards_is_seen() {
    let package = |name: &str, dependencies: &[&str]| Package {
        name: name.to_owned(),
        dependencies: dependencies.iter().map(|&name| name.to_owned()).collect(),
    };
    let bad = [
        package("dream-graph", &["thiserror", "dream-onnx"]),
        package("dream", &["dream-cpu"]),
        package("dream-ui", &["web-sys", "tract-onnx"]),
        package("dream-engines", &["wgpu"]),
        package("dream-onnx", &["serde_json"]),
        package("dream-surprise", &[]),
    ];
    assert_eq!(forbidden_dependencies(&bad).len(), bad.len());
}

#[test]
fn files_keep_the_rules() {
    let files = files();
    assert!(files.len() > 50, "git lists only {} files", files.len());
    let broken: Vec<String> = files
        .iter()
        .flat_map(|path| {
            let bytes = fs::read(root().join(path)).expect("a listed file can be read");
            broken_rules(path, bytes.len() as u64, &String::from_utf8_lossy(&bytes))
        })
        .collect();
    assert_eq!(broken, [""; 0]);
}

#[test]
fn a_broken_rule_is_seen() {
    let lines = |count: usize| "//! Words.\n".repeat(count);
    let home = format!("//! In /{}/someone/photos.\n", "home");
    let bad = [
        ("crates/dream/src/lib.rs", 9, lines(401)),
        ("www/style/base.css", 9, lines(401)),
        ("tests/e2e/specs/dream.spec.js", 9, lines(401)),
        ("README.md", 9, lines(81)),
        ("ARCHITECTURE.md", 9, lines(151)),
        ("crates/dream/src/lib.rs", 9, "use std::fs;\n".to_owned()),
        ("crates/dream/src/lib.rs", 9, home),
        ("www/googlenet-12.onnx", 9, String::new()),
        (".github/screenshot.png", LARGEST_FILE + 1, String::new()),
        ("notes.txt", 9, String::new()),
    ];
    for (path, size, text) in bad {
        assert_eq!(broken_rules(path, size, &text).len(), 1, "{path} passed");
    }
    assert_eq!(broken_rules("crates/dream/src/lib.rs", 9, &lines(400)), [""; 0]);
}

/// A package and the names of those that it depends on when built.
struct Package {
    name: String,
    dependencies: Vec<String>,
}

fn forbidden_dependencies(packages: &[Package]) -> Vec<String> {
    packages.iter().flat_map(forbidden_of).collect()
}

fn forbidden_of(package: &Package) -> Vec<String> {
    let Some((_, inward)) = INWARD.iter().find(|(name, _)| *name == package.name) else {
        return vec![format!("{} is not in the table of packages", package.name)];
    };
    let ours = |name: &str| INWARD.iter().any(|(known, _)| *known == name);
    let forbidden = |name: &&String| {
        let foreign = OUTWARD.iter().find(|(start, _)| name.starts_with(start));
        ours(name) && !inward.contains(&name.as_str())
            || foreign.is_some_and(|(_, users)| !users.contains(&package.name.as_str()))
    };
    let dependencies = package.dependencies.iter().filter(forbidden);
    dependencies.map(|name| format!("{} may not depend on {name}", package.name)).collect()
}

fn broken_rules(path: &str, size: u64, text: &str) -> Vec<String> {
    let ending = Path::new(path).extension().and_then(|ending| ending.to_str()).unwrap_or("");
    let longest = match (path, ending) {
        ("README.md", _) => 80,
        ("ARCHITECTURE.md", _) => 150,
        (_, "rs" | "css" | "js" | "ts" | "wgsl") => 400,
        _ => usize::MAX,
    };
    let lines = text.lines().count();
    let top = path.split('/').next().unwrap_or(path);
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut private = ["home", "root", "work"].iter().map(|folder| format!("/{folder}/"));
    let rules = [
        (lines > longest, format!("has {lines} lines, {longest} at most")),
        (ending == "rs" && !says_what_it_is(text), "does not begin with //!".to_owned()),
        (name.starts_with("googlenet") && ending == "onnx", "is not ours to give".to_owned()),
        (size > LARGEST_FILE, format!("has {size} bytes, {LARGEST_FILE} at most")),
        (!TOP_LEVEL.contains(&top), "has no place at the top level".to_owned()),
        (private.any(|folder| text.contains(&folder)), "names a folder of one machine".to_owned()),
    ];
    rules
        .into_iter()
        .filter(|(broken, _)| *broken)
        .map(|(_, why)| format!("{path} {why}"))
        .collect()
}

fn says_what_it_is(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("#!["));
    first.is_some_and(|line| line.starts_with("//!"))
}

fn workspace() -> Vec<Package> {
    let output = output(env!("CARGO"), &["metadata", "--format-version", "1", "--no-deps"]);
    let metadata: Value = serde_json::from_str(&output).expect("cargo prints JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let built = |dependency: &&Value| dependency["kind"] != "dev";
    let packages = metadata["packages"].as_array().expect("a list of packages");
    packages
        .iter()
        .map(|package| Package {
            name: text(&package["name"]),
            dependencies: package["dependencies"]
                .as_array()
                .expect("a list of dependencies")
                .iter()
                .filter(built)
                .map(|dependency| text(&dependency["name"]))
                .collect(),
        })
        .collect()
}

/// Paths of all files that git keeps or would keep.
fn files() -> Vec<String> {
    let listed = output("git", &["ls-files", "--cached", "--others", "--exclude-standard"]);
    listed.lines().filter(|path| root().join(path).is_file()).map(str::to_owned).collect()
}

fn output(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).current_dir(root()).output();
    let output = output.unwrap_or_else(|error| panic!("cannot start {program}: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
