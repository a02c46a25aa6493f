//! Recipes in files: inside the PNG of a dream, as an iTXt chunk, or alone as JSON.

use std::{fs, io::Cursor, path::Path};

use anyhow::{Context, Result, bail};
use dream_protocol::{RECIPE_KEYWORD, Recipe};
use image::RgbaImage;

/// First bytes of a PNG.
const PNG: [u8; 4] = [0x89, b'P', b'N', b'G'];

/// Reads the recipe of a dream that was saved as PNG, or a recipe that is a JSON file.
///
/// # Errors
/// A file that is missing, is damaged, or holds no recipe.
pub fn read(path: &Path) -> Result<Recipe> {
    let failed = || format!("cannot read a recipe from {}", path.display());
    let bytes = fs::read(path).with_context(failed)?;
    let text = if bytes.starts_with(&PNG) { text_of_png(&bytes) } else { text(bytes) };
    text.and_then(|text| {
        serde_json::from_str(&text).context("it is no recipe that this program knows")
    })
    .with_context(failed)
}

/// The picture as a PNG file that carries the recipe; opaque ones without alpha.
///
/// # Errors
/// A picture that a PNG cannot hold.
pub fn png_with(recipe: &Recipe, image: &RgbaImage) -> Result<Vec<u8>> {
    let opaque = image.pixels().all(|pixel| pixel.0[3] == 255);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, image.width(), image.height());
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_color(if opaque { png::ColorType::Rgb } else { png::ColorType::Rgba });
    encoder.add_itxt_chunk(RECIPE_KEYWORD.to_owned(), serde_json::to_string(recipe)?)?;
    let mut writer = encoder.write_header()?;
    if opaque {
        let rgb: Vec<u8> =
            image.pixels().flat_map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2]]).collect();
        writer.write_image_data(&rgb)?;
    } else {
        writer.write_image_data(image)?;
    }
    writer.finish()?;
    Ok(bytes)
}

fn text_of_png(bytes: &[u8]) -> Result<String> {
    let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info()?;
    // Text may also follow the pixels.
    reader.finish()?;
    let texts = &reader.info().utf8_text;
    let Some(text) = texts.iter().find(|text| text.keyword == RECIPE_KEYWORD) else {
        bail!("the picture carries none: it was not saved by Pareidolia, or was edited since");
    };
    Ok(text.get_text()?)
}

fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).ok().context("it is neither a PNG nor JSON")
}

#[cfg(test)]
mod tests {
    use dream_protocol::{DreamSettings, ModelId};
    use image::Rgba;

    use super::*;

    #[test]
    fn a_picture_carries_its_recipe() -> Result<()> {
        let settings = DreamSettings { seed: 7, ..DreamSettings::default() };
        let recipe = Recipe::new(ModelId::default(), settings);
        for alpha in [255, 40] {
            let image = RgbaImage::from_fn(5, 4, |x, y| Rgba([x as u8 * 50, y as u8, 9, alpha]));
            let bytes = png_with(&recipe, &image)?;
            assert_eq!(image::load_from_memory(&bytes)?.into_rgba8(), image);
            let text = text_of_png(&bytes)?;
            assert_eq!(serde_json::from_str::<Recipe>(&text)?, recipe);
        }
        Ok(())
    }

    #[test]
    fn a_picture_without_one_says_so() -> Result<()> {
        let mut bytes = Cursor::new(Vec::new());
        RgbaImage::new(2, 2).write_to(&mut bytes, image::ImageFormat::Png)?;
        assert!(
            text_of_png(bytes.get_ref()).is_err_and(|error| error.to_string().contains("none"))
        );
        Ok(())
    }
}
