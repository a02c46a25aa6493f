//! What the service worker keeps: a list of the site's files with their hashes, put at the head of
//! its script, so that every change of any file makes a new version of it.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Result;
use serde::Serialize;

use super::{compress::files, shelf::hash};

/// Files that no page of the site needs to run.
const LEFT_OUT: [&str; 4] = ["404.html", "licences.txt", "og.jpg", "sw.js"];
/// Beginnings of the names of files that are for other people's pages only.
const ELSEWHERE: [&str; 3] = ["deep-dream.", "embed.", "widget/"];
/// Digits of a hash that are enough to notice damage.
const DIGITS: usize = 16;
/// The one model that every visitor has.
const BUILT_IN: &str = "models/mini-inception.onnx";

/// What the service worker reads.
#[derive(Serialize)]
struct Release<'a> {
    version: &'a str,
    files: &'a BTreeMap<String, String>,
}

/// Puts the list at the head of `sw.js`.
///
/// # Errors
/// A file that cannot be read.
pub fn write(dist: &Path) -> Result<()> {
    let mut list = BTreeMap::new();
    for name in files(dist)? {
        let model = name.starts_with("models/") && name != BUILT_IN;
        let elsewhere = ELSEWHERE.iter().any(|start| name.starts_with(start));
        if !LEFT_OUT.contains(&name.as_str()) && !model && !elsewhere {
            let sum = hash(&fs::read(dist.join(&name))?);
            list.insert(name, sum[..DIGITS].to_owned());
        }
    }
    let version = hash(serde_json::to_string(&list)?.as_bytes());
    let release = serde_json::to_string(&Release { version: &version[..12], files: &list })?;
    let script = fs::read_to_string(dist.join("sw.js"))?;
    Ok(fs::write(dist.join("sw.js"), format!("self.release = {release};\n{script}"))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::testing::Folder;

    fn released(page: &str) -> Result<(String, serde_json::Value)> {
        let dist = Folder::new("precache")?;
        fs::create_dir_all(dist.path().join("models"))?;
        for (name, text) in [
            ("index.html", page),
            ("sw.js", "// worker"),
            ("og.jpg", "picture"),
            ("models/mini-inception.onnx", "small"),
            ("models/large.onnx", "large"),
            ("embed.js", "for others"),
            ("motion.html", "another page"),
        ] {
            fs::write(dist.path().join(name), text)?;
        }
        write(dist.path())?;
        let script = fs::read_to_string(dist.path().join("sw.js"))?;
        let (head, rest) = script.split_once('\n').unwrap_or_default();
        let release = head.trim_start_matches("self.release = ").trim_end_matches(';');
        Ok((rest.to_owned(), serde_json::from_str(release)?))
    }

    #[test]
    fn the_list_has_a_hash_for_what_the_page_needs() -> Result<()> {
        let (rest, release) = released("a page")?;
        assert_eq!(rest, "// worker");
        let files = release["files"].as_object().map(|files| files.keys().collect::<Vec<_>>());
        assert_eq!(
            files.unwrap_or_default(),
            ["index.html", "models/mini-inception.onnx", "motion.html"]
        );
        assert_eq!(release["files"]["index.html"], hash(b"a page")[..DIGITS]);
        Ok(())
    }

    #[test]
    fn another_file_is_another_version() -> Result<()> {
        let version = |page| Ok::<_, anyhow::Error>(released(page)?.1["version"].clone());
        assert_eq!(version("a page")?, version("a page")?);
        assert_ne!(version("a page")?, version("another page")?);
        Ok(())
    }
}
