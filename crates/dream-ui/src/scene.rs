//! The four start pictures, drawn in code so that nobody needs a photo to begin.
//!
//! Each is a pure function from a place in the picture to a colour; the same function draws the
//! thumbnail and the full picture, band by band so that the page stays responsive.

mod clouds;
mod field;
mod marble;
mod noise;
mod water;

use std::ops::Range;

use dream_protocol::Picture;

/// Pixels across a start picture.
pub const WIDTH: u32 = 640;
/// Pixels down a start picture.
pub const HEIGHT: u32 = 480;

/// A start picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// A summer sky.
    Clouds,
    /// The sunlit floor of a pool.
    Water,
    /// A polished slab.
    Marble,
    /// Soft coloured noise.
    Noise,
}

impl Scene {
    /// All of them, in the order of the strip.
    pub const ALL: [Self; 4] = [Self::Clouds, Self::Water, Self::Marble, Self::Noise];

    /// The name that users see.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clouds => "Clouds",
            Self::Water => "Water",
            Self::Marble => "Marble",
            Self::Noise => "Noise",
        }
    }

    /// A black picture of `width` pixels in a start picture's proportions, to be painted on.
    pub fn canvas(width: u32) -> Picture {
        let height = width * HEIGHT / WIDTH;
        Picture { width, height, rgba: vec![0; (width * height * 4) as usize] }
    }

    /// Paints the given rows of a picture that [`Scene::canvas`] made.
    pub fn paint(self, picture: &mut Picture, rows: Range<u32>) {
        let scale = 1.0 / picture.height as f32;
        let stride = picture.width as usize * 4;
        for y in rows {
            let start = y as usize * stride;
            let Some(row) = picture.rgba.get_mut(start..start + stride) else { return };
            for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
                let [r, g, b] = self.colour((x as f32 + 0.5) * scale, (y as f32 + 0.5) * scale);
                pixel.copy_from_slice(&[level(r), level(g), level(b), 255]);
            }
        }
    }

    /// Colour, 0 to 1 a channel, at `x` (0 to 4/3, rightwards) and `y` (0 to 1, downwards).
    fn colour(self, x: f32, y: f32) -> [f32; 3] {
        match self {
            Self::Clouds => clouds::colour(x, y),
            Self::Water => water::colour(x, y),
            Self::Marble => marble::colour(x, y),
            Self::Noise => noise::colour(x, y),
        }
    }
}

fn level(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(scene: Scene, width: u32) -> Picture {
        let mut picture = Scene::canvas(width);
        let height = picture.height;
        scene.paint(&mut picture, 0..height);
        picture
    }

    fn mean_difference(a: &Picture, b: &Picture) -> f64 {
        let sum: u64 = a.rgba.iter().zip(&b.rgba).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / a.rgba.len() as f64
    }

    #[test]
    fn bands_make_the_same_picture_as_one_go() {
        for scene in Scene::ALL {
            let mut banded = Scene::canvas(64);
            scene.paint(&mut banded, 20..48);
            assert_ne!(banded, painted(scene, 64), "{scene:?} was painted outside its band");
            scene.paint(&mut banded, 0..20);
            assert_eq!(banded, painted(scene, 64), "{scene:?}");
        }
    }

    #[test]
    fn every_scene_is_itself_with_a_range_of_tones() {
        for (at, scene) in Scene::ALL.into_iter().enumerate() {
            let picture = painted(scene, 160);
            assert!(picture.rgba.chunks_exact(4).all(|pixel| pixel[3] == 255));
            let mut greens: Vec<u8> = picture.rgba.chunks_exact(4).map(|pixel| pixel[1]).collect();
            greens.sort_unstable();
            let (dark, bright) = (greens[greens.len() / 20], greens[greens.len() * 19 / 20]);
            assert!(bright - dark > 40, "{scene:?} is flat: {dark} to {bright}");
            for other in &Scene::ALL[at + 1..] {
                assert!(mean_difference(&picture, &painted(*other, 160)) > 15.0);
            }
        }
    }

    #[test]
    fn a_thumbnail_looks_like_the_picture() {
        for scene in [Scene::Clouds, Scene::Marble] {
            let (small, large) = (painted(scene, 80), painted(scene, 320));
            let halved = Picture { rgba: quarter(&large), ..small.clone() };
            assert!(mean_difference(&small, &halved) < 12.0, "{scene:?}");
        }
    }

    /// The means of 4 × 4 blocks.
    fn quarter(picture: &Picture) -> Vec<u8> {
        let width = picture.width as usize;
        let at = |x: usize, y: usize, c: usize| u32::from(picture.rgba[(y * width + x) * 4 + c]);
        let mut means = Vec::new();
        for y in (0..picture.height as usize).step_by(4) {
            for x in (0..width).step_by(4) {
                for c in 0..4 {
                    let sum: u32 = (0..16).map(|i| at(x + i % 4, y + i / 4, c)).sum();
                    means.push((sum / 16) as u8);
                }
            }
        }
        means
    }
}
