//! Pictures in and out: any file that the `image` crate reads becomes upright RGBA, 8 bits a
//! channel, and a dream becomes a file whose format the name's ending chooses.
//!
//! A file's header is never believed blindly: what it claims is held against [`MAX_DECODED_BYTES`]
//! before anything is allocated.

use std::{
    error::Error,
    fs::{self, File},
    io::{BufReader, Cursor},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use dream_protocol::{Picture, Recipe, SIZE};
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage, RgbaImage,
    codecs::jpeg::JpegEncoder,
};

use crate::recipe;

/// Most bytes that a decoded picture may take: 8192 × 8192 pixels of four 16-bit channels, twice.
const MAX_DECODED_BYTES: u64 = 1 << 30;
/// Quality of written JPEG files, of 100.
const JPEG_QUALITY: u8 = 95;
/// The formats that can be written, by the endings of their names.
const FORMATS: [(&str, ImageFormat); 8] = [
    ("png", ImageFormat::Png),
    ("jpg", ImageFormat::Jpeg),
    ("jpeg", ImageFormat::Jpeg),
    ("webp", ImageFormat::WebP),
    ("tif", ImageFormat::Tiff),
    ("tiff", ImageFormat::Tiff),
    ("bmp", ImageFormat::Bmp),
    ("gif", ImageFormat::Gif),
];

/// Reads a picture upright, as its EXIF orientation says, and tells in `notes` what was changed.
///
/// # Errors
/// A file that is missing, is no picture, is damaged, or claims absurd dimensions.
pub fn read(path: &Path, notes: &mut Vec<String>) -> Result<Picture> {
    let image = decode(path).with_context(|| format!("cannot read {}", path.display()))?;
    let limit = SIZE.max as u32;
    let (width, height) = (image.width(), image.height());
    if width.max(height) <= limit {
        return Ok(to_picture(image));
    }
    let reduced = image.thumbnail(limit, limit);
    notes.push(format!(
        "Reduced from {width} × {height} to {} × {}: sides above {limit} pixels are too large to dream on.",
        reduced.width(),
        reduced.height(),
    ));
    Ok(to_picture(reduced))
}

/// Whether a file's name ends like that of a picture.
pub fn is_picture(path: &Path) -> bool {
    path.extension().is_some() && format_of(path).is_ok()
}

/// A file to be written, checked before the long work begins.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    format: ImageFormat,
}

impl Output {
    /// Chooses the format by the ending of the name (PNG without one) and checks that the folder
    /// exists.
    ///
    /// # Errors
    /// An ending that stands for no format, a folder in place of a file, a folder that is missing.
    pub fn new(path: &Path) -> Result<Self> {
        let format = format_of(path)?;
        ensure!(!path.is_dir(), "cannot write {}: it is a folder", path.display());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            ensure!(
                folder.is_dir(),
                "cannot write {}: there is no folder {}",
                path.display(),
                folder.display()
            );
        }
        Ok(Self { path: path.to_owned(), format })
    }

    /// Where the file goes.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Encodes and writes the picture, a PNG with its recipe; the file is touched only once all of
    /// it is encoded.
    ///
    /// # Errors
    /// A picture that the format cannot hold, or a file that cannot be written.
    pub fn write(&self, picture: Picture, recipe: &Recipe, notes: &mut Vec<String>) -> Result<()> {
        let failed = || format!("cannot write {}", self.path.display());
        let bytes = encode(picture, self.format, recipe, notes).with_context(failed)?;
        fs::write(&self.path, bytes).with_context(failed)
    }
}

