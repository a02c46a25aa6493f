//! What was dreamed, carried from one frame of a film to the next.
//!
//! A frame begins as itself plus what was dreamed into the frame before it, moved along with what
//! it was dreamed into: x₀ = frame + blend · mask · warp(dream − frame before). Warping the
//! difference, not the dream, keeps the new frame sharp (samim's DeepDreamAnim, 2015). The mask
//! leaves out what has just come to light: where |frame − warp(frame before)| is more than 30
//! levels, opened and softened (jeremicna's deepdream-video-pytorch).

use dream_protocol::{Picture, Range};

use crate::{flow::Flow, light::Plane};

/// Share of what was dreamed that is carried to the next frame.
pub const BLEND: Range = Range { name: "Blend", min: 0.0, max: 1.0, step: 0.05, default: 0.9 };
/// Levels by which a pixel may differ from what it was in the frame before.
const ALIKE: f32 = 30.0;
/// Share of a frame that must be found again in the frame before it; with less it is another scene.
const SAME_SCENE: f32 = 0.4;
/// Flow is looked for in planes of about as many pixels as this squared.
const FLOW_SIDE: usize = 320;

/// Carries a dream along a film.
pub struct Carry {
    blend: f32,
    /// The last frame, and what became of it.
    last: Option<(Picture, Option<Vec<u8>>)>,
    /// Share of the last frame that was found again in the frame before it, 0 to 1; all of a frame
    /// that has none before it.
    found: f32,
}

impl Carry {
    /// One that carries this share of the dream.
    pub fn new(blend: f32) -> Self {
        Self { blend, last: None, found: 1.0 }
    }

    /// What the dream of a frame begins with. The first frame is itself, and so is one of another
    /// size or another scene.
    pub fn next(&mut self, frame: Picture) -> Picture {
        let carried = match &self.last {
            Some((last, Some(dream)))
                if (last.width, last.height) == (frame.width, frame.height) =>
            {
                let (picture, found) = carried(&frame, last, dream, self.blend);
                self.found = found;
                if found < SAME_SCENE { frame.clone() } else { picture }
            }
            _ => {
                self.found = if self.last.is_some() { 0.0 } else { 1.0 };
                frame.clone()
            }
        };
        self.last = Some((frame, None));
        carried
    }

    /// Tells what became of the last frame: bytes as many as it has. Others do not count.
    pub fn dreamt(&mut self, rgba: Vec<u8>) {
        if let Some((frame, dream)) = &mut self.last
            && frame.rgba.len() == rgba.len()
        {
            *dream = Some(rgba);
        }
    }

    /// Whether the last frame is of another scene than the one before it.
    pub fn cut(&self) -> bool {
        self.found < SAME_SCENE
    }
}

fn carried(frame: &Picture, last: &Picture, dream: &[u8], blend: f32) -> (Picture, f32) {
    let [width, height] = [frame.width, frame.height].map(|side| side as usize);
    let side = ((width * height) as f32).sqrt() as usize;
    let side = side.div_ceil(FLOW_SIDE).max(1);
    let [before, now] = [last, frame].map(|picture| Plane::luma(picture, side));
    let flow = Flow::between(&before, &now);
    let (mask, found) = kept(&flow.warped(&before), &now);
    let scale = side as f32;
    let mut rgba = frame.rgba.clone();
    for y in 0..height {
        for x in 0..width {
            // The middle of a small pixel in the coarser planes.
            let [u, v] = [x, y].map(|at| (at as f32 + 0.5) / scale - 0.5);
            let share = blend * mask.at(u, v);
            let from = [x as f32 + scale * flow.x.at(u, v), y as f32 + scale * flow.y.at(u, v)];
            let pixel = &mut rgba[4 * (y * width + x)..][..3];
            for (channel, level) in pixel.iter_mut().enumerate() {
                let added = difference(dream, &last.rgba, [width, height], from, channel);
                *level = (f32::from(*level) + share * added + 0.5).clamp(0.0, 255.0) as u8;
            }
        }
    }
    (Picture { rgba, ..*frame }, found)
}

/// How much of the dream every pixel keeps, and how much of the frame was found again.
fn kept(warped: &Plane, now: &Plane) -> (Plane, f32) {
    let alike = warped.values.iter().zip(&now.values);
    let alike = alike.map(|(a, b)| if (a - b).abs() <= ALIKE { 1.0 } else { 0.0 });
    let mask = Plane { values: alike.collect(), ..*now };
    let found = mask.values.iter().sum::<f32>() / mask.values.len() as f32;
    let side = (mask.values.len() as f32).sqrt();
    let opening = (0.0015 * side).max(1.0) as usize;
    let softening = (0.0045 * side).max(2.0) as usize;
    // What is left after an erosion and a dilation, told by means over squares.
    let only = |plane: Plane, least: f32| {
        let values = plane.values.iter().map(|&mean| if mean > least { 1.0 } else { 0.0 });
        Plane { values: values.collect(), ..plane }
    };
    let eroded = only(mask.box_blurred(opening), 0.999);
    let opened = only(eroded.box_blurred(opening), 1e-4);
    (opened.box_blurred(softening), found)
}

