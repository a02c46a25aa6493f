//! What a dream is asked to be, with the range and default of every number.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{AGAIN, Objective, Prior, Start};

/// The allowed values of one numeric setting; sliders, flags and checks all read it here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The setting's name as users see it.
    pub name: &'static str,
    /// Smallest allowed value.
    pub min: f64,
    /// Largest allowed value.
    pub max: f64,
    /// Distance between neighbouring slider positions.
    pub step: f64,
    /// Value of a new [`DreamSettings`].
    pub default: f64,
}

/// How many image sizes the dream climbs through.
pub const OCTAVES: Range = Range { name: "Octaves", min: 1.0, max: 10.0, step: 1.0, default: 4.0 };
/// Ratio between the sizes of neighbouring octaves.
pub const OCTAVE_SCALE: Range =
    Range { name: "Octave scale", min: 1.1, max: 2.0, step: 0.05, default: 1.4 };
/// Gradient-ascent updates per octave.
pub const ITERATIONS: Range =
    Range { name: "Iterations", min: 1.0, max: 100.0, step: 1.0, default: 10.0 };
/// Mean change of a pixel per iteration, in levels of 0–255; below zero the dream runs in reverse,
/// and what the network sees is taken out of the picture.
pub const STEP_SIZE: Range =
    Range { name: "Step size", min: -10.0, max: 10.0, step: 0.1, default: 1.5 };
/// Largest random roll of the image per iteration, in pixels.
pub const JITTER: Range = Range { name: "Jitter", min: 0.0, max: 128.0, step: 1.0, default: 32.0 };
/// Start of the random sequence; the same seed gives the same dream.
pub const SEED: Range = Range { name: "Seed", min: 0.0, max: 9999.0, step: 1.0, default: 0.0 };
/// Longest side of the working picture, in pixels; larger pictures are scaled down to it.
pub const SIZE: Range = Range { name: "Size", min: 32.0, max: 8192.0, step: 32.0, default: 640.0 };

/// Everything that, with a picture and a model, determines a dream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DreamSettings {
    /// What to raise; empty means ½‖a‖² of the model's default layer.
    pub objectives: Vec<Objective>,
    /// Whether every objective's gradient is brought to the same length before its weight counts,
    /// so that no layer drowns another.
    pub balance: bool,
    /// See [`OCTAVES`].
    pub octaves: u32,
    /// See [`OCTAVE_SCALE`].
    pub octave_scale: f32,
    /// See [`ITERATIONS`].
    pub iterations: u32,
    /// See [`STEP_SIZE`].
    pub step_size: f32,
    /// See [`JITTER`].
    pub jitter: u32,
    /// See [`SEED`].
    pub seed: u32,
    /// See [`SIZE`].
    pub size: u32,
    /// What the dream begins with.
    pub start: Start,
    /// See [`AGAIN`].
    pub again: u32,
    /// What is wished of the picture besides the objectives.
    pub prior: Prior,
}

impl Default for DreamSettings {
    fn default() -> Self {
        Self {
            objectives: Vec::new(),
            balance: false,
            octaves: OCTAVES.default as u32,
            octave_scale: OCTAVE_SCALE.default as f32,
            iterations: ITERATIONS.default as u32,
            step_size: STEP_SIZE.default as f32,
            jitter: JITTER.default as u32,
            seed: SEED.default as u32,
            size: SIZE.default as u32,
            start: Start::default(),
            again: AGAIN.default as u32,
            prior: Prior::default(),
        }
    }
}

impl DreamSettings {
    /// Checks every number against its range, and every objective.
    ///
    /// # Errors
    /// The first setting that cannot be.
    pub fn check(&self) -> Result<(), SettingsError> {
        OCTAVES.check(self.octaves.into())?;
        OCTAVE_SCALE.check(self.octave_scale.into())?;
        ITERATIONS.check(self.iterations.into())?;
        STEP_SIZE.check(self.step_size.into())?;
        JITTER.check(self.jitter.into())?;
        SEED.check(self.seed.into())?;
        SIZE.check(self.size.into())?;
        AGAIN.check(self.again.into())?;
        self.prior.check()?;
        self.objectives.iter().try_for_each(Objective::check)
    }
}

