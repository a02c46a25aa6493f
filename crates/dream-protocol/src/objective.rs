//! What a dream raises in the network: objectives, which add up.

use serde::{Deserialize, Serialize};

use crate::SettingsError;

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
}

impl Objective {
    /// ½‖a‖² of a layer, counted once.
    pub fn layer(name: impl Into<String>) -> Self {
        Self { layer: name.into(), ..Self::default() }
    }

    /// Checks what can be checked without the model.
    ///
    /// # Errors
    /// A weight that is not finite, or a choice of no channels.
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
            _ => Ok(()),
        }
    }
}

impl Default for Objective {
    fn default() -> Self {
        Self { layer: String::new(), weight: 1.0, kind: ObjectiveKind::L2 }
    }
}
