//! A concept from pictures: the direction of activations in which pictures of something differ from
//! others. No training: a difference of means.

use dream_graph::{Engine, Network};
use dream_protocol::Picture;

use crate::{
    error::DreamError,
    octave::working_size,
    picture::size_of,
    target::{MATERIAL_SIDE, Material, channel_means, of, unit},
};

/// What was learned from pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Taught {
    /// One number per channel of the layer, of length one.
    pub direction: Vec<f32>,
    /// How far each picture of the concept lies in that direction.
    pub concept: Vec<f64>,
    /// How far each of the others does.
    pub against: Vec<f64>,
}

impl Taught {
    /// How many pictures lie on their side of the middle between both means.
    pub fn told_apart(&self) -> usize {
        let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len() as f64;
        let middle = (mean(&self.concept) + mean(&self.against)) / 2.0;
        self.concept.iter().filter(|score| **score > middle).count()
            + self.against.iter().filter(|score| **score < middle).count()
    }
}

/// The direction from the mean activation of `against` to that of `concept` at a layer. Every
/// picture counts once, whatever its size.
///
/// # Errors
/// No pictures, an unknown layer, pictures that make no difference, or what the engine reports.
pub async fn teach<E: Engine>(
    network: &dyn Network,
    engine: &mut E,
    layer: &str,
    concept: &[Picture],
    against: &[Picture],
) -> Result<Taught, DreamError> {
    if concept.is_empty() || against.is_empty() {
        return Err(DreamError::NoExamples);
    }
    let mut means = Vec::new();
    for picture in concept.iter().chain(against) {
        let size = size_of(picture);
        // Small pictures are enlarged: details count at the size that the network is made for.
        let side = MATERIAL_SIDE as f64 / size.into_iter().max().unwrap_or(1).max(1) as f64;
        let enlarged = size.map(|own| (own as f64 * side.max(1.0)).round() as usize);
        let size = working_size(enlarged, MATERIAL_SIDE);
        let material = Material::new(network, picture, size)?;
        means.push(channel_means(&of(network, engine, layer, &material, &[]).await?));
    }
    let (of_concept, of_others) = means.split_at(concept.len());
    let mean = |means: &[Vec<f64>], channel: usize| {
        means.iter().map(|it| it[channel]).sum::<f64>() / means.len() as f64
    };
    let difference: Vec<f32> = (0..means[0].len())
        .map(|channel| (mean(of_concept, channel) - mean(of_others, channel)) as f32)
        .collect();
    if difference.iter().all(|&it| it == 0.0) {
        return Err(DreamError::NoDifference(layer.to_owned()));
    }
    let direction = unit(&difference).to_vec();
    let score =
        |means: &Vec<f64>| means.iter().zip(&direction).map(|(m, &d)| m * f64::from(d)).sum();
    let (concept, against) =
        (of_concept.iter().map(score).collect(), of_others.iter().map(score).collect());
    Ok(Taught { direction, concept, against })
}
