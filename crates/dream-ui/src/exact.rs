//! The exact pixels of a translucent picture, read through WebGL: a 2D canvas rounds the colours
//! of translucent pixels and forgets those of invisible ones.

use dream_protocol::Picture;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, ImageBitmap, WebGlRenderingContext as Gl};

/// The pixels as the file stores them; `None` where WebGL is missing or the picture too large.
pub fn pixels(bitmap: &ImageBitmap) -> Option<Picture> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    let gl: Gl = canvas.get_context("webgl").ok()??.dyn_into().ok()?;
    let (width, height) = (bitmap.width(), bitmap.height());
    let texture = gl.create_texture()?;
    gl.bind_texture(Gl::TEXTURE_2D, Some(&texture));
    gl.pixel_storei(Gl::UNPACK_PREMULTIPLY_ALPHA_WEBGL, 0);
    gl.pixel_storei(Gl::UNPACK_COLORSPACE_CONVERSION_WEBGL, 0);
    let (format, bytes) = (Gl::RGBA, Gl::UNSIGNED_BYTE);
    gl.tex_image_2d_with_u32_and_u32_and_image_bitmap(
        Gl::TEXTURE_2D,
        0,
        format as i32,
        format,
        bytes,
        bitmap,
    )
    .ok()?;
    let framebuffer = gl.create_framebuffer()?;
    gl.bind_framebuffer(Gl::FRAMEBUFFER, Some(&framebuffer));
    gl.framebuffer_texture_2d(
        Gl::FRAMEBUFFER,
        Gl::COLOR_ATTACHMENT0,
        Gl::TEXTURE_2D,
        Some(&texture),
        0,
    );
    if gl.check_framebuffer_status(Gl::FRAMEBUFFER) != Gl::FRAMEBUFFER_COMPLETE {
        return None;
    }
    let mut rgba = vec![0; width as usize * height as usize * 4];
    let (columns, rows) = (width as i32, height as i32);
    gl.read_pixels_with_opt_u8_array(0, 0, columns, rows, format, bytes, Some(&mut rgba)).ok()?;
    (gl.get_error() == Gl::NO_ERROR).then_some(Picture { width, height, rgba })
}
