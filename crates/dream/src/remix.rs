//! What the octaves have added, put together anew: the octave equaliser.
//!
//! With D the details that the octaves ended with and ↑ the resampling to the next octave, octave k
//! has added D_k − ↑D_{k−1} of its own. A remix carries M_k = ↑M_{k−1} + gain_k · (D_k − ↑D_{k−1})
//! up the same ladder, so that gains of 1 give the dream again.

use dream_graph::Surface;
use dream_protocol::Remix;

use crate::{color::LUMA, maps::PlaneMap};

/// What an octave ended with.
pub(crate) struct Detail<'a> {
    /// Height and width.
    pub size: [usize; 2],
    /// `[3, height, width]` in levels, beside the original at that size.
    pub levels: &'a [f32],
}

/// The remixed detail at the size of the last octave, strength and colour included. `rgb` says
/// which plane is red, green and blue.
pub(crate) fn remixed(
    details: &[Detail],
    remix: &Remix,
    rgb: [usize; 3],
    surface: Surface,
) -> Vec<f32> {
    let resampled = |planes: &[f32], from, to| PlaneMap::resampling(from, to, surface).of(planes);
    let mut mixed: Vec<f32> = Vec::new();
    let mut before: Option<&Detail> = None;
    for (octave, detail) in details.iter().enumerate() {
        let gain = remix.gain(octave);
        mixed = match before {
            None => detail.levels.iter().map(|level| gain * level).collect(),
            Some(before) => {
                let carried = resampled(&mixed, before.size, detail.size);
                let found = resampled(before.levels, before.size, detail.size);
                let own = detail.levels.iter().zip(&found).map(|(level, found)| level - found);
                carried.iter().zip(own).map(|(carried, own)| carried + gain * own).collect()
            }
        };
        before = Some(detail);
    }
    tint(&mut mixed, remix, rgb);
    mixed
}

/// Multiplies everything by the strength, and its distance from grey by the colour.
fn tint(planes: &mut [f32], remix: &Remix, rgb: [usize; 3]) {
    let Remix { strength, color, .. } = *remix;
    let len = planes.len() / 3;
    for at in 0..len {
        let places = rgb.map(|plane| plane * len + at);
        let luma: f32 =
            places.iter().zip(LUMA).map(|(&place, weight)| planes[place] * weight).sum();
        for place in places {
            planes[place] = strength * (luma + color * (planes[place] - luma));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RGB: [usize; 3] = [0, 1, 2];

    fn ramp(size: [usize; 2], slope: f32) -> Vec<f32> {
        (0..3 * size[0] * size[1]).map(|i| slope * (i % 7) as f32 - 3.0).collect()
    }

    fn mixed(remix: &Remix) -> (Vec<f32>, Vec<f32>) {
        let sizes = [[2, 3], [4, 6]];
        let (small, large) = (ramp(sizes[0], 1.0), ramp(sizes[1], 0.5));
        let details =
            [Detail { size: sizes[0], levels: &small }, Detail { size: sizes[1], levels: &large }];
        (remixed(&details, remix, RGB, Surface::Sheet), large)
    }

    fn farthest(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn gains_of_one_give_the_dream_again() {
        let (again, dream) = mixed(&Remix::default());
        assert!(farthest(&again, &dream) < 1e-5);
        let (other, dream) = mixed(&Remix { gains: vec![0.9, 1.0], ..Remix::default() });
        assert!(farthest(&other, &dream) > 1e-2);
    }

    #[test]
    fn an_octave_alone_is_what_it_has_added() {
        let (coarse, dream) = mixed(&Remix { gains: vec![1.0, 0.0], ..Remix::default() });
        let (fine, _) = mixed(&Remix { gains: vec![0.0, 1.0], ..Remix::default() });
        let sum: Vec<f32> = coarse.iter().zip(&fine).map(|(a, b)| a + b).collect();
        assert!(farthest(&sum, &dream) < 1e-5);
        let up = PlaneMap::resampling([2, 3], [4, 6], Surface::Sheet).of(&ramp([2, 3], 1.0));
        assert!(farthest(&coarse, &up) < 1e-5);
    }

    #[test]
    fn strength_goes_through_zero_and_colour_to_grey() {
        let (reverse, dream) = mixed(&Remix { strength: -1.0, ..Remix::default() });
        let negated: Vec<f32> = dream.iter().map(|level| -level).collect();
        assert!(farthest(&reverse, &negated) < 1e-5);
        let (grey, _) = mixed(&Remix { color: 0.0, ..Remix::default() });
        let planes: Vec<_> = grey.chunks_exact(24).collect();
        assert!(farthest(planes[0], planes[2]) < 1e-5);
        assert!(farthest(&dream[..24], &dream[48..]) > 1e-2, "the dream itself has colour");
    }
}
