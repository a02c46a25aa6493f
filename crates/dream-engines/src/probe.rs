//! Which channels of a layer fire at a picture, and where.

use dream::network_input;
use dream_cpu::Forward;
use dream_graph::{Network, Shape};
use dream_onnx::Model;
use dream_protocol::{Firing, Picture};

use crate::ClassifyError;

/// Longest side in pixels at which the network sees the picture.
const LONGEST: u32 = 320;

/// All channels of a layer with their activation at a place of the picture (from left to right and
/// from top to bottom, 0 to 1) or, without a place, its mean over all; the strongest first.
///
/// # Errors
/// A layer that the model lacks, a picture that is too small for it, or what tract reports.
pub fn probe(
    model: &Model,
    picture: &Picture,
    layer: &str,
    at: Option<[f32; 2]>,
) -> Result<Vec<Firing>, ClassifyError> {
    let longest = picture.width.max(picture.height).max(1);
    let scale = f64::from(LONGEST.min(longest)) / f64::from(longest);
    let [height, width] =
        [picture.height, picture.width].map(|side| ((f64::from(side) * scale) as usize).max(1));
    let graph = model.graph(height, width, &[layer]).map_err(dream::DreamError::from)?;
    let shape = graph.value(graph.find(layer).map_err(dream::DreamError::from)?).shape.clone();
    let input = network_input(picture, [height, width], model.preprocessing())?;
    let activation = Forward::of(&graph, &[layer])?.run(&input)?.concat();
    Ok(strongest(&activation, &shape, at))
}

fn strongest(activation: &[f32], shape: &Shape, at: Option<[f32; 2]>) -> Vec<Firing> {
    let [height, width] = [shape[2], shape[3]];
    let place = |[x, y]: [f32; 2]| {
        let cell = |part: f32, of: usize| ((part * of as f32) as usize).min(of - 1);
        cell(y, height) * width + cell(x, width)
    };
    let planes = activation.chunks_exact(height * width);
    let firing = |(channel, plane): (usize, &[f32])| Firing {
        channel: channel as u32,
        activation: match at {
            Some(at) => plane[place(at)],
            None => plane.iter().sum::<f32>() / plane.len() as f32,
        },
    };
    let mut firing: Vec<Firing> = planes.enumerate().map(firing).collect();
    firing.sort_by(|a, b| b.activation.total_cmp(&a.activation));
    firing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_channel_comes_first_here_or_all_over() {
        // Two channels of 2 × 2: the first is stronger all over, the second at the lower right.
        let activation = [3.0, 3.0, 3.0, 0.0, 0.0, 0.0, 0.0, 4.0];
        let shape = vec![1, 2, 2, 2];
        let channels = |at| {
            let firing = strongest(&activation, &shape, at);
            firing.iter().map(|it| (it.channel, it.activation)).collect::<Vec<_>>()
        };
        assert_eq!(channels(None), [(0, 2.25), (1, 1.0)]);
        assert_eq!(channels(Some([0.9, 1.0])), [(1, 4.0), (0, 0.0)]);
        assert_eq!(channels(Some([0.1, 0.9])), [(0, 3.0), (1, 0.0)]);
    }
}
