//! Series of pictures in and out: folders of numbered PNGs, and animated GIFs.

use std::{
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use dream_motion::Gif;
use dream_protocol::{Picture, Recipe};
use image::{AnimationDecoder, codecs::gif::GifDecoder, imageops};

use crate::{
    picture::{self, Output},
    recipe,
};

/// Where frames go.
pub enum Frames {
    /// A folder of PNGs, each with its recipe, numbered from 0; what is in it is not made again.
    Folder(PathBuf),
    /// A GIF, written when all frames are there.
    Gif {
        /// Where it goes.
        output: Output,
        /// Frames a second.
        fps: f32,
        /// The frames so far.
        gif: Option<Gif>,
    },
}

impl Frames {
    /// A GIF where the name ends so, else a folder, which is made.
    ///
    /// # Errors
    /// A place that cannot be written.
    pub fn new(path: &Path, fps: f32) -> Result<Self> {
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gif")) {
            return Ok(Self::Gif { output: Output::new(path)?, fps, gif: None });
        }
        ensure!(
            path.is_dir() || path.extension().is_none(),
            "cannot write {}: frames go to a folder or a .gif",
            path.display()
        );
        fs::create_dir_all(path)
            .with_context(|| format!("cannot make the folder {}", path.display()))?;
        Ok(Self::Folder(path.to_owned()))
    }

    /// A frame that an earlier run has left.
    ///
    /// # Errors
    /// A frame that was dreamed in another way.
    pub fn kept(&self, frame: u32, wanted: &Recipe) -> Result<Option<Picture>> {
        let Self::Folder(folder) = self else { return Ok(None) };
        let file = file(folder, frame);
        if !file.exists() {
            return Ok(None);
        }
        let found = recipe::read(&file)?;
        ensure!(
            (&found.settings, &found.model) == (&wanted.settings, &wanted.model),
            "{} was dreamed with other settings or another model; choose another folder, or remove \
             its frames",
            file.display()
        );
        picture::read(&file, &mut Vec::new()).map(Some)
    }

    /// Keeps a frame.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep(&mut self, frame: u32, picture: Picture, recipe: &Recipe) -> Result<()> {
        match self {
            Self::Folder(folder) => {
                Output::new(&file(folder, frame))?.write(picture, recipe, &mut Vec::new())
            }
            Self::Gif { fps, gif, .. } => {
                let made =
                    gif.take().map_or_else(|| Gif::new(picture.width, picture.height, *fps), Ok);
                Ok(gif.insert(made?).add(picture)?)
            }
        }
    }

    /// Ends the series; returns where it is, in words.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn finish(self) -> Result<String> {
        match self {
            Self::Folder(folder) => Ok(format!("the folder {}", folder.display())),
            Self::Gif { output, gif, .. } => {
                let file = output.path();
                let bytes = gif.context("there is no frame to save")?.finish()?;
                fs::write(file, bytes)
                    .with_context(|| format!("cannot write {}", file.display()))?;
                Ok(file.display().to_string())
            }
        }
    }
}

fn file(folder: &Path, frame: u32) -> PathBuf {
    folder.join(format!("{frame:05}.png"))
}

/// The pictures of a film: those of an animated GIF, of a folder by their names, or of files in
/// their order.
///
/// # Errors
/// What is no picture, and fewer than two.
pub fn film(inputs: &[PathBuf], notes: &mut Vec<String>) -> Result<Vec<Picture>> {
    let frames = match inputs {
        [folder] if folder.is_dir() => pictures(&in_order(folder)?, notes)?,
        [gif] if gif.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gif")) => {
            animation(gif).with_context(|| format!("cannot read {}", gif.display()))?
        }
        files => pictures(files, notes)?,
    };
    ensure!(frames.len() > 1, "a film has at least two pictures; `dream dream` dreams on one");
    Ok(frames)
}

/// The picture at these sides, width and height.
///
/// # Errors
/// A picture whose bytes do not fill its sides.
pub fn resized(picture: Picture, [width, height]: [u32; 2]) -> Result<Picture> {
    if [picture.width, picture.height] == [width, height] {
        return Ok(picture);
    }
    let image = image::RgbaImage::from_raw(picture.width, picture.height, picture.rgba);
    let image = image.context("a picture has fewer pixels than its size says")?;
    let image = imageops::resize(&image, width, height, imageops::FilterType::Triangle);
    Ok(Picture { width, height, rgba: image.into_raw() })
}

fn pictures(files: &[PathBuf], notes: &mut Vec<String>) -> Result<Vec<Picture>> {
    files.iter().map(|file| picture::read(file, notes)).collect()
}

/// The pictures of a folder: `frame-9` before `frame-10`.
fn in_order(folder: &Path) -> Result<Vec<PathBuf>> {
    let known = |file: &PathBuf| picture::is_picture(file);
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .with_context(|| format!("cannot read {}", folder.display()))?;
    files.retain(known);
    if files.is_empty() {
        bail!("there is no picture in {}", folder.display());
    }
    files.sort_by_key(|file| natural(&file.file_name().unwrap_or_default().to_string_lossy()));
    Ok(files)
}

/// A name with its numbers as numbers, for sorting.
fn natural(name: &str) -> Vec<(u64, String)> {
    let mut parts = vec![(0, String::new())];
    let mut digits = String::new();
    for letter in name.chars().chain(['\0']) {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        if !digits.is_empty() {
            parts.push((digits.parse().unwrap_or(u64::MAX), String::new()));
            digits.clear();
        }
        if let Some((_, text)) = parts.last_mut() {
            text.push(letter);
        }
    }
    parts
}

fn animation(file: &Path) -> Result<Vec<Picture>> {
    let decoder = GifDecoder::new(BufReader::new(File::open(file)?))?;
    let picture = |frame: image::Frame| {
        let image = frame.into_buffer();
        Picture { width: image.width(), height: image.height(), rgba: image.into_raw() }
    };
    decoder.into_frames().map(|frame| Ok(picture(frame?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_by_their_numbers() {
        let mut names = ["b1", "a10.png", "a9.png", "a9b.png", "a010x"];
        names.sort_by_key(|name| natural(name));
        assert_eq!(names, ["a9.png", "a9b.png", "a10.png", "a010x", "b1"]);
    }
}
