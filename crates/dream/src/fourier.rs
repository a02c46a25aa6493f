//! Images that climb in Fourier space, as Lucid's do: the spectrum of decorrelated colours is what
//! gradient ascent changes, and every frequency counts as much as images have of it.
//!
//! `levels = 255 · sigmoid(anchor + colours · irfft2(scale · z) / 4)`: z is the spectrum, the anchor
//! is the logits of the image that the octave begins with. From noise, z is small and random and
//! the anchor is grey, which is Lucid's `image(fft=True, decorrelate=True, sigmoid=True)`.

use std::{f64::consts::TAU, sync::Arc};

use dream_graph::{
    AxisMap, Binary, Buffer, Dispatch, Kernel, MatMulSpec, Source, Tap, Unary, View,
};
use dream_protocol::{DreamSettings, STEP_SIZE, Start};

use crate::{jitter::random, recorder::Recorder};

/// Adam's step for a step size of the usual amount (Lucid).
const USUAL_RATE: f32 = 0.05;
/// What becomes of decorrelated colours: square root of the covariance of ImageNet's colours over
/// the largest norm of its columns (Lucid); rows are red, green and blue.
pub(crate) const COLORS: [[f64; 3]; 3] = [
    [0.562_821_4, 0.194_822_8, 0.043_293_95],
    [0.584_468_4, 0.0, -0.108_234_9],
    [0.584_468_4, -0.194_822_8, 0.064_940_92],
];
/// Standard deviation of the real and of the imaginary part of a random spectrum (Lucid).
const DEVIATION: f64 = 0.01;
/// Sets a random spectrum apart from the jitter of the same seed.
const SPECTRUM_STREAM: u64 = 3 << 62;
/// Lucid's: keeps the image of a random spectrum faint.
const FAINT: f64 = 4.0;
const WHITE: f32 = 255.0;
/// Levels by which an image stays away from black and white, where logits end.
const MARGIN: f32 = 2.0 / WHITE;
const NODE: &str = "spectrum";

/// Where the state of an octave lies, and the tables of its transform, which every use shares.
pub(crate) struct Fourier {
    /// Height and width.
    size: [usize; 2],
    /// Indices of red, green and blue among the planes.
    rgb: [usize; 3],
    /// The spectrum and Adam's moments.
    spectrum: View,
    /// The image that the octave began with, its logits, and the sigmoid of the logits now.
    anchor: View,
    /// The scale of every frequency `[1, height, frequencies]`.
    scale: Arc<[f32]>,
    /// Cosines and sines along the columns of an image `[height, height]`.
    waves: [Arc<[f32]>; 2],
    /// What the real and the imaginary parts along a row add to its pixels `[frequencies, width]`.
    rows: [Arc<[f32]>; 2],
}

impl Fourier {
    /// For an octave of this size.
    pub fn new(size: [usize; 2], rgb: [usize; 3]) -> Self {
        let spectrum = View::whole(Buffer::Spectrum, 3 * elements(size));
        let anchor = View::whole(Buffer::Anchor, 9 * size[0] * size[1]);
        let (scale, waves, rows) = (scales(size).into(), waves(size[0]), rows(size[1]));
        Self { size, rgb, spectrum, anchor, scale, waves, rows }
    }

    /// The buffers that keep it.
    pub fn buffers(&self) -> [(Buffer, usize); 2] {
        [self.spectrum, self.anchor].map(|view| (view.buffer, view.len))
    }

