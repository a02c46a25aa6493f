//! What a dream raises in the network: objectives, which add up.

use serde::{Deserialize, Serialize};

use crate::{Mask, Range, SettingsError};

/// How much a direction of activations counts against their strength.
pub const COSINE_POWER: Range =
    Range { name: "Cosine power", min: 0.0, max: 8.0, step: 0.5, default: 1.0 };

/// How much an objective counts, where a slider says it; recipes and the command line may go further.
pub const WEIGHT: Range = Range { name: "Weight", min: -4.0, max: 4.0, step: 0.1, default: 1.0 };

/// One thing to raise, at one layer. A negative weight lowers it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Objective {
    /// ONNX tensor name of the layer; empty means the model's default layer, or its logits for a
    /// class.
    pub layer: String,
    /// Factor of the objective.
    pub weight: f32,
    /// What of the layer.
    pub kind: ObjectiveKind,
    /// Where it counts.
    #[serde(skip_serializing_if = "Mask::is_none")]
    pub mask: Mask,
}

/// What of a layer's activation a is raised.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ObjectiveKind {
    /// ½‖a‖²: whatever the layer sees, more of it (Mordvintsev, Olah and Tyka 2015).
    #[default]
    L2,
    /// The mean of the whole layer.
    Mean,
    /// The sum of the means of some channels.
    Channels {
        /// The channels, from 0.
        channels: Vec<u32>,
        /// Whether they are taken before the rectifier that ends the layer, so that channels that
        /// are silent everywhere can be raised too.
        #[serde(default)]
        before_relu: bool,
    },
    /// One logit.
    Class {
        /// Its index, from 0.
        index: u32,
    },
    /// One channel at one place of the picture.
    Neuron {
        /// The channel, from 0.
        channel: u32,
        /// Where from left to right, 0 to 1.
        x: f32,
        /// Where from top to bottom, 0 to 1.
        y: f32,
        /// As for channels.
        #[serde(default)]
        before_relu: bool,
    },
    /// ½‖a‖² with each channel counted as much as it responds to a guide picture.
    GuideChannels {
        /// The guide: index of the picture among the dream's materials.
        guide: u32,
    },
    /// The dot product of every position with the position of a guide picture that matches it best
    /// (the guide of the original DeepDream).
    GuideMatch {
        /// The guide: index of the picture among the dream's materials.
        guide: u32,
    },
    /// The mean over all positions of `d·a · max(0.1, cos)^cosine_power`, cos being the cosine of
    /// the direction d and a: more of what the direction stands for (Lucid's `direction`).
    Direction {
        /// One number per channel; its length does not count.
        direction: Vec<f32>,
        /// See [`COSINE_POWER`].
        #[serde(default = "usual_power")]
        cosine_power: f32,
    },
    /// The same with what each place of the start picture itself brings forth as direction: the
    /// picture, exaggerated (Lucid's `caricature`).
    Caricature {
        /// See [`COSINE_POWER`].
        #[serde(default = "usual_power")]
        cosine_power: f32,
    },
    /// `−¼ Σ (G − G*)² / channels²`, G being the Gram matrix of a, the mean of a·aᵀ over all
    /// positions, and G* that of a style picture: the same textures anywhere (Gatys, Ecker and
    /// Bethge 2015). In tiles, each tile has that style by itself.
    Style {
        /// The style: index of the picture among the dream's materials.
        style: u32,
    },
}

impl Objective {
    /// ½‖a‖² of a layer, counted once.
    pub fn layer(name: impl Into<String>) -> Self {
        Self { layer: name.into(), ..Self::default() }
    }

    /// Indices of the pictures among the dream's materials that it needs.
    pub fn materials(&self) -> impl Iterator<Item = usize> {
        [self.kind.material(), self.mask.material()].into_iter().flatten()
    }

