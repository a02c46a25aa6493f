//! Where a dream may change its picture: a strength from 0 to 1 for every pixel. Where it is 0,
//! nothing changes at all, at any size.

use dream_graph::{AxisMap, Shape, remap};
use dream_protocol::Picture;

use crate::{color::LUMA, error::DreamError, picture::scaling};

/// The strengths that a picture paints, at `size` (height, width): its light, as far as it is
/// opaque.
///
/// # Errors
/// A picture whose bytes do not fill its sides.
fn painted(picture: &Picture, size: [usize; 2]) -> Result<Vec<f32>, DreamError> {
    let Picture { width, height, ref rgba } = *picture;
    let from = [height as usize, width as usize];
    if rgba.is_empty() || u64::from(width) * u64::from(height) * 4 != rgba.len() as u64 {
        return Err(DreamError::Picture { width, height, bytes: rgba.len() });
    }
    let strength = |pixel: &[u8]| {
        let light: f32 = pixel.iter().zip(LUMA).map(|(&level, part)| part * f32::from(level)).sum();
        (light / 255.0 * f32::from(pixel[3]) / 255.0).min(1.0)
    };
    let strengths: Vec<f32> = rgba.chunks_exact(4).map(strength).collect();
    Ok(remap(&scaling(from, size), &strengths))
}

/// Every picture as a mask at `size` (height, width).
///
/// # Errors
/// A picture whose bytes do not fill its sides.
pub(crate) fn strengths(
    pictures: &[Picture],
    size: [usize; 2],
) -> Result<Vec<Vec<f32>>, DreamError> {
    pictures.iter().map(|picture| painted(picture, size)).collect()
}

/// How strongly the positions of a layer respond, from 0 for the weakest to 1 for the strongest.
/// Where all respond alike, all are strong. `None` for a layer that has no positions.
pub(crate) fn felt((shape, activation): &(Shape, Vec<f32>)) -> Option<Vec<f32>> {
    let [_, _, rows, columns] = shape[..] else { return None };
    let plane = rows * columns;
    let mut strengths = vec![0.0f32; plane];
    for (i, a) in activation.iter().enumerate() {
        strengths[i % plane] += a * a;
    }
    strengths.iter_mut().for_each(|squares| *squares = squares.sqrt());
    let least = strengths.iter().copied().fold(f32::INFINITY, f32::min);
    let most = strengths.iter().copied().fold(0.0, f32::max);
    let spread = most - least;
    let stretch = |strength: f32| if spread > 0.0 { (strength - least) / spread } else { 1.0 };
    strengths.iter_mut().for_each(|strength| *strength = stretch(*strength));
    Some(strengths)
}

/// Strengths of a layer's rows and columns at another size.
pub(crate) fn enlarged(strengths: &[f32], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    remap(&[0, 1].map(|axis| AxisMap::bilinear(from[axis], to[axis])), strengths)
}

/// How far a dream may change each pixel, where only a part of it may change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reach {
    /// From now on.
    now: Vec<f32>,
    /// At most, until now and from now on: what has been dreamed stays when the mask moves on.
    ever: Vec<f32>,
}

impl Reach {
    /// What may change from the beginning.
    pub fn new(now: Vec<f32>) -> Self {
        Self { ever: now.clone(), now }
    }

    /// What may change after `before`, or after a time in which all could.
    pub fn after(before: Option<&Self>, now: Vec<f32>) -> Self {
        let ever = match before {
            Some(before) => before.ever.iter().zip(&now).map(|(a, b)| a.max(*b)).collect(),
            None => vec![1.0; now.len()],
        };
        Self { now, ever }
    }

    /// Whether a pixel may have changed.
    pub fn includes(&self, pixel: usize) -> bool {
        self.ever[pixel] > 0.0
    }

    /// The strengths now at an octave's size, and behind them 1 where they ever were not 0: what an
    /// octave passes on to the next was weakened before, and must only not get to where nothing may.
    pub fn of_octave(&self, from: [usize; 2], size: [usize; 2]) -> Vec<f32> {
        let [mut planes, ever] = [&self.now, &self.ever].map(|it| remap(&scaling(from, size), it));
        planes.extend(ever.into_iter().map(|strength| f32::from(strength > 0.0)));
        planes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_and_opaque_is_strong() -> Result<(), DreamError> {
        let rgba = [[255; 4], [0, 0, 0, 255], [255, 255, 255, 0], [255, 255, 255, 51]].concat();
        let picture = Picture { width: 4, height: 1, rgba };
        let strengths = painted(&picture, [1, 4])?;
        let expected = [1.0, 0.0, 0.0, 0.2];
        assert!(strengths.iter().zip(expected).all(|(a, e)| (a - e).abs() < 1e-4), "{strengths:?}");
        assert!(painted(&Picture { width: 5, ..picture }, [1, 4]).is_err());
        Ok(())
    }

    #[test]
    fn responses_are_stretched_from_least_to_most() {
        let activation = (vec![1, 2, 1, 3], vec![3.0, 0.0, 0.0, 4.0, 2.0, -3.0]);
        assert_eq!(felt(&activation), Some(vec![1.0, 0.0, 1.0 / 3.0]));
        assert_eq!(felt(&(vec![1, 1, 1, 2], vec![0.0; 2])), Some(vec![1.0; 2]));
        assert_eq!(felt(&(vec![1, 2], vec![0.0; 2])), None);
    }

    #[test]
    fn octaves_know_where_nothing_may_change() {
        let full = [0.0, 0.0, 0.0, 1.0, 0.5, 0.5, 0.5, 0.5];
        let reach = Reach::new(full.to_vec());
        assert_eq!(reach.of_octave([1, 8], [1, 4]), [0.0, 0.5, 0.5, 0.5, 0.0, 1.0, 1.0, 1.0]);
        assert_eq!(reach.of_octave([1, 8], [1, 8])[..8], full);
    }

    #[test]
    fn what_has_been_dreamed_stays_when_the_mask_moves_on() {
        let before = Reach::new(vec![0.0, 0.0, 1.0]);
        let moved = Reach::after(Some(&before), vec![0.5, 0.0, 0.0]);
        assert_eq!(moved.of_octave([1, 3], [1, 3]), [0.5, 0.0, 0.0, 1.0, 0.0, 1.0]);
        assert_eq!([0, 1, 2].map(|pixel| moved.includes(pixel)), [true, false, true]);
        let of_all = Reach::after(None, vec![0.0, 1.0, 0.0]);
        assert_eq!(of_all.of_octave([1, 3], [1, 3]), [0.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
    }
}