    /// Takes an image as the one that the octave begins with.
    pub fn begin(&self, recorder: &mut Recorder, image: View) {
        let len = image.len;
        let [start, logits, _] = self.anchor_parts();
        recorder.write(NODE, Kernel::Scale { factor: 1.0 }, &[image], start);
        let share = recorder.make(NODE, Kernel::Scale { factor: 1.0 / WHITE }, &[image], len);
        let limits = Unary::Clip { min: MARGIN, max: 1.0 - MARGIN };
        let light = recorder.make(NODE, Kernel::Unary(limits), &[share], len);
        let dark = recorder.make(NODE, Kernel::Fill { start: 0, end: len, value: 1.0 }, &[], len);
        recorder.add(NODE, Kernel::Scale { factor: -1.0 }, &[light], dark);
        recorder.write(NODE, Kernel::Unary(Unary::Log), &[light], logits);
        let dark = recorder.make(NODE, Kernel::Unary(Unary::Log), &[dark], len);
        recorder.add(NODE, Kernel::Scale { factor: -1.0 }, &[dark], logits);
    }

    /// Writes the image of the spectrum, as far as a mask lets it differ from the start.
    pub fn show(&self, recorder: &mut Recorder, mask: Option<View>, image: View) {
        let [start, logits, light] = self.anchor_parts();
        let [spectrum, ..] = self.spectrum_parts();
        let scaled = self.scaled(recorder, spectrum);
        let waves = self.rotated(recorder, scaled, 1.0);
        let planes = recorder.slot(image.len);
        for (part, rows) in halves(waves).into_iter().zip(&self.rows) {
            let product = self.product(part, rows, false, planes);
            recorder.push(Dispatch { accumulate: part.offset != waves.offset, ..product });
        }
        let sum = recorder.make(NODE, Kernel::Scale { factor: 1.0 }, &[logits], logits.len);
        recorder.add(NODE, self.colors(false), &[planes], sum);
        recorder.write(NODE, Kernel::Unary(Unary::Sigmoid), &[sum], light);
        let Some(mask) = mask else {
            return recorder.write(NODE, Kernel::Scale { factor: WHITE }, &[light], image);
        };
        let change = recorder.make(NODE, Kernel::Scale { factor: WHITE }, &[light], image.len);
        recorder.add(NODE, Kernel::Scale { factor: -1.0 }, &[start], change);
        let change = recorder.weakened(change, mask);
        recorder.write(NODE, Kernel::Scale { factor: 1.0 }, &[start], image);
        recorder.add(NODE, Kernel::Scale { factor: 1.0 }, &[change], image);
    }

    /// Climbs toward an image that is changed by `step` levels.
    pub fn climb(&self, recorder: &mut Recorder, step: View) {
        let [.., light] = self.anchor_parts();
        let through = Kernel::UnaryGrad(Unary::Sigmoid);
        let gradient = recorder.make(NODE, through, &[step, light], step.len);
        let planes = recorder.make(NODE, self.colors(true), &[gradient], step.len);
        let waves = recorder.slot(elements(self.size));
        for (part, rows) in halves(waves).into_iter().zip(&self.rows) {
            recorder.push(self.product(planes, rows, true, part));
        }
        let scaled = self.rotated(recorder, waves, -1.0);
        let gradient = self.scaled(recorder, scaled);
        recorder.write(NODE, Kernel::Adam, &[gradient], self.spectrum);
    }

    fn anchor_parts(&self) -> [View; 3] {
        let len = self.anchor.len / 3;
        [0, 1, 2].map(|part| self.anchor.part(part * len, len))
    }

    fn spectrum_parts(&self) -> [View; 3] {
        let len = self.spectrum.len / 3;
        [0, 1, 2].map(|part| self.spectrum.part(part * len, len))
    }

    /// Real and imaginary parts, each frequency times its scale.
    fn scaled(&self, recorder: &mut Recorder, parts: View) -> View {
        let output = vec![6, self.scale.len()];
        let operands = [output.clone(), vec![1, self.scale.len()]];
        let kernel = Kernel::Binary { op: Binary::Mul, output, operands };
        let reads = vec![Source::View(parts), Source::Constant(self.scale.clone())];
        let write = recorder.slot(parts.len);
        recorder.push(Dispatch { node: NODE.into(), kernel, reads, write, accumulate: false });
        write
    }

