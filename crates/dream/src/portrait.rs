//! What a channel wants to see: a picture grown from noise that raises this channel alone
//! (activation maximisation, Erhan et al. 2009), small enough to be made by the hundred.

use dream_protocol::{DreamSettings, Objective, ObjectiveKind, Picture};

use crate::jitter::shift;

/// Mean level of the noise that a portrait grows from.
const GREY: u32 = 118;
/// How far it strays from it.
const STRAY: u32 = 21;

/// The start of a portrait: even noise of `side` × `side` pixels.
pub fn portrait_start(side: u32, seed: u32) -> Picture {
    let level = |index: u32| {
        let [stray, _] = shift(seed, 0, index, STRAY);
        GREY.saturating_add_signed(stray) as u8
    };
    let byte = |index: u32| if index % 4 == 3 { u8::MAX } else { level(index) };
    Picture { width: side, height: side, rgba: (0..4 * side * side).map(byte).collect() }
}

/// How a portrait of a channel is dreamed. The channel is raised before its rectifier, so that one
/// that is silent at first gets a gradient too.
pub fn portrait_settings(layer: &str, channel: u32, side: u32, iterations: u32) -> DreamSettings {
    let kind = ObjectiveKind::Channels { channels: vec![channel], before_relu: true };
    DreamSettings {
        objectives: vec![Objective { kind, ..Objective::layer(layer) }],
        octaves: 3,
        octave_scale: 1.3,
        iterations,
        step_size: 2.0,
        jitter: side / 12,
        size: side,
        ..DreamSettings::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_is_grey_noise_that_repeats() {
        let start = portrait_start(32, 5);
        assert_eq!(start, portrait_start(32, 5));
        assert_ne!(start, portrait_start(32, 6));
        let levels: Vec<u32> =
            start.rgba.chunks(4).flat_map(|pixel| &pixel[..3]).map(|&it| it.into()).collect();
        assert!(levels.iter().all(|level| (GREY - STRAY..=GREY + STRAY).contains(level)));
        let mean = levels.iter().sum::<u32>() as f64 / levels.len() as f64;
        assert!((mean - f64::from(GREY)).abs() < 1.0, "{mean}");
    }

    #[test]
    fn the_settings_can_be_dreamed() {
        assert_eq!(portrait_settings("a", 3, 64, 16).check(), Ok(()));
    }
}
