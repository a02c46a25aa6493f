//! Pictures to begin with that are no photos.

use std::borrow::Cow;

use dream_protocol::{DreamSettings, Parametrisation, Picture, Start};

use crate::jitter::random;

/// Middle of the noise in levels of 0–255.
const NOISE_MIDDLE: f32 = 118.0;
/// How far from its middle the noise goes.
const NOISE_REACH: f32 = 12.0;
/// Sets the noise apart from the jitter of the same seed.
const NOISE_STREAM: u64 = 1 << 63;

/// What a dream of `picture` begins with: the picture, or something else of its size.
pub fn begin<'a>(picture: &'a Picture, settings: &DreamSettings) -> Cow<'a, Picture> {
    let Picture { width, height, .. } = *picture;
    let pixels = u64::from(width) * u64::from(height);
    let rgba = match settings.start {
        Start::Picture => return Cow::Borrowed(picture),
        Start::Flat { color: [red, green, blue] } => {
            [red, green, blue, 255].repeat(pixels as usize)
        }
        // The spectrum is the noise; the picture that it is added to is grey.
        Start::Noise if settings.prior.parametrisation == Parametrisation::Fourier => {
            [128, 128, 128, 255].repeat(pixels as usize)
        }
        Start::Noise => {
            let level = |counter| {
                let uniform =
                    random(settings.seed, NOISE_STREAM | counter) as f32 / u32::MAX as f32;
                (NOISE_MIDDLE + NOISE_REACH * (2.0 * uniform - 1.0)).round() as u8
            };
            let pixel = |i| [level(3 * i), level(3 * i + 1), level(3 * i + 2), 255];
            (0..pixels).flat_map(pixel).collect()
        }
    };
    Cow::Owned(Picture { width, height, rgba })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(start: Start, seed: u32) -> Vec<u8> {
        let picture = Picture { width: 40, height: 30, rgba: vec![7; 40 * 30 * 4] };
        begin(&picture, &DreamSettings { start, seed, ..Default::default() }).into_owned().rgba
    }

    #[test]
    fn a_start_has_the_size_of_the_picture_and_its_own_levels() {
        assert_eq!(begun(Start::Picture, 1), [7; 4800]);
        let flat = begun(Start::Flat { color: [1, 2, 3] }, 1);
        assert!(flat.len() == 4800 && flat.chunks(4).all(|pixel| pixel == [1, 2, 3, 255]));
    }

    #[test]
    fn noise_is_even_opaque_and_made_again_by_its_seed() {
        let noise = begun(Start::Noise, 1);
        assert_eq!(noise, begun(Start::Noise, 1));
        assert_ne!(noise, begun(Start::Noise, 2));
        assert!(noise.iter().skip(3).step_by(4).all(|&alpha| alpha == 255));
        for color in 0..3 {
            let levels = noise.iter().skip(color).step_by(4).map(|&level| f32::from(level));
            let mean = levels.clone().sum::<f32>() / 1200.0;
            let spread = levels.map(|level| (level - mean).powi(2)).sum::<f32>() / 1200.0;
            assert!((mean - NOISE_MIDDLE).abs() < 1.0, "{mean}");
            assert!((spread - NOISE_REACH.powi(2) / 3.0).abs() < 6.0, "{spread}");
        }
    }
}
