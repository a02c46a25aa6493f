//! Animated pictures, for whoever cannot make or show films.

use dream_protocol::Picture;
use gif::{Encoder, EncodingError, Frame, Repeat};

/// How carefully each frame's 256 colours are chosen, 1 (most) to 30.
const HASTE: i32 = 10;

/// A GIF that repeats for ever, frame by frame.
pub struct Gif {
    encoder: Encoder<Vec<u8>>,
    size: [u16; 2],
    /// Hundredths of a second that a frame is shown, and what rounding them has left over.
    delay: f64,
    rest: f64,
}

/// A GIF that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum GifError {
    /// GIF counts pixels in 16 bits.
    #[error("a GIF has at most 65535 pixels a side; choose a smaller size")]
    TooLarge,
    /// A frame of another size than the first.
    #[error("all frames of a GIF have one size; this one differs")]
    OtherSize,
    /// The encoder's own complaint.
    #[error("the GIF could not be written: {0}")]
    Encoding(#[from] EncodingError),
}

impl Gif {
    /// An empty one.
    ///
    /// # Errors
    /// [`GifError::TooLarge`].
    pub fn new(width: u32, height: u32, fps: f32) -> Result<Self, GifError> {
        let side = |side: u32| u16::try_from(side).map_err(|_| GifError::TooLarge);
        let size = [side(width)?, side(height)?];
        let mut encoder = Encoder::new(Vec::new(), size[0], size[1], &[])?;
        encoder.set_repeat(Repeat::Infinite)?;
        Ok(Self { encoder, size, delay: 100.0 / f64::from(fps.max(1.0)), rest: 0.0 })
    }

    /// Adds a frame.
    ///
    /// # Errors
    /// A frame of another size.
    pub fn add(&mut self, picture: Picture) -> Result<(), GifError> {
        let [width, height] = self.size;
        if [picture.width, picture.height] != self.size.map(u32::from) {
            return Err(GifError::OtherSize);
        }
        let mut rgba = picture.rgba;
        let mut frame = Frame::from_rgba_speed(width, height, &mut rgba, HASTE);
        let wanted = self.delay + self.rest;
        frame.delay = wanted.round() as u16;
        self.rest = wanted - f64::from(frame.delay);
        Ok(self.encoder.write_frame(&frame)?)
    }

    /// The file.
    ///
    /// # Errors
    /// The encoder's own complaint.
    pub fn finish(self) -> Result<Vec<u8>, GifError> {
        Ok(self.encoder.into_inner()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(level: u8) -> Picture {
        Picture { width: 6, height: 4, rgba: [level, 0, 255 - level, 255].repeat(24) }
    }

    #[test]
    fn frames_come_back_with_their_times() -> Result<(), Box<dyn std::error::Error>> {
        let mut gif = Gif::new(6, 4, 30.0)?;
        for level in [0, 128, 255] {
            gif.add(even(level))?;
        }
        let file = gif.finish()?;
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut decoder = options.read_info(&*file)?;
        let (mut levels, mut hundredths) = (Vec::new(), 0);
        while let Some(frame) = decoder.read_next_frame()? {
            levels.push(frame.buffer[0]);
            hundredths += frame.delay;
        }
        assert_eq!(levels.len(), 3);
        assert!(levels.iter().zip([0u8, 128, 255]).all(|(a, b)| a.abs_diff(b) <= 8), "{levels:?}");
        assert_eq!(hundredths, 10, "three frames at thirty a second");
        Ok(())
    }

    #[test]
    fn what_cannot_be_is_told() -> Result<(), GifError> {
        assert!(matches!(Gif::new(70_000, 4, 25.0), Err(GifError::TooLarge)));
        let mut gif = Gif::new(5, 4, 25.0)?;
        assert!(matches!(gif.add(even(1)), Err(GifError::OtherSize)));
        Ok(())
    }
}
