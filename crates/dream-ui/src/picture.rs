//! Pictures between files, canvases and plain pixels.

use dream_protocol::Picture;
use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use leptos::prelude::{document, window};
use wasm_bindgen::{Clamped, JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap,
    ImageBitmapOptions, ImageData, ReadableWritablePair, Response,
};

use crate::{exact, pace::breathe, png};

/// Longest side that the page keeps; larger pictures are scaled down as they are opened.
pub const LARGEST_SIDE: u32 = 8192;
/// Pixels that are made ready for a file between two breaths of the page.
const BAND: u32 = 100_000;
/// Quality of files that lose something, 0 to 1.
const QUALITY: f64 = 0.92;

#[wasm_bindgen]
extern "C" {
    type CompressionStream;

    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<CompressionStream, JsValue>;
}

/// Why a picture could not be opened or saved.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The browser's decoder refused it.
    #[error("{0} is not a picture that this browser can read. Try a JPEG, PNG, WebP or GIF file.")]
    Unreadable(String),
    /// The browser ran out of something.
    #[error("The browser could not hold the pixels of {0}. Try a smaller picture.")]
    TooLarge(String),
    /// The browser could not write the file.
    #[error("The picture could not be saved: {0}.")]
    Unwritable(String),
}

/// Decodes an image file: turned upright, colours as stored, alpha not premultiplied, scaled down
/// to a longest side of `largest`.
///
/// # Errors
/// [`PictureError`] when the browser cannot read it or hold it.
pub async fn decode(name: &str, file: &Blob, largest: u32) -> Result<Picture, PictureError> {
    let bitmap = bitmap(file, None).await.map_err(|_| PictureError::Unreadable(name.into()))?;
    let (width, height) = (bitmap.width(), bitmap.height());
    let longest = width.max(height);
    let too_large = |_| PictureError::TooLarge(name.into());
    let bitmap = if longest > largest {
        let fit =
            |side| ((u64::from(side) * u64::from(largest) / u64::from(longest)) as u32).max(1);
        let smaller = self::bitmap(&bitmap, Some((fit(width), fit(height)))).await;
        bitmap.close();
        smaller.map_err(too_large)?
    } else {
        bitmap
    };
    let picture = pixels(&bitmap).map_err(too_large)?;
    let translucent = picture.rgba.chunks_exact(4).any(|pixel| pixel[3] != 255);
    let exact = if translucent { exact::pixels(&bitmap) } else { None };
    bitmap.close();
    Ok(exact.unwrap_or(picture))
}

/// Draws a picture on a canvas of its size.
///
/// # Errors
/// What the browser says when it cannot.
pub fn draw(canvas: &HtmlCanvasElement, picture: &Picture) -> Result<(), JsValue> {
    if (canvas.width(), canvas.height()) != (picture.width, picture.height) {
        canvas.set_width(picture.width);
        canvas.set_height(picture.height);
    }
    let pixels = ImageData::new_with_u8_clamped_array_and_sh(
        Clamped(&picture.rgba),
        picture.width,
        picture.height,
    )?;
    context(canvas, &JsValue::UNDEFINED)?.put_image_data(&pixels, 0.0, 0.0)
}

/// The picture as a PNG file, with a text that it carries.
///
/// # Errors
/// [`PictureError::Unwritable`] with what the browser says.
pub async fn png_file(picture: &Picture, text: Option<(&str, &str)>) -> Result<Blob, PictureError> {
    let unwritable = |error: JsValue| PictureError::Unwritable(format!("{error:?}"));
    let mut rows = Vec::new();
    let size = png::pixel_size(picture);
    let band = (BAND / picture.width.max(1)).max(1);
    for top in (0..picture.height).step_by(band as usize) {
        png::push_filtered(&mut rows, picture, top..(top + band).min(picture.height), size);
        breathe().await;
    }
    let rows = blob(&rows, "").map_err(unwritable)?;
    let compressor = CompressionStream::new("deflate").map_err(unwritable)?;
    let compressed = rows.stream().pipe_through(compressor.unchecked_ref::<ReadableWritablePair>());
    let buffer = Response::new_with_opt_readable_stream(Some(&compressed))
        .and_then(|response| response.array_buffer())
        .map_err(unwritable)?;
    let buffer = JsFuture::from(buffer).await.map_err(unwritable)?;
    let compressed = Uint8Array::new(&buffer).to_vec();
    blob(&png::file(picture, &compressed, text), "image/png").map_err(unwritable)
}

/// The picture as a file of another kind, as the browser writes it. What shines through is `ground`,
/// for kinds without transparency.
///
/// # Errors
/// [`PictureError::Unwritable`] when the browser cannot write such files.
pub async fn encoded(
    picture: &Picture,
    mime: &str,
    ground: Option<&str>,
) -> Result<Blob, PictureError> {
    let unwritable = |error: JsValue| PictureError::Unwritable(format!("{error:?}"));
    let canvas = canvas(picture.width, picture.height).map_err(unwritable)?;
    draw(&canvas, picture).map_err(unwritable)?;
    if let Some(ground) = ground {
        let context = context(&canvas, &JsValue::UNDEFINED).map_err(unwritable)?;
        context.set_global_composite_operation("destination-over").map_err(unwritable)?;
        context.set_fill_style_str(ground);
        context.fill_rect(0.0, 0.0, picture.width.into(), picture.height.into());
    }
    canvas_file(&canvas, mime).await
}

