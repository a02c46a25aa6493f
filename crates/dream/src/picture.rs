//! Pictures (RGBA, 8 bits) to planes of levels (f32, 0–255) and back.

use dream_graph::{AxisMap, Preprocessing, remap};
use dream_protocol::Picture;

use crate::error::DreamError;

/// A picture at working size, apart: colours as planes in the network's channel order, alpha.
pub(crate) struct Planes {
    /// Height and width.
    pub size: [usize; 2],
    /// `[3, height, width]`, levels 0–255.
    pub levels: Vec<f32>,
    /// `[height, width]`, 0–255.
    alpha: Vec<f32>,
}

impl Planes {
    /// Takes a picture apart and scales it to `size`.
    pub fn new(
        picture: &Picture,
        size: [usize; 2],
        preprocessing: &Preprocessing,
    ) -> Result<Self, DreamError> {
        let Picture { width, height, ref rgba } = *picture;
        let from = [height as usize, width as usize];
        if rgba.is_empty()
            || from[0].checked_mul(from[1]).and_then(|n| n.checked_mul(4)) != Some(rgba.len())
        {
            return Err(DreamError::Picture { width, height, bytes: rgba.len() });
        }
        let alpha: Vec<f32> = rgba.iter().skip(3).step_by(4).map(|&a| f32::from(a)).collect();
        let opaque = alpha.iter().all(|&a| a == 255.0);
        let small_alpha = scaled(&alpha, from, size);
        let mut levels = vec![0.0; 3 * size[0] * size[1]];
        for (color, channel) in preprocessing.rgb_channels().into_iter().enumerate() {
            let plane = rgba.iter().skip(color).step_by(4).map(|&level| f32::from(level));
            // Colours count by their opacity, so that what is hidden does not bleed out.
            let plane = if opaque || from == size {
                scaled(&plane.collect::<Vec<_>>(), from, size)
            } else {
                let weighted: Vec<f32> = plane.zip(&alpha).map(|(level, a)| level * a).collect();
                let sums = scaled(&weighted, from, size);
                let weights = small_alpha.iter();
                sums.iter().zip(weights).map(|(s, &a)| if a > 0.0 { s / a } else { 0.0 }).collect()
            };
            levels[channel * plane.len()..][..plane.len()].copy_from_slice(&plane);
        }
        Ok(Self { size, levels, alpha: small_alpha })
    }

    /// Puts levels of any size together with this picture's alpha.
    pub fn picture(
        &self,
        levels: &[f32],
        size: [usize; 2],
        preprocessing: &Preprocessing,
    ) -> Picture {
        let plane = size[0] * size[1];
        let alpha = scaled(&self.alpha, self.size, size);
        let byte = |level: f32| level.round().clamp(0.0, 255.0) as u8;
        let [red, green, blue] =
            preprocessing.rgb_channels().map(|c| &levels[c * plane..][..plane]);
        let pixels = (0..plane).flat_map(|i| [red[i], green[i], blue[i], alpha[i]].map(byte));
        Picture { width: size[1] as u32, height: size[0] as u32, rgba: pixels.collect() }
    }
}

/// Height and width of a picture.
pub(crate) fn size_of(picture: &Picture) -> [usize; 2] {
    [picture.height as usize, picture.width as usize]
}

/// A picture scaled to `size` (height, width) as network input `[1, 3, height, width]`.
///
/// # Errors
/// A picture whose bytes do not fill its sides.
pub fn network_input(
    picture: &Picture,
    size: [usize; 2],
    preprocessing: &Preprocessing,
) -> Result<Vec<f32>, DreamError> {
    let mut levels = Planes::new(picture, size, preprocessing)?.levels;
    for (channel, plane) in levels.chunks_exact_mut(size[0] * size[1]).enumerate() {
        plane.iter_mut().for_each(|level| *level = preprocessing.to_input(channel, *level));
    }
    Ok(levels)
}

/// Maps that take planes of one size to another: means of areas down, bilinear up.
pub(crate) fn scaling(from: [usize; 2], to: [usize; 2]) -> [AxisMap; 2] {
    [0, 1].map(|axis| match (from[axis], to[axis]) {
        (from, to) if to < from => AxisMap::area(from, to),
        (from, to) => AxisMap::bilinear(from, to),
    })
}

fn scaled(plane: &[f32], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    remap(&scaling(from, to), plane)
}

#[cfg(test)]
mod tests {
    use dream_graph::ColorLayout;

    use super::*;

    const BGR: Preprocessing =
        Preprocessing { layout: ColorLayout::Bgr, mean: [0.0; 3], scale: [1.0; 3] };

    #[test]
    fn apart_and_together_is_the_same_picture() -> Result<(), DreamError> {
        let picture = Picture { width: 2, height: 1, rgba: vec![1, 2, 3, 255, 4, 5, 6, 0] };
        let planes = Planes::new(&picture, [1, 2], &BGR)?;
        assert_eq!(planes.levels, [3.0, 6.0, 2.0, 5.0, 1.0, 4.0]);
        assert_eq!(planes.picture(&planes.levels, [1, 2], &BGR), picture);
        Ok(())
    }

    #[test]
    fn hidden_colours_do_not_bleed_when_scaled_down() -> Result<(), DreamError> {
        let picture = Picture { width: 2, height: 1, rgba: vec![200, 0, 0, 255, 0, 255, 0, 0] };
        let planes = Planes::new(&picture, [1, 1], &BGR)?;
        assert_eq!(planes.levels, [0.0, 0.0, 200.0]);
        assert_eq!(planes.picture(&planes.levels, [1, 1], &BGR).rgba, [200, 0, 0, 128]);
        Ok(())
    }

    #[test]
    fn bytes_must_fill_the_picture() {
        for bytes in [0, 4, 9] {
            let picture = Picture { width: 2, height: 1, rgba: vec![0; bytes] };
            assert!(Planes::new(&picture, [1, 2], &BGR).is_err());
        }
    }
}
