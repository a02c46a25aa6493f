//! How what the octaves have added is put together after the dream, without dreaming again.

use serde::{Deserialize, Serialize};

use crate::{Range, SettingsError};

/// Factor of what one octave has added.
pub const GAIN: Range = Range { name: "Gain", min: 0.0, max: 3.0, step: 0.05, default: 1.0 };
/// Factor of everything that was added; below zero it is taken away from the photo instead.
pub const STRENGTH: Range =
    Range { name: "Strength", min: -2.0, max: 2.0, step: 0.05, default: 1.0 };
/// Factor of the colour of what was added: 0 leaves its light and shade alone.
pub const COLOR: Range = Range { name: "Colour", min: 0.0, max: 2.0, step: 0.05, default: 1.0 };

/// The octave equaliser: which sizes of what was added count how much.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remix {
    /// [`GAIN`] of each octave, smallest first; octaves without one have 1.
    pub gains: Vec<f32>,
    /// See [`STRENGTH`].
    pub strength: f32,
    /// See [`COLOR`].
    pub color: f32,
}

impl Default for Remix {
    fn default() -> Self {
        let (strength, color) = (STRENGTH.default as f32, COLOR.default as f32);
        Self { gains: Vec::new(), strength, color }
    }
}

impl Remix {
    /// The gain of an octave, counted from 0 for the smallest.
    pub fn gain(&self, octave: usize) -> f32 {
        self.gains.get(octave).copied().unwrap_or(GAIN.default as f32)
    }

    /// Whether it leaves the dream as it is.
    pub fn is_neutral(&self) -> bool {
        let Self { gains, strength, color } = self;
        gains.iter().chain([strength, color]).all(|&factor| factor == 1.0)
    }

    /// Checks every number against its range.
    ///
    /// # Errors
    /// The first number that is out of range.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.gains.iter().try_for_each(|&gain| GAIN.check(gain.into()))?;
        STRENGTH.check(self.strength.into())?;
        COLOR.check(self.color.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ones_leave_a_dream_as_it_is() {
        assert!(Remix::default().is_neutral());
        assert!(Remix { gains: vec![1.0; 3], ..Remix::default() }.is_neutral());
        assert!(!Remix { gains: vec![1.0, 0.5], ..Remix::default() }.is_neutral());
        assert!(!Remix { strength: -1.0, ..Remix::default() }.is_neutral());
    }

    #[test]
    fn every_number_is_checked() {
        assert_eq!(Remix::default().check(), Ok(()));
        for bad in [
            Remix { gains: vec![1.0, -0.5], ..Remix::default() },
            Remix { strength: 3.0, ..Remix::default() },
            Remix { color: f32::NAN, ..Remix::default() },
        ] {
            assert!(bad.check().is_err(), "{bad:?} was accepted");
        }
    }
}
