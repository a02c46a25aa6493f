//! Every file once more as Brotli and gzip beside itself, for hosts that serve those, and a table
//! of what a visitor loads.

use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};
use brotli::{CompressorWriter, enc::BrotliEncoderParams};
use flate2::{Compression, write::GzEncoder};

/// Bytes that the page's own WebAssembly, scripts and styles may have as Brotli.
const PAGE: usize = 300_000;
/// Bytes that the engine's WebAssembly may have as Brotli.
const ENGINE: usize = 1_600_000;
/// Bytes that what `motion.html` takes besides the engine may have as Brotli; the larger half
/// reads and writes videos, and is loaded when there is one.
const MOTION: usize = 320_000;
/// The engine.
const ENGINE_FILE: &str = "dream-worker_bg.wasm";
/// Beginnings of the names of files that the page itself does not load.
const NOT_PAGE: [&str; 6] =
    ["dream-worker", "dream-motion", "deep-dream.", "embed.", "motion/", "widget/"];
/// Beginnings of the names of files that the page for moving pictures loads.
const OF_MOTION: [&str; 3] = ["motion.html", "motion/", "dream-motion"];
/// Endings of files that are compressed by their nature.
const PICTURES: [&str; 2] = [".jpg", ".png"];
/// Endings of the copies made here.
const COPIES: [&str; 2] = [".br", ".gz"];

/// The site's files with their sizes.
#[derive(Debug)]
pub struct Sizes(Vec<Size>);

#[derive(Debug)]
struct Size {
    name: String,
    plain: usize,
    gzip: usize,
    brotli: usize,
}

/// Compresses all files of a folder.
///
/// # Errors
/// A file that cannot be read or written.
pub fn write(dist: &Path) -> Result<()> {
    for name in worthwhile(dist)? {
        let bytes = fs::read(dist.join(&name))?;
        fs::write(dist.join(format!("{name}.gz")), gzip(&bytes)?)?;
        fs::write(dist.join(format!("{name}.br")), brotli(&bytes)?)?;
    }
    Ok(())
}

/// The names of all files of a folder that are not compressed copies, from the folder on, sorted.
///
/// # Errors
/// A folder that cannot be read.
pub fn files(dist: &Path) -> Result<Vec<String>> {
    let (mut folders, mut names) = (vec![PathBuf::new()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(dist.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                names.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    names.retain(|name| !COPIES.iter().any(|ending| name.ends_with(ending)));
    names.sort();
    Ok(names)
}

impl Sizes {
    /// The sizes of the files of a folder and of their copies.
    ///
    /// # Errors
    /// A file that is not there.
    pub fn of(dist: &Path) -> Result<Self> {
        let bytes =
            |name: String| Ok::<_, io::Error>(fs::metadata(dist.join(name))?.len() as usize);
        let size = |name: String| {
            let (gzip, brotli) = (bytes(format!("{name}.gz"))?, bytes(format!("{name}.br"))?);
            Ok(Size { plain: bytes(name.clone())?, name, gzip, brotli })
        };
        Ok(Self(worthwhile(dist)?.into_iter().map(size).collect::<Result<_>>()?))
    }

    /// Holds the budget.
    ///
    /// # Errors
    /// What is too large.
    pub fn check(&self) -> Result<()> {
        let (page, engine) = (self.page(), self.engine());
        ensure!(page > 0 && engine > 0, "the site has no page or no engine");
        ensure!(page <= PAGE, "the page has {page} bytes as Brotli, {PAGE} at most");
        ensure!(engine <= ENGINE, "the engine has {engine} bytes as Brotli, {ENGINE} at most");
        let motion = self.motion();
        ensure!(
            motion <= MOTION,
            "moving pictures have {motion} bytes as Brotli, {MOTION} at most"
        );
        Ok(())
    }

    fn page(&self) -> usize {
        let is_page = |size: &&Size| {
            let loaded = size.name.ends_with(".wasm") || is_text(&size.name);
            loaded && !NOT_PAGE.iter().any(|start| size.name.starts_with(start))
        };
        self.0.iter().filter(is_page).map(|size| size.brotli).sum()
    }

    fn motion(&self) -> usize {
        let is_motion = |size: &&Size| OF_MOTION.iter().any(|start| size.name.starts_with(start));
        self.0.iter().filter(is_motion).map(|size| size.brotli).sum()
    }

    fn engine(&self) -> usize {
        self.0.iter().filter(|size| size.name == ENGINE_FILE).map(|size| size.brotli).sum()
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<44}{:>11}{:>11}{:>11}", "bytes", "plain", "gzip", "brotli")?;
        for Size { name, plain, gzip, brotli } in &self.0 {
            writeln!(f, "{name:<44}{plain:>11}{gzip:>11}{brotli:>11}")?;
        }
        writeln!(
            f,
            "{:<66}{:>11} of {PAGE}",
            "the page: WebAssembly, scripts, styles",
            self.page()
        )?;
        writeln!(f, "{:<66}{:>11} of {MOTION}", "moving pictures: their page", self.motion())?;
        write!(f, "{:<66}{:>11} of {ENGINE}", "the engine: WebAssembly", self.engine())
    }
}

/// The files that compressing makes smaller.
fn worthwhile(dist: &Path) -> Result<Vec<String>> {
    let mut names = files(dist)?;
    names.retain(|name| !PICTURES.iter().any(|ending| name.ends_with(ending)));
    Ok(names)
}

fn is_text(name: &str) -> bool {
    name.ends_with(".js") || name.ends_with(".css")
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let params = BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
    let mut packed = Vec::new();
    CompressorWriter::with_params(&mut packed, 1 << 16, &params).write_all(bytes)?;
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::site::testing::Folder;

    #[test]
    fn copies_unpack_to_the_file_and_the_budget_is_held() -> Result<()> {
        let dist = Folder::new("compress")?;
        let text = "dream ".repeat(1000);
        for name in ["page.js", ENGINE_FILE, "dream-worker.js", "icon.png"] {
            fs::write(dist.path().join(name), &text)?;
        }
        write(dist.path())?;
        let sizes = Sizes::of(dist.path())?;
        let read = |name: &str| fs::read(dist.path().join(name));
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(&read("page.js.gz")?[..]).read_to_string(&mut unpacked)?;
        assert_eq!(unpacked, text);
        unpacked.clear();
        brotli::Decompressor::new(&read("page.js.br")?[..], 4096).read_to_string(&mut unpacked)?;
        assert_eq!(unpacked, text);
        assert!(read("icon.png.br").is_err());
        assert_eq!(sizes.page(), read("page.js.br")?.len());
        sizes.check()
    }

    #[test]
    fn too_large_a_page_or_engine_and_missing_ones_are_refused() {
        let size = |name: &str, brotli| Size { name: name.into(), plain: 1, gzip: 1, brotli };
        let check = |page, engine, motion| {
            let page = size("page.wasm", page);
            let motion = size("motion/film.js", motion);
            Sizes(vec![page, size(ENGINE_FILE, engine), motion]).check().is_ok()
        };
        assert!(check(PAGE, ENGINE, MOTION));
        assert!(!check(PAGE + 1, ENGINE, MOTION));
        assert!(!check(PAGE, ENGINE + 1, MOTION));
        assert!(!check(PAGE, ENGINE, MOTION + 1));
        assert!(Sizes(Vec::new()).check().is_err());
    }
}
