//! Pictures that take light and dark from a dream, and every colour from the picture that it began
//! with, wherever that has it: a palette of a few colours, and each pixel's own.
//!
//! Colours are (Y, Cb, Cr) of ITU-R BT.601. With d the distance of the dream's colour from a
//! colour of the palette, where light counts half, and d₀ that from the nearest, a colour weighs
//! `1 / (1 + ((d − d₀) / SOFT)²)²`, and the pixel gets the weighted mean of their Cb and Cr. Where
//! the dream's Cb and Cr are within about SOFT of the start's at the same place, at distance d, it
//! gets more of those, `1 / (1 + (d / SOFT)²)²` of them: what was not dreamed on stays as it was.
//! Y is the dream's; near black and white, Cb and Cr are as much smaller as they need to be.

use crate::color::LUMA;

/// Colours of a palette, at most.
const COLORS: usize = 16;
/// Colours that are no farther apart than this count as one.
const LEAST_APART: f32 = 6.0;
/// Distance of colours over which the nearest gives way to the next.
const SOFT: f32 = 8.0;
/// Weight of light in the distance of colours.
const LIGHT: f32 = 0.5;
/// Rows and columns of the picture that are looked at, at most.
const LOOKS: usize = 64;
/// How often colours are moved to the middle of those that are nearest to them.
const ROUNDS: usize = 8;
/// Cb over blue less Y, and Cr over red less Y.
const CHROMA: [f32; 2] = [0.564, 0.713];

/// A colour: Y, Cb and Cr.
type Color = [f32; 3];

/// The colours of a picture.
#[derive(Clone, Debug)]
pub(crate) struct Palette(Vec<Color>);

impl Palette {
    /// Of planes of levels 0–255 of `size` (height, width); `rgb` are the indices of the planes.
    /// First the colours that are farthest apart, then, round by round, the means of what is
    /// nearest to each (Lloyd).
    pub fn new(levels: &[f32], [height, width]: [usize; 2], rgb: [usize; 3]) -> Self {
        let looks = |side: usize| (0..side).step_by(side.div_ceil(LOOKS).max(1));
        let places = looks(height).flat_map(|y| looks(width).map(move |x| y * width + x));
        let seen: Vec<Color> = places.map(|at| color(levels, rgb, at)).collect();
        let mut palette = Self(farthest_apart(&seen));
        for _ in 0..ROUNDS {
            palette.settle(&seen);
        }
        palette
    }

    fn settle(&mut self, seen: &[Color]) {
        let mut sums = vec![([0.0; 3], 0.0); self.0.len()];
        for color in seen {
            let (sum, count) = &mut sums[nearest(&self.0, color).0];
            (0..3).for_each(|i| sum[i] += color[i]);
            *count += 1.0;
        }
        for (color, (sum, count)) in self.0.iter_mut().zip(sums) {
            if count > 0.0 {
                *color = sum.map(|sum: f32| sum / count);
            }
        }
    }

    /// The light of `dream` in the colours of `start`, planes of levels 0–255 both, of which this
    /// is the palette; `rgb` are the indices of the planes.
    pub fn shown(&self, dream: &[f32], start: &[f32], rgb: [usize; 3]) -> Vec<f32> {
        let plane = dream.len() / 3;
        let mut levels = vec![0.0; dream.len()];
        for at in 0..plane {
            let (dreamed, own) = (color(dream, rgb, at), color(start, rgb, at));
            let shown = levels_of(self.nearby(dreamed, own));
            (0..3).for_each(|i| levels[rgb[i] * plane + at] = shown[i]);
        }
        levels
    }

    /// The dreamed colour's light with the Cb and Cr of the palette, or the start's own.
    fn nearby(&self, dreamed: Color, own: Color) -> Color {
        let least = nearest(&self.0, &dreamed).1.sqrt();
        let (mut sum, mut weights) = ([0.0; 2], 0.0);
        for color in &self.0 {
            let weight = closeness(distance(color, &dreamed).sqrt() - least);
            (0..2).for_each(|i| sum[i] += weight * color[1 + i]);
            weights += weight;
        }
        let kept = closeness(distance(&[dreamed[0], own[1], own[2]], &dreamed).sqrt());
        let mixed = |i: usize| kept * own[1 + i] + (1.0 - kept) * sum[i] / weights;
        [dreamed[0], mixed(0), mixed(1)]
    }
}