/// Photo and dream in one PNG, at the size of the dream.
///
/// # Errors
/// [`PictureError::Unwritable`] with what the browser says.
pub async fn side_by_side(before: &Picture, after: &Picture) -> Result<Blob, PictureError> {
    let unwritable = |error: JsValue| PictureError::Unwritable(format!("{error:?}"));
    let both = || {
        let (width, height) = (f64::from(after.width), f64::from(after.height));
        let both = canvas(2 * after.width, after.height)?;
        let context = context(&both, &JsValue::UNDEFINED)?;
        for (picture, left) in [(before, 0.0), (after, width)] {
            let one = canvas(picture.width, picture.height)?;
            draw(&one, picture)?;
            context.draw_image_with_html_canvas_element_and_dw_and_dh(
                &one, left, 0.0, width, height,
            )?;
        }
        Ok(both)
    };
    canvas_file(&both().map_err(unwritable)?, "image/png").await
}

async fn canvas_file(canvas: &HtmlCanvasElement, mime: &str) -> Result<Blob, PictureError> {
    let written = Promise::new(&mut |resolve, reject| {
        let quality = JsValue::from_f64(QUALITY);
        let asked = canvas.to_blob_with_type_and_encoder_options(&resolve, mime, &quality);
        if let Err(error) = asked {
            // Rejecting cannot fail.
            let _ = reject.call1(&JsValue::UNDEFINED, &error);
        }
    });
    let unwritable = |error: JsValue| PictureError::Unwritable(format!("{error:?}"));
    let file = JsFuture::from(written).await.map_err(unwritable)?.dyn_into::<Blob>();
    // A browser that does not know a kind of file writes a PNG instead.
    file.ok().filter(|file| file.type_() == mime).ok_or_else(|| {
        PictureError::Unwritable(format!("this browser does not write {mime} files"))
    })
}

fn canvas(width: u32, height: u32) -> Result<HtmlCanvasElement, JsValue> {
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.dyn_into()?;
    canvas.set_width(width);
    canvas.set_height(height);
    Ok(canvas)
}

/// Bytes as a file.
///
/// # Errors
/// What the browser says when it cannot.
pub fn blob(bytes: &[u8], mime: &str) -> Result<Blob, JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type(mime);
    let parts = Array::of1(&Uint8Array::new_from_slice(bytes));
    Blob::new_with_u8_array_sequence_and_options(&parts, &kind)
}

/// The picture of that size whose pixels such a file holds; none if it does not hold so many.
pub async fn from_blob([width, height]: [u32; 2], pixels: &Blob) -> Option<Picture> {
    let buffer = JsFuture::from(pixels.array_buffer()).await.ok()?;
    let rgba = Uint8Array::new(&buffer).to_vec();
    let bytes = u64::from(width) * u64::from(height) * 4;
    (bytes > 0 && bytes == rgba.len() as u64).then_some(Picture { width, height, rgba })
}

async fn bitmap(source: &JsValue, size: Option<(u32, u32)>) -> Result<ImageBitmap, JsValue> {
    let options = Object::new();
    let set = |name: &str, value: JsValue| Reflect::set(&options, &name.into(), &value);
    set("imageOrientation", "from-image".into())?;
    set("premultiplyAlpha", "none".into())?;
    set("colorSpaceConversion", "none".into())?;
    if let Some((width, height)) = size {
        set("resizeWidth", width.into())?;
        set("resizeHeight", height.into())?;
        set("resizeQuality", "high".into())?;
    }
    let promise = window().create_image_bitmap_with_blob_and_image_bitmap_options(
        source.unchecked_ref::<Blob>(),
        options.unchecked_ref::<ImageBitmapOptions>(),
    )?;
    JsFuture::from(promise).await?.dyn_into()
}

fn pixels(bitmap: &ImageBitmap) -> Result<Picture, JsValue> {
    let (width, height) = (bitmap.width(), bitmap.height());
    let canvas = canvas(width, height)?;
    let options = Object::new();
    Reflect::set(&options, &"willReadFrequently".into(), &true.into())?;
    let context = context(&canvas, &options)?;
    context.draw_image_with_image_bitmap(bitmap, 0.0, 0.0)?;
    let data = context.get_image_data(0.0, 0.0, width.into(), height.into())?;
    Ok(Picture { width, height, rgba: data.data().0 })
}

fn context(
    canvas: &HtmlCanvasElement,
    options: &JsValue,
) -> Result<CanvasRenderingContext2d, JsValue> {
    let context = canvas.get_context_with_context_options("2d", options)?;
    context.ok_or_else(|| JsValue::from_str("no 2D canvas"))?.dyn_into().map_err(JsValue::from)
}
