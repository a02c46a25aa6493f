//! What a channel wants to see: a picture grown from noise that raises this channel alone
//! (activation maximisation, Erhan et al. 2009) in Fourier space, small enough to be made by the
//! hundred.

use crate::{DreamSettings, Objective, ObjectiveKind, Parametrisation, Prior, Start};

/// How a portrait of a channel is dreamed, on any picture of `side` × `side` pixels. The channel is
/// raised before its rectifier, so that one that is silent at first gets a gradient too.
pub fn portrait_settings(layer: &str, channel: u32, side: u32, iterations: u32) -> DreamSettings {
    let kind = ObjectiveKind::Channels { channels: vec![channel], before_relu: true };
    DreamSettings {
        objectives: vec![Objective { kind, ..Objective::layer(layer) }],
        octaves: 3,
        octave_scale: 1.3,
        iterations,
        step_size: 2.0,
        jitter: side / 16,
        seed: channel,
        size: side,
        start: Start::Noise,
        prior: Prior { parametrisation: Parametrisation::Fourier, ..Prior::DEFAULT },
        ..DreamSettings::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_can_be_dreamed() {
        assert_eq!(portrait_settings("a", 3, 64, 16).check(), Ok(()));
    }
}