/// The colours that are farthest apart, beginning with the first.
fn farthest_apart(seen: &[Color]) -> Vec<Color> {
    let mut chosen: Vec<Color> = seen.first().copied().into_iter().collect();
    let mut away = vec![f32::INFINITY; seen.len()];
    while let Some(last) = chosen.last().copied().filter(|_| chosen.len() < COLORS) {
        away.iter_mut().zip(seen).for_each(|(away, it)| *away = away.min(distance(it, &last)));
        let farthest = away.iter().zip(seen).max_by(|a, b| a.0.total_cmp(b.0));
        match farthest.filter(|(away, _)| **away > LEAST_APART * LEAST_APART) {
            Some((_, color)) => chosen.push(*color),
            None => break,
        }
    }
    chosen
}

/// The nearest colour's index, and its distance, squared.
fn nearest(colors: &[Color], to: &Color) -> (usize, f32) {
    let distances = colors.iter().map(|color| distance(color, to)).enumerate();
    distances.fold((0, f32::INFINITY), |least, it| if it.1 < least.1 { it } else { least })
}

/// The distance of two colours, squared.
fn distance(a: &Color, b: &Color) -> f32 {
    let [light, cb, cr] = [0, 1, 2].map(|i| a[i] - b[i]);
    (LIGHT * light).powi(2) + cb * cb + cr * cr
}

/// How much a distance counts: 1 for none, and little beyond [`SOFT`].
fn closeness(away: f32) -> f32 {
    1.0 / (1.0 + (away / SOFT).powi(2)).powi(2)
}

fn color(planes: &[f32], rgb: [usize; 3], at: usize) -> Color {
    let [red, green, blue] = rgb.map(|index| planes[index * (planes.len() / 3) + at]);
    let light = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue;
    [light, CHROMA[0] * (blue - light), CHROMA[1] * (red - light)]
}