    /// The inverse transform along the columns of an image, or, for a direction of −1, its
    /// transpose: real and imaginary parts, each of three planes.
    fn rotated(&self, recorder: &mut Recorder, parts: View, direction: f32) -> View {
        let [cosines, sines] = &self.waves;
        let [height, width] = self.size;
        let rotated = recorder.slot(parts.len);
        let [real, imaginary] = halves(parts);
        let terms = [
            (halves(rotated)[0], [(cosines, real, 1.0), (sines, imaginary, -direction)]),
            (halves(rotated)[1], [(sines, real, direction), (cosines, imaginary, 1.0)]),
        ];
        for (write, terms) in terms {
            for (i, (matrix, part, alpha)) in terms.into_iter().enumerate() {
                let spec = MatMulSpec { trans_a: false, trans_b: false, alpha, beta: 0.0 };
                let operands = [vec![1, height, height], vec![3, height, frequencies(width)]];
                let kernel = Kernel::MatMul { spec, operands };
                let reads = vec![Source::Constant(matrix.clone()), Source::View(part)];
                let accumulate = i > 0;
                recorder.push(Dispatch { node: NODE.into(), kernel, reads, write, accumulate });
            }
        }
        rotated
    }

    /// Rows of three planes times a matrix or its transpose.
    fn product(&self, rows: View, matrix: &Arc<[f32]>, transposed: bool, write: View) -> Dispatch {
        let [height, width] = self.size;
        let length = if transposed { width } else { frequencies(width) };
        let spec = MatMulSpec { trans_a: false, trans_b: transposed, alpha: 1.0, beta: 0.0 };
        let operands = [vec![3, height, length], vec![1, frequencies(width), width]];
        let reads = vec![Source::View(rows), Source::Constant(matrix.clone())];
        let kernel = Kernel::MatMul { spec, operands };
        Dispatch { node: NODE.into(), kernel, reads, write, accumulate: false }
    }

    /// From decorrelated colours to the image's planes, or the transpose of that.
    fn colors(&self, transposed: bool) -> Kernel {
        let mut rows = [Vec::new(), Vec::new(), Vec::new()];
        for (color, weights) in COLORS.iter().enumerate() {
            let taps = weights.iter().zip(0..).map(|(&weight, source)| Tap { source, weight });
            rows[self.rgb[color]] = taps.collect();
        }
        let map = AxisMap::from_rows(3, rows);
        let map = if transposed { map.transposed() } else { map };
        let maps = vec![map, AxisMap::identity(self.size[0]), AxisMap::identity(self.size[1])];
        Kernel::Remap { maps }
    }
}

/// What the spectrum of an octave begins with: nothing, or, where the dream begins from noise,
/// small random numbers.
pub(crate) fn spectrum(settings: &DreamSettings, size: [usize; 2], first: bool) -> Vec<f32> {
    let mut spectrum = vec![0.0; 3 * elements(size)];
    if first && settings.start == Start::Noise {
        for (z, i) in spectrum[..elements(size)].iter_mut().zip(0..) {
            *z = (DEVIATION * normal(settings.seed, SPECTRUM_STREAM | (2 * i))) as f32;
        }
    }
    spectrum
}

/// Adam's step in an iteration of an octave, both counted from 0, corrected for the bias of the
/// first moments.
pub(crate) fn rate(step_size: f32, iteration: u32) -> f32 {
    let usual = STEP_SIZE.default as f32;
    let kept = dream_graph::ADAM_DECAY.map(|decay| 1.0 - decay.powi(iteration as i32 + 1));
    USUAL_RATE * step_size.abs() / usual * kept[1].sqrt() / kept[0]
}

/// Elements of a spectrum: real and imaginary parts of three colours.
fn elements([height, width]: [usize; 2]) -> usize {
    6 * height * frequencies(width)
}

/// Frequencies along a row of real numbers.
fn frequencies(width: usize) -> usize {
    width / 2 + 1
}

