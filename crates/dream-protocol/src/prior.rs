//! What shapes a dream besides its objectives: how the gradient becomes a step, what holds the
//! picture back, which colours it may have, whether its edges meet.

use serde::{Deserialize, Serialize};

use crate::{Edges, Range, SettingsError};

/// Levels of the Laplacian pyramid of [`Finish::Laplacian`].
pub const LAPLACIAN_LEVELS: Range =
    Range { name: "Pyramid levels", min: 1.0, max: 8.0, step: 1.0, default: 4.0 };
/// Levels of 0–255 by which every iteration draws a pixel toward each neighbour that differs.
pub const TOTAL_VARIATION: Range =
    Range { name: "Total variation", min: 0.0, max: 1.0, step: 0.01, default: 0.0 };
/// Share of its distance from the goal that every iteration takes back from a pixel.
pub const L2: Range = Range { name: "L2", min: 0.0, max: 0.5, step: 0.01, default: 0.0 };
/// The same for the fifth power of the distance, which leaves all but the farthest pixels alone.
pub const ALPHA_NORM: Range =
    Range { name: "α-norm", min: 0.0, max: 0.4, step: 0.01, default: 0.0 };
/// Standard deviation in pixels of the blur of what the dream has added, in every iteration.
pub const BLUR: Range = Range { name: "Blur", min: 0.0, max: 2.0, step: 0.05, default: 0.0 };

/// By how much the network sees the image larger or smaller, at random in every iteration.
pub const RANDOM_SCALE: Range =
    Range { name: "Random scale", min: 0.0, max: 0.3, step: 0.01, default: 0.0 };
/// By how many degrees the network sees the image turned to either side, at random in every
/// iteration.
pub const RANDOM_ROTATION: Range =
    Range { name: "Random rotation", min: 0.0, max: 45.0, step: 1.0, default: 0.0 };
/// Iterations at the beginning in which a gradient that all silent units of a layer would swallow
/// makes them speak instead.
pub const REDIRECTED: Range =
    Range { name: "Redirected steps", min: 0.0, max: 64.0, step: 1.0, default: 0.0 };

/// How the gradient becomes a step, and what is wished of the picture besides the objectives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prior {
    /// What climbs.
    pub parametrisation: Parametrisation,
    /// How the gradient becomes a step.
    pub finish: Finish,
    /// See [`LAPLACIAN_LEVELS`].
    pub laplacian_levels: u32,
    /// See [`TOTAL_VARIATION`].
    pub total_variation: f32,
    /// See [`L2`](L2).
    pub l2: f32,
    /// See [`ALPHA_NORM`].
    pub alpha_norm: f32,
    /// The goal of [`l2`](Self::l2) and [`alpha_norm`](Self::alpha_norm).
    pub goal: Goal,
    /// See [`BLUR`].
    pub blur: f32,
    /// Which colours the dream may have.
    pub color: ColorMode,
    /// Where the dream may change the picture.
    pub mask: Mask,
    /// What lies beyond the dream's edges.
    #[serde(alias = "tileable")]
    pub edges: Edges,
    /// See [`RANDOM_SCALE`].
    pub random_scale: f32,
    /// See [`RANDOM_ROTATION`].
    pub random_rotation: f32,
    /// See [`REDIRECTED`].
    pub redirected: u32,
}

impl Default for Prior {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Prior {
    /// That of a new dream: the one of 2015.
    pub const DEFAULT: Self = Self {
        parametrisation: Parametrisation::Pixels,
        finish: Finish::Mean,
        laplacian_levels: LAPLACIAN_LEVELS.default as u32,
        total_variation: TOTAL_VARIATION.default as f32,
        l2: L2.default as f32,
        alpha_norm: ALPHA_NORM.default as f32,
        goal: Goal::Start,
        blur: BLUR.default as f32,
        color: ColorMode::Free,
        mask: Mask::None,
        edges: Edges::Plain,
        random_scale: RANDOM_SCALE.default as f32,
        random_rotation: RANDOM_ROTATION.default as f32,
        redirected: REDIRECTED.default as u32,
    };

    /// Checks every number against its range.
    ///
    /// # Errors
    /// The first one that is out of range.
    pub fn check(&self) -> Result<(), SettingsError> {
        LAPLACIAN_LEVELS.check(self.laplacian_levels.into())?;
        TOTAL_VARIATION.check(self.total_variation.into())?;
        L2.check(self.l2.into())?;
        ALPHA_NORM.check(self.alpha_norm.into())?;
        BLUR.check(self.blur.into())?;
        RANDOM_SCALE.check(self.random_scale.into())?;
        RANDOM_ROTATION.check(self.random_rotation.into())?;
        REDIRECTED.check(self.redirected.into())
    }
}

/// One of a few named possibilities, with the words that page and command line share.
pub trait Choice: Copy + PartialEq + 'static {
    /// All of them, the default first.
    const ALL: &'static [Self];

    /// Its name in files and on the command line.
    fn key(self) -> &'static str;

    /// Its name on the page, and what it means in one line.
    fn words(self) -> (&'static str, &'static str);
}

/// What gradient ascent changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parametrisation {
    /// The pixels themselves.
    #[default]
    Pixels,
    /// The spectrum of decorrelated colours, by Adam (Lucid): coarse and fine patterns grow alike.
    Fourier,
}

impl Choice for Parametrisation {
    const ALL: &'static [Self] = &[Self::Pixels, Self::Fourier];

