//! The stills of the filmstrip and the order they are kept in.

use dream_protocol::{Picture, Recipe};
use serde::{Deserialize, Serialize};
use web_sys::Blob;

use crate::store::Store;

/// At most so many bytes are kept: pixels as they are, because compressing them would take the page
/// longer than dreaming them.
pub const BUDGET: u64 = 256_000_000;
/// Longest side of a still's thumbnail.
const THUMBNAIL: u32 = 120;

/// A state that can be brought back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Still {
    /// Tells it from the others; later ones have larger keys.
    pub key: u32,
    /// Which dream it belongs to, from 1; 0 for a picture to begin with.
    pub run: u32,
    /// Octave that it ended, and of how many; 0 for a picture to begin with.
    pub octave: [u32; 2],
    /// The still that its dream was dreamed on.
    pub parent: Option<u32>,
    /// The picture that it all began with.
    pub start: Option<u32>,
    /// Name of that picture.
    pub name: String,
    /// How it was dreamed.
    pub recipe: Option<Recipe>,
    /// Width and height of its picture.
    pub size: [u32; 2],
    /// What it looks like.
    pub thumbnail: Picture,
}

/// All stills, with their pixels, and where the next belong.
#[derive(Clone, Default)]
pub struct Film {
    /// Oldest first.
    pub stills: Vec<Still>,
    /// What they show, by their keys: four bytes a pixel.
    pub pixels: Vec<(u32, Blob)>,
    /// Where they are kept across visits.
    pub store: Option<Store>,
    /// Key of the next still.
    pub next: u32,
    /// The dream under way or last.
    pub run: u32,
    /// The still that it grows from.
    pub parent: Option<u32>,
    /// The picture that it began with.
    pub start: Option<u32>,
}

impl Film {
    /// The still of that key.
    pub fn find(&self, key: u32) -> Option<&Still> {
        self.stills.iter().find(|still| still.key == key)
    }

    /// What all pixels take.
    pub fn bytes(&self) -> u64 {
        self.stills.iter().map(|still| still.size.map(u64::from).iter().product::<u64>() * 4).sum()
    }

    /// The size and the pixels of a still.
    pub fn pixels(&self, key: u32) -> Option<([u32; 2], Blob)> {
        let pixels = self.pixels.iter().find(|(of, _)| *of == key).map(|(_, pixels)| pixels);
        Some((self.find(key)?.size, pixels?.clone()))
    }

    /// A key for a new still.
    pub fn reserve(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// The number of the newest dream.
    pub fn last_run(&self) -> u32 {
        self.stills.iter().map(|still| still.run).max().unwrap_or(0).max(self.run)
    }

    /// Whether this is the last still of the newest dream.
    pub fn ends_last_run(&self, key: u32) -> bool {
        self.stills.iter().rfind(|still| still.run == self.run).is_some_and(|it| it.key == key)
    }

    /// Takes a still in.
    pub fn add(&mut self, still: Still, pixels: Blob) {
        self.next = self.next.max(still.key);
        let at = self.stills.partition_point(|other| other.key < still.key);
        self.pixels.insert(at, (still.key, pixels));
        self.stills.insert(at, still);
    }

    /// Drops stills until the others are within the budget; not the one on show, nor the picture
    /// that it began with.
    pub fn drop_oldest(&mut self, shown: Option<u32>) -> Vec<Still> {
        let start = shown.and_then(|shown| self.find(shown)?.start);
        let mut dropped = Vec::new();
        while self.bytes() > BUDGET {
            let free = |still: &Still| Some(still.key) != shown && Some(still.key) != start;
            let Some(at) = self.stills.iter().position(free) else { break };
            dropped.push(self.stills.remove(at));
            self.pixels.remove(at);
        }
        dropped
    }
}

/// Width and height.
pub fn size(picture: &Picture) -> [u32; 2] {
    [picture.width, picture.height]
}

/// The picture, small.
pub fn thumbnail(picture: &Picture) -> Picture {
    smaller(picture, THUMBNAIL)
}

/// The picture with at most so many pixels along its longest side: every pixel is one of the
/// picture's.
pub fn smaller(picture: &Picture, most: u32) -> Picture {
    let longest = picture.width.max(picture.height).max(1);
    let fit = |side: u32| (side * most.min(longest) / longest).max(1);
    let (width, height) = (fit(picture.width), fit(picture.height));
    let place = |at: u32, of: u32, all: u32| (2 * at + 1) * all / (2 * of);
    let mut rgba = Vec::with_capacity((width * height * 4) as usize);
    for y in 0..height {
        let row = place(y, height, picture.height) as usize * picture.width as usize;
        for x in 0..width {
            let at = 4 * (row + place(x, width, picture.width) as usize);
            rgba.extend_from_slice(&picture.rgba[at..at + 4]);
        }
    }
    Picture { width, height, rgba }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_keeps_proportions_and_tones() {
        let pixel = |at: u32| [(at % 400 / 2) as u8, (at / 400) as u8, 7, 255];
        let picture =
            Picture { width: 400, height: 200, rgba: (0..80_000).flat_map(pixel).collect() };
        let small = thumbnail(&picture);
        assert_eq!((small.width, small.height), (120, 60));
        assert_eq!(small.rgba.len(), 120 * 60 * 4);
        let middle = &small.rgba[(30 * 120 + 60) * 4..][..4];
        assert!(middle[0].abs_diff(100) < 3 && middle[1].abs_diff(100) < 3, "{middle:?}");
        let tiny = Picture { width: 1, height: 1, rgba: vec![1, 2, 3, 4] };
        assert_eq!(thumbnail(&tiny), tiny);
    }
}