fn decode(path: &Path) -> Result<DynamicImage> {
    ensure!(!path.is_dir(), "it is a folder, not a picture");
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    let mut reader = ImageReader::new(BufReader::new(File::open(path)?)).with_guessed_format()?;
    reader.limits(limits.clone());
    if reader.format().is_none() {
        bail!("it is not a picture of a known format (PNG, JPEG, WebP, TIFF, GIF or BMP)");
    }
    let mut decoder = reader.into_decoder().map_err(in_one_sentence)?;
    let (width, height) = decoder.dimensions();
    ensure!(width > 0 && height > 0, "it has no pixels ({width} × {height})");
    ensure!(
        decoder.total_bytes() <= MAX_DECODED_BYTES,
        "{width} × {height} pixels need more than {} MB of memory; scale the picture down first",
        MAX_DECODED_BYTES >> 20,
    );
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    let orientation = decoder.orientation().map_err(in_one_sentence)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(in_one_sentence)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn in_one_sentence(error: ImageError) -> anyhow::Error {
    match error {
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            anyhow!("the file ends too early")
        }
        ImageError::Limits(_) => anyhow!(
            "decoding it needs more than {} MB of memory; scale the picture down first",
            MAX_DECODED_BYTES >> 20
        ),
        ImageError::Decoding(error) => match error.source() {
            Some(cause) => anyhow!("it is damaged: {cause}"),
            None => anyhow!("it is damaged"),
        },
        error => anyhow!("{error}"),
    }
}

fn to_picture(image: DynamicImage) -> Picture {
    let image = image.into_rgba8();
    Picture { width: image.width(), height: image.height(), rgba: image.into_raw() }
}

fn format_of(path: &Path) -> Result<ImageFormat> {
    let Some(ending) = path.extension() else { return Ok(ImageFormat::Png) };
    let ending = ending.to_string_lossy().to_lowercase();
    FORMATS.iter().find(|(known, _)| *known == ending).map(|(_, format)| *format).ok_or_else(|| {
        let known: Vec<_> = FORMATS.iter().map(|(known, _)| *known).collect();
        anyhow!(
            "cannot write {}: .{ending} is no known picture format; use one of {}",
            path.display(),
            known.join(", ")
        )
    })
}

fn encode(
    picture: Picture,
    format: ImageFormat,
    recipe: &Recipe,
    notes: &mut Vec<String>,
) -> Result<Vec<u8>> {
    let image = RgbaImage::from_raw(picture.width, picture.height, picture.rgba)
        .context("the picture has fewer pixels than its size says")?;
    if format == ImageFormat::Png {
        return recipe::png_with(recipe, &image);
    }
    let mut file = Cursor::new(Vec::new());
    if format == ImageFormat::Jpeg {
        let encoder = JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY);
        on_white(&image, notes).write_with_encoder(encoder)?;
    } else {
        DynamicImage::from(image).write_to(&mut file, format)?;
    }
    Ok(file.into_inner())
}

/// JPEG has no transparency: what shines through is white.
fn on_white(image: &RgbaImage, notes: &mut Vec<String>) -> RgbImage {
    if image.pixels().any(|pixel| pixel.0[3] < 255) {
        notes.push("JPEG has no transparency: the picture was laid on white.".to_owned());
    }
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0.map(u32::from);
        let over = |level: u32| ((level * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        image::Rgb([over(red), over(green), over(blue)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_chooses_the_format() {
        let format = |name: &str| format_of(Path::new(name)).ok();
        assert_eq!(format("a.png"), Some(ImageFormat::Png));
        assert_eq!(format("a"), Some(ImageFormat::Png));
        assert_eq!(format("a.b.JPEG"), Some(ImageFormat::Jpeg));
        assert_eq!(format("a.webp"), Some(ImageFormat::WebP));
        assert_eq!(format("a.txt"), None);
    }

    #[test]
    fn transparency_is_laid_on_white_with_a_note() {
        let image = RgbaImage::from_raw(3, 1, vec![10, 20, 30, 255, 10, 20, 30, 0, 0, 0, 0, 51])
            .expect("three pixels");
        let mut notes = Vec::new();
        assert_eq!(
            on_white(&image, &mut notes).into_raw(),
            [10, 20, 30, 255, 255, 255, 204, 204, 204]
        );
        assert_eq!(notes.len(), 1);

        let opaque = RgbaImage::from_pixel(1, 1, image::Rgba([1, 2, 3, 255]));
        notes.clear();
        assert_eq!(on_white(&opaque, &mut notes).into_raw(), [1, 2, 3]);
        assert!(notes.is_empty());
    }
}