    fn key(self) -> &'static str {
        match self {
            Self::Pixels => "pixels",
            Self::Fourier => "fourier",
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Pixels => ("Pixels", "every pixel climbs by itself: the dream of 2015"),
            Self::Fourier => ("Fourier", "waves of all sizes climb together: smooth and colourful"),
        }
    }
}

/// How the gradient becomes a step of [`step_size`](crate::DreamSettings::step_size).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finish {
    /// Divided by the mean of its absolute values: the dream of 2015.
    #[default]
    Mean,
    /// Divided by its standard deviation.
    Deviation,
    /// The bands of its Laplacian pyramid, each divided by its root mean square.
    Laplacian,
    /// The mean of three Gaussian blurs that grow within an octave, divided by its standard
    /// deviation.
    Smooth,
}

impl Choice for Finish {
    const ALL: &'static [Self] = &[Self::Mean, Self::Deviation, Self::Laplacian, Self::Smooth];

    fn key(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Deviation => "deviation",
            Self::Laplacian => "laplacian",
            Self::Smooth => "smooth",
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Mean => ("Mean", "every step changes pixels by the same amount on average"),
            Self::Deviation => ("Deviation", "a few strong places hold the others back"),
            Self::Laplacian => ("Laplacian", "fine and coarse patterns count alike: soft and even"),
            Self::Smooth => ("Smooth", "steps are blurred, more from one to the next"),
        }
    }
}

/// What [`Prior::l2`] and [`Prior::alpha_norm`] draw the picture to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// The picture that the dream began with.
    #[default]
    Start,
    /// Middle grey.
    Grey,
}

impl Choice for Goal {
    const ALL: &'static [Self] = &[Self::Start, Self::Grey];

    fn key(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Grey => "grey",
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Start => ("Start", "back to the picture that the dream began with"),
            Self::Grey => ("Grey", "back to middle grey"),
        }
    }
}

/// Which colours a dream may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColorMode {
    /// Any.
    #[default]
    Free,
    /// It dreams in colours, but shows the start's: Cb and Cr of every pixel are kept.
    Keep,
    /// It dreams in light and dark only: all channels of a pixel change alike, and Cb and Cr are
    /// kept.
    Luminance,
    /// Any, but they change together as they do in photos: gradient ascent on decorrelated colours
    /// (Lucid).
    Decorrelated,
    /// It dreams in colours, but shows those that the start has, wherever it has them.
    Palette,
}

impl Choice for ColorMode {
    const ALL: &'static [Self] =
        &[Self::Free, Self::Keep, Self::Luminance, Self::Decorrelated, Self::Palette];

    fn key(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Keep => "keep",
            Self::Luminance => "luminance",
            Self::Decorrelated => "decorrelated",
            Self::Palette => "palette",
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Free => ("Free", "the dream may take any colour"),
            Self::Keep => ("Keep", "it dreams in colours, but the picture keeps its own"),
            Self::Luminance => ("Luminance", "it dreams in light and dark only"),
            Self::Decorrelated => ("Decorrelated", "colours change together, as in photos"),
            Self::Palette => ("Palette", "it takes only colours that the picture has"),
        }
    }
}

/// Where a dream may change its picture: everywhere, or less in some places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Mask {
    /// Everywhere.
    #[default]
    None,
    /// As far as a picture is light: not at all where it is black or clear.
    Material {
        /// Index of the picture among the dream's materials.
        index: u32,
    },
    /// As far as the first objective's layer responds to the picture that the dream begins with,
    /// from not at all where it responds least to all where it responds most.
    Activations,
}

impl Mask {
    /// Whether it is everywhere.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// Index of the picture among the dream's materials that it is painted in.
    pub fn material(self) -> Option<usize> {
        match self {
            Self::Material { index } => Some(index as usize),
            Self::None | Self::Activations => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_checked() {
        let good = Prior::default;
        assert_eq!(good().check(), Ok(()));
        let bad = [
            Prior { laplacian_levels: 0, ..good() },
            Prior { laplacian_levels: 9, ..good() },
            Prior { total_variation: -0.1, ..good() },
            Prior { l2: f32::NAN, ..good() },
            Prior { alpha_norm: 1.0, ..good() },
            Prior { blur: 3.0, ..good() },
            Prior { random_scale: 0.4, ..good() },
            Prior { random_rotation: -1.0, ..good() },
            Prior { redirected: 65, ..good() },
        ];
        for prior in bad {
            assert!(prior.check().is_err(), "{prior:?} was accepted");
        }
    }

    fn keys<C: Choice + Default + std::fmt::Debug>() -> Vec<&'static str> {
        assert_eq!(C::ALL.first(), Some(&C::default()));
        assert!(C::ALL.iter().all(|choice| !choice.words().1.is_empty()));
        C::ALL.iter().map(|choice| choice.key()).collect()
    }

    #[test]
    fn defaults_come_first_and_have_words() {
        assert_eq!(keys::<Finish>(), ["mean", "deviation", "laplacian", "smooth"]);
        assert_eq!(keys::<Parametrisation>(), ["pixels", "fourier"]);
        assert_eq!(keys::<Goal>(), ["start", "grey"]);
        assert_eq!(keys::<ColorMode>(), ["free", "keep", "luminance", "decorrelated", "palette"]);
        assert_eq!(keys::<Edges>(), ["plain", "tileable", "panorama"]);
    }
}