/// Red, green and blue of a colour; of a weaker one where they would leave 0–255.
fn levels_of([light, cb, cr]: Color) -> [f32; 3] {
    let light = light.clamp(0.0, 255.0);
    let (red, blue) = (cr / CHROMA[1], cb / CHROMA[0]);
    let away = [red, -(LUMA[0] * red + LUMA[2] * blue) / LUMA[1], blue];
    let room = |away: &f32| match *away {
        up if up > 0.0 => (255.0 - light) / up,
        down if down < 0.0 => -light / down,
        _ => 1.0,
    };
    let strength = away.iter().map(room).fold(1.0, f32::min);
    away.map(|away| (light + strength * away).clamp(0.0, 255.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RGB: [usize; 3] = [0, 1, 2];
    const SIZE: [usize; 2] = [12, 20];

    /// Planes of pixels that a rule makes from a number.
    fn planes(pixel: impl Fn(usize) -> [f32; 3]) -> Vec<f32> {
        let count = SIZE[0] * SIZE[1];
        (0..3).flat_map(|c| (0..count).map(|i| pixel(i)[c]).collect::<Vec<_>>()).collect()
    }

    /// Browns and a blue.
    fn start() -> Vec<f32> {
        planes(|i| match i % 5 {
            0 => [60.0, 90.0, 160.0 + (i % 7) as f32],
            _ => [120.0 + (i % 11) as f32, 90.0, 50.0],
        })
    }

    fn rainbow() -> Vec<f32> {
        let wave = |i: usize, f: f32| 127.5 + 120.0 * (i as f32 * f).sin();
        planes(|i| [wave(i, 0.7), wave(i, 1.1), wave(i, 1.7)])
    }

    /// How far a colour is from the segment between two others, and from grey ones of that kind.
    fn beside([_, cb, cr]: Color, from: Color, to: Color) -> f32 {
        let steps =
            (0..=100).flat_map(|t| (0..=50).map(move |s| (t as f32 / 100.0, s as f32 / 50.0)));
        let away = |(t, strength): (f32, f32)| {
            let place = [1, 2].map(|i| strength * (from[i] + t * (to[i] - from[i])));
            (cb - place[0]).hypot(cr - place[1])
        };
        steps.map(away).fold(f32::INFINITY, f32::min)
    }

    #[test]
    fn a_dream_takes_the_colours_of_its_start_and_keeps_its_light() {
        let (start, dream) = (start(), rainbow());
        let palette = Palette::new(&start, SIZE, RGB);
        assert!((2..=COLORS).contains(&palette.0.len()), "{palette:?}");
        let shown = palette.shown(&dream, &start, RGB);
        let colours = |planes: &[f32]| -> Vec<Color> {
            (0..planes.len() / 3).map(|at| color(planes, RGB, at)).collect()
        };
        let (from, to) = (colours(&start)[0], colours(&start)[1]);
        let worst = |planes: &[f32]| {
            colours(planes).into_iter().map(|it| beside(it, from, to)).fold(0.0, f32::max)
        };
        assert!(worst(&shown) < 6.0, "{}", worst(&shown));
        assert!(worst(&dream) > 40.0, "the dream's own colours pass");
        let lights = colours(&shown).into_iter().zip(colours(&dream));
        assert!(lights.clone().all(|(shown, dreamed)| (shown[0] - dreamed[0]).abs() < 0.1));
        assert!(shown.iter().all(|level| (0.0..=255.0).contains(level)));
        let blue = colours(&shown).iter().filter(|it| it[1] > 20.0).count();
        assert!((10..230).contains(&blue), "{blue} blue pixels, wherever the start has them");
    }

    #[test]
    fn what_was_not_dreamed_stays_and_grey_stays_grey() {
        let start = start();
        let still = Palette::new(&start, SIZE, RGB).shown(&start, &start, RGB);
        assert!(still.iter().zip(&start).all(|(a, b)| (a - b).abs() < 1e-3));
        let grey = planes(|i| [i as f32; 3]);
        let shown = Palette::new(&grey, SIZE, RGB).shown(&rainbow(), &grey, RGB);
        let plane = SIZE[0] * SIZE[1];
        assert!((0..plane).all(|i| (shown[i] - shown[2 * plane + i]).abs() < 1e-3));
        assert!((0..plane).any(|i| (rainbow()[i] - rainbow()[2 * plane + i]).abs() > 50.0));
    }

    #[test]
    fn colours_that_are_much_alike_are_few_and_planes_are_told_apart() {
        let flat = planes(|i| [100.0 + (i % 3) as f32, 50.0, 20.0]);
        assert_eq!(Palette::new(&flat, SIZE, RGB).0.len(), 1);
        let swapped = planes(|i| [20.0, 50.0, 100.0 + (i % 3) as f32]);
        let [rgb, bgr] =
            [(&flat, RGB), (&swapped, [2, 1, 0])].map(|(it, rgb)| Palette::new(it, SIZE, rgb).0);
        assert_eq!(rgb, bgr);
        assert_ne!(rgb, Palette::new(&flat, SIZE, [2, 1, 0]).0);
    }

    #[test]
    fn a_small_change_of_a_dream_is_a_small_change_of_what_is_shown() {
        let palette = Palette::new(&start(), SIZE, RGB);
        let own = color(&start(), RGB, 1);
        let at = |cb: f32| palette.nearby([100.0, cb, -0.6 * cb], own)[1];
        let steps = (-400..400).map(|i| (at(0.2 * i as f32 + 0.2) - at(0.2 * i as f32)).abs());
        assert!(steps.clone().all(|step| step < 2.0), "{:?}", steps.fold(0.0, f32::max));
        assert!((at(60.0) - at(-60.0)).abs() > 20.0, "all dreams have the same colour");
    }
}