    /// Checks what can be checked without the model.
    ///
    /// # Errors
    /// A number out of range, or nothing chosen.
    pub fn check(&self) -> Result<(), SettingsError> {
        let wrong = |reason| {
            let layer = self.layer.clone();
            Err(SettingsError::Objective { layer, reason })
        };
        match &self.kind {
            _ if !self.weight.is_finite() => wrong("its weight is not a finite number"),
            ObjectiveKind::Channels { channels, .. } if channels.is_empty() => {
                wrong("it names no channel")
            }
            ObjectiveKind::Neuron { x, y, .. }
                if ![x, y].into_iter().all(|place| (0.0..=1.0).contains(place)) =>
            {
                wrong("its place is not between 0 and 1")
            }
            ObjectiveKind::Direction { direction, .. }
                if !direction.iter().all(|number| number.is_finite())
                    || direction.iter().all(|&number| number == 0.0) =>
            {
                wrong("its direction leads nowhere")
            }
            ObjectiveKind::Direction { cosine_power, .. }
            | ObjectiveKind::Caricature { cosine_power } => {
                COSINE_POWER.check((*cosine_power).into())
            }
            _ => Ok(()),
        }
    }
}

impl ObjectiveKind {
    /// Index of the picture among the dream's materials that it aims at.
    pub fn material(&self) -> Option<usize> {
        match *self {
            Self::GuideChannels { guide } | Self::GuideMatch { guide } => Some(guide as usize),
            Self::Style { style } => Some(style as usize),
            Self::L2
            | Self::Mean
            | Self::Channels { .. }
            | Self::Class { .. }
            | Self::Neuron { .. }
            | Self::Direction { .. }
            | Self::Caricature { .. } => None,
        }
    }
}

impl Default for Objective {
    fn default() -> Self {
        Self { layer: String::new(), weight: 1.0, kind: ObjectiveKind::L2, mask: Mask::None }
    }
}

/// A direction that a network was taught, as it is kept in a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Concept {
    /// Name of the model.
    pub model: String,
    /// The layer.
    pub layer: String,
    /// One number per channel.
    pub direction: Vec<f32>,
}

fn usual_power() -> f32 {
    COSINE_POWER.default as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recipes are kept: what was written once must be read for ever.
    #[test]
    fn the_written_forms_are_read() -> serde_json::Result<()> {
        let rows = [
            (r#"{}"#, ObjectiveKind::L2),
            (r#"{"kind":{"type":"l2"}}"#, ObjectiveKind::L2),
            (r#"{"kind":{"type":"mean"}}"#, ObjectiveKind::Mean),
            (
                r#"{"kind":{"type":"channels","channels":[3,4]}}"#,
                ObjectiveKind::Channels { channels: vec![3, 4], before_relu: false },
            ),
            (r#"{"kind":{"type":"class","index":281}}"#, ObjectiveKind::Class { index: 281 }),
            (
                r#"{"kind":{"type":"neuron","channel":3,"x":0.5,"y":0.25,"before_relu":true}}"#,
                ObjectiveKind::Neuron { channel: 3, x: 0.5, y: 0.25, before_relu: true },
            ),
            (
                r#"{"kind":{"type":"guide_channels","guide":0}}"#,
                ObjectiveKind::GuideChannels { guide: 0 },
            ),
            (
                r#"{"kind":{"type":"guide_match","guide":1}}"#,
                ObjectiveKind::GuideMatch { guide: 1 },
            ),
            (
                r#"{"kind":{"type":"direction","direction":[1.0],"cosine_power":2.0}}"#,
                ObjectiveKind::Direction { direction: vec![1.0], cosine_power: 2.0 },
            ),
            (r#"{"kind":{"type":"caricature"}}"#, ObjectiveKind::Caricature { cosine_power: 1.0 }),
            (r#"{"kind":{"type":"style","style":2}}"#, ObjectiveKind::Style { style: 2 }),
        ];
        for (written, kind) in rows {
            let read: Objective = serde_json::from_str(written)?;
            assert_eq!(read, Objective { kind, ..Objective::default() }, "{written}");
            assert_eq!(serde_json::from_str::<Objective>(&serde_json::to_string(&read)?)?, read);
        }
        let masked: Objective = serde_json::from_str(r#"{"mask":{"type":"material","index":1}}"#)?;
        assert_eq!(masked.mask, Mask::Material { index: 1 });
        assert_eq!(masked.materials().collect::<Vec<_>>(), [1]);
        assert!(serde_json::from_str::<Objective>(r#"{"kind":{"type":"dog"}}"#).is_err());
        Ok(())
    }
}