impl Range {
    /// Checks one value, with a little slack for single-precision settings.
    ///
    /// # Errors
    /// [`SettingsError::OutOfRange`] naming the setting and its limits.
    pub fn check(&self, value: f64) -> Result<(), SettingsError> {
        let slack = 1e-6 * self.max;
        if (self.min - slack..=self.max + slack).contains(&value) {
            return Ok(());
        }
        Err(SettingsError::OutOfRange { name: self.name, value, min: self.min, max: self.max })
    }
}

/// A setting that no dream can have.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// A number outside its [`Range`].
    #[error("{name} is {value}, but must be between {min} and {max}")]
    OutOfRange {
        /// The setting.
        name: &'static str,
        /// What was asked for.
        value: f64,
        /// Smallest allowed value.
        min: f64,
        /// Largest allowed value.
        max: f64,
    },
    /// An objective that no network can have.
    #[error("the objective at layer {layer:?} cannot be: {reason}")]
    Objective {
        /// The layer.
        layer: String,
        /// Why not.
        reason: &'static str,
    },
    /// Something that no dream begins with.
    #[error("a dream cannot begin with {0:?}; write picture, noise or a colour as #rrggbb")]
    Start(String),
    /// An engine name that is not one of the four.
    #[error("there is no engine {0:?}; choose auto, cpu, gpu or hybrid")]
    Engine(String),
}

/// Which engine shall run the dream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineChoice {
    /// Whichever is best here; the reason is told.
    #[default]
    Auto,
    /// Forward through tract, gradients on the processor.
    Cpu,
    /// Everything in WebGPU.
    Gpu,
    /// Forward through tract, gradients in WebGPU.
    Hybrid,
}

impl FromStr for EngineChoice {
    type Err = SettingsError;

    fn from_str(name: &str) -> Result<Self, SettingsError> {
        match name {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            "hybrid" => Ok(Self::Hybrid),
            _ => Err(SettingsError::Engine(name.to_owned())),
        }
    }
}

impl fmt::Display for EngineChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
            Self::Hybrid => "hybrid",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ObjectiveKind;

    #[test]
    fn defaults_are_in_range() {
        assert_eq!(DreamSettings::default().check(), Ok(()));
    }

    #[test]
    fn every_number_is_checked() {
        let good = DreamSettings::default;
        let of = |kind| Objective { kind, ..Objective::layer("a") };
        let with = |objective| DreamSettings { objectives: vec![objective], ..good() };
        let bad = [
            DreamSettings { octaves: 0, ..good() },
            DreamSettings { octave_scale: 1.0, ..good() },
            DreamSettings { octave_scale: f32::NAN, ..good() },
            DreamSettings { iterations: 101, ..good() },
            DreamSettings { step_size: f32::INFINITY, ..good() },
            DreamSettings { jitter: 129, ..good() },
            DreamSettings { seed: 10_000, ..good() },
            DreamSettings { size: 8193, ..good() },
            DreamSettings { again: 21, ..good() },
            with(Objective { weight: f32::NAN, ..Objective::layer("a") }),
            with(of(ObjectiveKind::Channels { channels: Vec::new(), before_relu: false })),
            with(of(ObjectiveKind::Neuron { channel: 0, x: 1.1, y: 0.0, before_relu: false })),
            with(of(ObjectiveKind::Direction { direction: vec![0.0; 9], cosine_power: 0.0 })),
            with(of(ObjectiveKind::Direction { direction: vec![f32::NAN], cosine_power: 0.0 })),
            with(of(ObjectiveKind::Caricature { cosine_power: 9.0 })),
        ];
        for settings in bad {
            assert!(settings.check().is_err(), "{settings:?} was accepted");
        }
    }

    #[test]
    fn engines_round_trip_by_name() {
        for name in ["auto", "cpu", "gpu", "hybrid"] {
            assert_eq!(name.parse::<EngineChoice>().map(|e| e.to_string()), Ok(name.to_owned()));
        }
        assert!("fast".parse::<EngineChoice>().is_err());
    }
}
