//! What scripts see: pictures as RGBA bytes with width and height; errors as `Error`s for users.

use dream_motion as motion;
use dream_protocol::Picture;
use js_sys::Error;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{Clamped, JsValue, prelude::wasm_bindgen};

/// See [`motion::Journey`].
#[wasm_bindgen]
pub struct Journey(motion::Journey);

#[wasm_bindgen]
impl Journey {
    /// Reads and checks a journey.
    #[wasm_bindgen(constructor)]
    pub fn new(journey: JsValue) -> Result<Self, Error> {
        let journey: motion::Journey = serde_wasm_bindgen::from_value(journey)
            .map_err(|error| failure(format!("This is no journey: {error}")))?;
        journey.check().map_err(failure)?;
        Ok(Self(journey))
    }

    /// How a frame comes from the one before it.
    pub fn frame(&self, index: u32) -> Result<JsValue, Error> {
        let serializer = Serializer::json_compatible();
        self.0.step(index).serialize(&serializer).map_err(failure)
    }
}

/// See [`motion::moved`].
#[wasm_bindgen]
pub fn moved(
    rgba: Vec<u8>,
    width: u32,
    height: u32,
    movement: JsValue,
) -> Result<Clamped<Vec<u8>>, Error> {
    let movement = serde_wasm_bindgen::from_value(movement)
        .map_err(|error| failure(format!("This is no movement: {error}")))?;
    Ok(bytes(motion::moved(&picture(rgba, width, height)?, &movement)))
}

/// See [`motion::composed`].
#[wasm_bindgen]
pub fn composed(
    rgba: Vec<u8>,
    width: u32,
    height: u32,
    journey: &Journey,
    index: u32,
) -> Result<Clamped<Vec<u8>>, Error> {
    Ok(bytes(motion::composed(&picture(rgba, width, height)?, &journey.0, index)))
}

/// See [`motion::Carry`].
#[wasm_bindgen]
pub struct Carry(motion::Carry);

#[wasm_bindgen]
impl Carry {
    /// One that carries this share of the dream; the usual one where there is none.
    #[wasm_bindgen(constructor)]
    pub fn new(blend: Option<f32>) -> Result<Self, Error> {
        let blend = blend.unwrap_or(motion::BLEND.default as f32);
        motion::BLEND.check(blend.into()).map_err(failure)?;
        Ok(Self(motion::Carry::new(blend)))
    }

    /// See [`motion::Carry::next`].
    pub fn next(
        &mut self,
        rgba: Vec<u8>,
        width: u32,
        height: u32,
    ) -> Result<Clamped<Vec<u8>>, Error> {
        Ok(bytes(self.0.next(picture(rgba, width, height)?)))
    }

    /// See [`motion::Carry::dreamt`].
    pub fn dreamt(&mut self, rgba: Vec<u8>) {
        self.0.dreamt(rgba);
    }

    /// See [`motion::Carry::cut`].
    #[wasm_bindgen(getter)]
    pub fn cut(&self) -> bool {
        self.0.cut()
    }
}

/// See [`motion::FlashGuard`].
#[wasm_bindgen]
pub struct FlashGuard(motion::FlashGuard);

#[wasm_bindgen]
impl FlashGuard {
    /// See [`motion::FlashGuard::new`].
    #[wasm_bindgen(constructor)]
    pub fn new(calm: bool) -> Self {
        Self(motion::FlashGuard::new(calm))
    }

    /// See [`motion::FlashGuard::pass`].
    pub fn pass(
        &mut self,
        rgba: Vec<u8>,
        width: u32,
        height: u32,
        seconds: f64,
    ) -> Result<Clamped<Vec<u8>>, Error> {
        Ok(bytes(self.0.pass(picture(rgba, width, height)?, seconds)))
    }

    /// See [`motion::FlashGuard::flashes`].
    #[wasm_bindgen(getter)]
    pub fn flashes(&self) -> u32 {
        self.0.flashes()
    }

    /// See [`motion::FlashGuard::worst`].
    #[wasm_bindgen(getter)]
    pub fn worst(&self) -> u32 {
        self.0.worst()
    }

    /// See [`motion::FlashGuard::damped`].
    #[wasm_bindgen(getter)]
    pub fn damped(&self) -> u32 {
        self.0.damped()
    }
}

/// See [`motion::Stillness`].
#[wasm_bindgen]
#[derive(Default)]
pub struct Stillness(motion::Stillness);

#[wasm_bindgen]
impl Stillness {
    /// See [`motion::Stillness::new`].
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// See [`motion::Stillness::see`].
    pub fn see(
        &mut self,
        rgba: Vec<u8>,
        width: u32,
        height: u32,
        seconds: f64,
    ) -> Result<bool, Error> {
        Ok(self.0.see(&picture(rgba, width, height)?, seconds))
    }

    /// See [`motion::Stillness::motion`].
    #[wasm_bindgen(getter)]
    pub fn motion(&self) -> f32 {
        self.0.motion()
    }
}

/// See [`motion::Gif`].
#[wasm_bindgen]
pub struct Gif {
    gif: motion::Gif,
    size: [u32; 2],
}

#[wasm_bindgen]
impl Gif {
    /// See [`motion::Gif::new`].
    #[wasm_bindgen(constructor)]
    pub fn new(width: u32, height: u32, fps: f32) -> Result<Self, Error> {
        Ok(Self {
            gif: motion::Gif::new(width, height, fps).map_err(failure)?,
            size: [width, height],
        })
    }

    /// See [`motion::Gif::add`].
    pub fn add(&mut self, rgba: Vec<u8>) -> Result<(), Error> {
        let picture = picture(rgba, self.size[0], self.size[1])?;
        self.gif.add(picture).map_err(failure)
    }

    /// See [`motion::Gif::finish`].
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        self.gif.finish().map_err(failure)
    }
}

fn picture(rgba: Vec<u8>, width: u32, height: u32) -> Result<Picture, Error> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || rgba.len() as u64 != 4 * pixels {
        let bytes = rgba.len();
        return Err(failure(format!(
            "A picture of {width} × {height} pixels cannot have {bytes} bytes."
        )));
    }
    Ok(Picture { width, height, rgba })
}

fn bytes(picture: Picture) -> Clamped<Vec<u8>> {
    Clamped(picture.rgba)
}

fn failure(error: impl std::fmt::Display) -> Error {
    Error::new(&error.to_string())
}