/// What the dream added at a place between four pixels; outside, at the nearest pixel.
fn difference(
    dream: &[u8],
    frame: &[u8],
    [width, height]: [usize; 2],
    [x, y]: [f32; 2],
    channel: usize,
) -> f32 {
    let place = |place: f32, length: usize| {
        let place = place.clamp(0.0, (length - 1) as f32);
        let first = place as usize;
        (first, (first + 1).min(length - 1), place - first as f32)
    };
    let ((left, right, u), (top, bottom, v)) = (place(x, width), place(y, height));
    let at = |row: usize, column: usize| {
        let i = 4 * (row * width + column) + channel;
        f32::from(dream[i]) - f32::from(frame[i])
    };
    let line = |row: usize| at(row, left) + u * (at(row, right) - at(row, left));
    line(top) + v * (line(bottom) - line(top))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::tests::waves;

    fn frame(shift: [f32; 2]) -> Picture {
        let plane = waves(120, 90, shift);
        let rgba = plane.values.iter().flat_map(|&value| {
            let level = value.clamp(0.0, 255.0) as u8;
            [level, level, level, 255]
        });
        Picture { width: 120, height: 90, rgba: rgba.collect() }
    }

    /// A dream that reddens a square.
    fn dreamt(frame: &Picture, [x0, y0]: [usize; 2]) -> Vec<u8> {
        let mut rgba = frame.rgba.clone();
        for y in y0..y0 + 20 {
            for x in x0..x0 + 20 {
                let level = &mut rgba[4 * (y * 120 + x)];
                *level = level.saturating_add(60);
            }
        }
        rgba
    }

    /// Where the red of a picture against its frame has its middle, and how much there is of it.
    fn red(picture: &Picture, frame: &Picture) -> ([f32; 2], f32) {
        let (mut at, mut sum) = ([0.0; 2], 0.0);
        for i in 0..120 * 90 {
            let added = f32::from(picture.rgba[4 * i]) - f32::from(frame.rgba[4 * i]);
            at[0] += added * (i % 120) as f32;
            at[1] += added * (i / 120) as f32;
            sum += added;
        }
        (at.map(|at| at / sum), sum)
    }

    #[test]
    fn the_dream_moves_with_what_it_was_dreamed_into() {
        let (first, second) = (frame([0.0; 2]), frame([-6.0, -4.0]));
        let mut carry = Carry::new(1.0);
        assert_eq!(carry.next(first.clone()), first);
        assert!(!carry.cut());
        let dream = dreamt(&first, [50, 35]);
        carry.dreamt(dream.clone());
        let begun = carry.next(second.clone());
        let ([x, y], much) = red(&begun, &second);
        assert!((x - 65.5).abs() < 1.0 && (y - 48.5).abs() < 1.0, "{x} {y}");
        let all = red(&Picture { rgba: dream, ..first.clone() }, &first).1;
        assert!(much > 0.8 * all, "{much} of {all}");
        assert!(carry.found > 0.9 && !carry.cut(), "{}", carry.found);
        // Nothing else of the second frame has changed, least of all its sharpness.
        let green = |i: usize| begun.rgba[4 * i + 1].abs_diff(second.rgba[4 * i + 1]);
        assert!((0..120 * 90).all(|i| green(i) <= 1));
    }

    #[test]
    fn less_blend_carries_less() {
        let (first, second) = (frame([0.0; 2]), frame([0.5, 0.0]));
        let carried = |blend: f32| {
            let mut carry = Carry::new(blend);
            carry.next(first.clone());
            carry.dreamt(dreamt(&first, [50, 35]));
            red(&carry.next(second.clone()), &second).1
        };
        let (all, half) = (carried(1.0), carried(0.5));
        assert!((half / all - 0.5).abs() < 0.05, "{half} of {all}");
        assert_eq!(carried(0.0), 0.0);
    }

    #[test]
    fn another_scene_begins_as_itself() {
        let first = frame([0.0; 2]);
        let inverted =
            first.rgba.chunks_exact(4).flat_map(|p| [255 - p[0], 255 - p[1], 255 - p[2], 255]);
        let second = Picture { rgba: inverted.collect(), ..first.clone() };
        let mut carry = Carry::new(1.0);
        carry.next(first.clone());
        carry.dreamt(dreamt(&first, [50, 35]));
        let begun = carry.next(second.clone());
        assert!(carry.cut(), "{}", carry.found);
        assert_eq!(begun, second);
    }

    #[test]
    fn frames_of_another_size_and_strange_bytes_are_no_trouble() {
        let mut carry = Carry::new(1.0);
        carry.dreamt(vec![1, 2, 3]);
        carry.next(frame([0.0; 2]));
        carry.dreamt(vec![1, 2, 3]);
        let small = Picture { width: 1, height: 1, rgba: vec![9, 9, 9, 255] };
        assert_eq!(carry.next(small.clone()), small);
    }
}
