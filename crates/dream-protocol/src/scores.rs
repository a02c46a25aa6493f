//! How a dream climbs.

use serde::{Deserialize, Serialize};

/// The values of the objectives in one iteration, without their weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Number of the octave, from 1. Values of different octaves cannot be compared: layers are
    /// larger in larger images.
    pub octave: u32,
    /// One value per objective.
    pub values: Vec<f32>,
}