/// Cosines and sines along an axis, over its length.
fn waves(length: usize) -> [Arc<[f32]>; 2] {
    let square = |of: fn(f64) -> f64| {
        let pairs = (0..length).flat_map(|i| (0..length).map(move |k| (i, k)));
        pairs.map(|(i, k)| (of(angle(length, i, k)) / length as f64) as f32).collect()
    };
    [square(f64::cos), square(f64::sin)]
}

/// What the real and the imaginary part of every frequency add to every pixel of a row: all but the
/// first and the last of an even row stand for two.
fn rows(width: usize) -> [Arc<[f32]>; 2] {
    let times = |k: usize| if k == 0 || 2 * k == width { 1.0 } else { 2.0 };
    let row = |of: fn(f64) -> f64| {
        let pairs = (0..frequencies(width)).flat_map(|k| (0..width).map(move |i| (i, k)));
        pairs.map(|(i, k)| (times(k) * of(angle(width, i, k)) / width as f64) as f32).collect()
    };
    [row(f64::cos), row(|angle| -angle.sin())]
}

/// How far the `k`-th frequency has turned at position `i`.
fn angle(length: usize, i: usize, k: usize) -> f64 {
    TAU * (i * k % length) as f64 / length as f64
}

/// What a frequency counts: images have the less of it, the higher it is.
fn scales([height, width]: [usize; 2]) -> Vec<f32> {
    let cycles = |k: usize, length: usize| k.min(length - k) as f64 / length as f64;
    let least = 1.0 / height.max(width) as f64;
    let all = ((height * width) as f64).sqrt() / FAINT;
    let pairs = (0..height).flat_map(|y| (0..frequencies(width)).map(move |x| (y, x)));
    let scale = |(y, x)| all / cycles(y, height).hypot(cycles(x, width)).max(least);
    pairs.map(|pair| scale(pair) as f32).collect()
}

fn halves(parts: View) -> [View; 2] {
    [0, 1].map(|half| parts.part(half * parts.len / 2, parts.len / 2))
}

/// A number with the standard normal distribution (Box and Muller 1958), made of two counters.
fn normal(seed: u32, counter: u64) -> f64 {
    let [first, second] =
        [0, 1].map(|i| (f64::from(random(seed, counter + i)) + 0.5) / (f64::from(u32::MAX) + 1.0));
    (-2.0 * first.ln()).sqrt() * (TAU * second).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_frequencies_count_most() {
        let scales = scales([4, 6]);
        let all = 24f32.sqrt() / 4.0;
        let expected = [6.0, 6.0, 3.0, 2.0, 4.0];
        assert!(scales.iter().zip(expected).all(|(s, e)| (s / all - e).abs() < 1e-4), "{scales:?}");
        assert_eq!(scales.len(), 16);
    }

    #[test]
    fn only_noise_has_a_spectrum_to_begin_with() {
        let noise = DreamSettings { start: Start::Noise, ..Default::default() };
        let begun = spectrum(&noise, [20, 30], true);
        let (z, moments) = begun.split_at(elements([20, 30]));
        let deviation = (z.iter().map(|z| z * z).sum::<f32>() / z.len() as f32).sqrt();
        assert!((deviation - 0.01).abs() < 1e-3, "{deviation}");
        assert!(moments.iter().all(|&moment| moment == 0.0));
        assert!(spectrum(&noise, [20, 30], false).iter().all(|&z| z == 0.0));
        assert!(spectrum(&DreamSettings::default(), [20, 30], true).iter().all(|&z| z == 0.0));
    }

    #[test]
    fn the_rate_settles_where_lucid_has_it() {
        assert!((rate(1.5, 0) - 0.05 * 0.001f32.sqrt() / 0.1).abs() < 1e-5);
        assert!((rate(-1.5, 20_000) - 0.05).abs() < 1e-5);
    }
}
