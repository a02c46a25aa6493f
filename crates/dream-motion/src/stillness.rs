//! Whether a camera's scene is still: a mirror dreams only then.

use dream_protocol::Picture;

use crate::light::Plane;

/// Pixels that are averaged to a square against noise: a 32nd of the longer side.
const SQUARES: usize = 32;
/// Levels by which a square must change to have moved.
const LEVELS: f32 = 10.0;
/// Share of squares that may move while the scene counts as still.
const SHARE: f32 = 0.02;
/// Seconds without motion before the scene is still.
const MOMENT: f64 = 0.8;

/// Watches a camera.
#[derive(Default)]
pub struct Stillness {
    /// The scene when something last moved, and when that was.
    scene: Option<(Plane, f64)>,
    motion: f32,
}

impl Stillness {
    /// One that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the scene has been still for a moment, as of this picture at that time in seconds.
    /// It is held against the scene as it was when it came to rest, so that slow motion counts too.
    pub fn see(&mut self, picture: &Picture, seconds: f64) -> bool {
        let side = (picture.width.max(picture.height) as usize).div_ceil(SQUARES).max(1);
        let now = Plane::luma(picture, side);
        let resting = self
            .scene
            .as_ref()
            .filter(|(scene, _)| scene.width == now.width && scene.height == now.height);
        let moved = resting.map_or(1.0, |(scene, _)| {
            let pairs = scene.values.iter().zip(&now.values);
            pairs.filter(|(a, b)| (*a - *b).abs() > LEVELS).count() as f32 / now.values.len() as f32
        });
        self.motion = moved;
        match &self.scene {
            Some((_, since)) if moved <= SHARE => seconds - since >= MOMENT,
            _ => {
                self.scene = Some((now, seconds));
                false
            }
        }
    }

    /// How much of the last picture has moved, 0 to 1.
    pub fn motion(&self) -> f32 {
        self.motion
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bright square on grey, with a little noise that differs from picture to picture.
    fn scene(x: u32, seed: u32) -> Picture {
        let pixels = (0..64u32 * 48).flat_map(|i| {
            let noise = (i.wrapping_mul(2_654_435_761).wrapping_add(seed * 97) >> 28) as u8 / 2;
            let inside = (x..x + 16).contains(&(i % 64)) && (10..30).contains(&(i / 64));
            let level = if inside { 220 } else { 90 } + noise;
            [level, level, level, 255]
        });
        Picture { width: 64, height: 48, rgba: pixels.collect() }
    }

    #[test]
    fn a_scene_is_still_after_a_moment_without_motion() {
        let mut stillness = Stillness::new();
        let still: Vec<bool> =
            (0..20).map(|i| stillness.see(&scene(10, i), f64::from(i) / 10.0)).collect();
        assert!(still[..8].iter().all(|still| !still));
        assert!(still[9..].iter().all(|still| *still), "{still:?}");
        assert!(!stillness.see(&scene(20, 3), 2.0), "it has moved");
        assert!(stillness.motion() > 0.05);
        assert!(!stillness.see(&scene(20, 4), 2.5) && stillness.see(&scene(20, 5), 2.9));
    }

    #[test]
    fn slow_motion_is_motion() {
        let mut stillness = Stillness::new();
        let still = |stillness: &mut Stillness, i: u32| {
            stillness.see(&scene(5 + i / 4, i), f64::from(i) / 10.0)
        };
        let often = (0..120).filter(|&i| still(&mut stillness, i)).count();
        assert!(often < 30, "still in {often} of 120 pictures");
    }
}
