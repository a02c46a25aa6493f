//! What a network sees in a picture: its class head, through tract.

use dream::{DreamError, network_input};
use dream_cpu::Forward;
use dream_graph::EngineError;
use dream_onnx::Model;
use dream_protocol::{Classified, Picture};

/// Why a picture cannot be classified.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ClassifyError {
    /// The picture is broken, or the network does not end in classes.
    #[error(transparent)]
    Dream(#[from] DreamError),
    /// The forward pass failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Names what a model sees, one picture after another.
pub struct Classifier {
    model: Model,
    forward: Forward,
}

impl Classifier {
    /// Plans the forward pass to the model's class head.
    ///
    /// # Errors
    /// A model without a class head, or one that tract cannot plan.
    pub fn new(model: &Model) -> Result<Self, ClassifyError> {
        let head = model.head().ok_or(DreamError::NoHead)?;
        let [height, width] = model.native_size();
        let forward = Forward::new(model, height, width, &[&head.logits])?;
        Ok(Self { model: model.clone(), forward })
    }

    /// The `top` most likely classes, most likely first. The network sees the largest square in the
    /// middle of the picture, scaled to the size that the model was made for.
    ///
    /// # Errors
    /// A broken picture, or what tract reports.
    pub fn classify(
        &self,
        picture: &Picture,
        top: usize,
    ) -> Result<Vec<Classified>, ClassifyError> {
        let (model, square) = (&self.model, middle_square(picture));
        let input = network_input(&square, model.native_size(), model.preprocessing())?;
        let probabilities = softmax(&self.forward.run(&input)?.concat());
        let mut order: Vec<usize> = (0..probabilities.len()).collect();
        order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
        let label = |index: usize| {
            model.labels().get(index).cloned().unwrap_or_else(|| format!("class {index}"))
        };
        let classes = order.into_iter().take(top).map(|index| Classified {
            index: index as u32,
            label: label(index),
            probability: probabilities[index],
        });
        Ok(classes.collect())
    }
}

fn middle_square(picture: &Picture) -> Picture {
    let side = picture.width.min(picture.height);
    let (left, top) = ((picture.width - side) / 2, (picture.height - side) / 2);
    let row = |y: u32| {
        let start = ((top + y) * picture.width + left) as usize * 4;
        picture.rgba.get(start..start + side as usize * 4).unwrap_or_default()
    };
    Picture { width: side, height: side, rgba: (0..side).flat_map(row).copied().collect() }
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::MIN, f32::max);
    let exponentials: Vec<f32> = logits.iter().map(|logit| (logit - largest).exp()).collect();
    let sum: f32 = exponentials.iter().sum();
    exponentials.iter().map(|e| e / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_square_is_in_the_middle() {
        let picture = Picture { width: 3, height: 1, rgba: (0..12).collect() };
        assert_eq!(middle_square(&picture).rgba, [4, 5, 6, 7]);
        let picture = Picture { width: 1, height: 4, rgba: (0..16).collect() };
        assert_eq!(middle_square(&picture).rgba, [4, 5, 6, 7]);
    }

    #[test]
    fn softmax_sums_to_one_and_survives_large_logits() {
        let p = softmax(&[1000.0, 1001.0]);
        assert!((p[0] + p[1] - 1.0).abs() < 1e-6 && p[1] > 0.73 && p[1] < 0.74);
    }
}
