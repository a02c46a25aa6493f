//! What a network sees in a picture.

use serde::{Deserialize, Serialize};

/// A class with its probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classified {
    /// Index of the logit.
    pub index: u32,
    /// Its label, or `class 12` where the model has none.
    pub label: String,
    /// Softmax probability, 0 to 1.
    pub probability: f32,
}

/// How strongly a channel fires.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Firing {
    /// The channel, from 0.
    pub channel: u32,
    /// Its activation: at the place that was asked for, or the mean over all places.
    pub activation: f32,
}
