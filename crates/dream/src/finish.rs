//! What becomes of a gradient before it changes the image. Images are `[3, height, width]`.

use dream_graph::{AxisMap, Binary, Kernel, Statistic, Surface, Tap, View};
use dream_protocol::{ColorMode, Finish, Prior};

use crate::{
    fourier::COLORS,
    maps::{PlaneMap, surface},
    recorder::Recorder,
};

/// What an ascent is made of: it moves the image by `step_size · direction / size`.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    /// As large as the image.
    pub direction: View,
    /// One number.
    pub size: View,
}

/// Records the way from the gradient at an image of `size` (height, width) to a step; `rgb` are the
/// indices of its planes.
pub(crate) fn finish(
    recorder: &mut Recorder,
    prior: &Prior,
    size: [usize; 2],
    rgb: [usize; 3],
    gradient: View,
) -> Step {
    let surface = surface(prior.edges);
    let gradient = match prior.color {
        ColorMode::Luminance => mixed(recorder, size, [[1.0 / 3.0; 3]; 3], gradient),
        ColorMode::Decorrelated => mixed(recorder, size, covariance(rgb), gradient),
        ColorMode::Free | ColorMode::Keep | ColorMode::Palette => gradient,
    };
    match prior.finish {
        Finish::Mean => {
            let mean = recorder.make(NODE, Kernel::Statistic(Statistic::MeanAbs), &[gradient], 1);
            Step { direction: gradient, size: mean }
        }
        Finish::Deviation => {
            let centred = centred(recorder, gradient);
            Step { direction: gradient, size: root_mean_square(recorder, centred) }
        }
        Finish::Laplacian => {
            let one = recorder.make(NODE, Kernel::Fill { start: 0, end: 1, value: 1.0 }, &[], 1);
            let levels = prior.laplacian_levels;
            Step { direction: laplacian(recorder, levels, size, surface, gradient), size: one }
        }
        Finish::Smooth => {
            let smooth = cascade(recorder, size, surface, gradient);
            let centred = centred(recorder, smooth);
            Step { direction: centred, size: root_mean_square(recorder, centred) }
        }
    }
}

/// Standard deviation of [`Finish::Smooth`] in pixels, `done` being the share of the octave's
/// iterations that are over when this one is: it grows within an octave (Gajić 2020).
pub fn smoothing(done: f32) -> f32 {
    2.0 * done + 0.5
}

const NODE: &str = "gradient";

/// The gradient with the channels of each pixel multiplied by a matrix, given by its rows.
fn mixed(recorder: &mut Recorder, size: [usize; 2], rows: [[f64; 3]; 3], gradient: View) -> View {
    let taps = |row: [f64; 3]| {
        let taps = row.into_iter().zip(0..);
        taps.map(|(weight, source)| Tap { source, weight })
    };
    let maps = vec![
        AxisMap::from_rows(3, rows.map(taps)),
        AxisMap::identity(size[0]),
        AxisMap::identity(size[1]),
    ];
    recorder.make(NODE, Kernel::Remap { maps }, &[gradient], gradient.len)
}

/// What a step along the gradient at decorrelated colours is at the image: with `image = C · t`,
/// `C · Cᵀ` times the gradient at the image.
fn covariance(rgb: [usize; 3]) -> [[f64; 3]; 3] {
    let mut matrix = [[0.0; 3]; 3];
    for (i, row) in COLORS.iter().enumerate() {
        for (j, column) in COLORS.iter().enumerate() {
            matrix[rgb[i]][rgb[j]] = row.iter().zip(column).map(|(a, b)| a * b).sum();
        }
    }
    matrix
}

/// x less its mean.
fn centred(recorder: &mut Recorder, x: View) -> View {
    let mean = recorder.make(NODE, Kernel::Statistic(Statistic::Mean), &[x], 1);
    with_number(recorder, Binary::Sub, x, mean)
}

fn root_mean_square(recorder: &mut Recorder, x: View) -> View {
    recorder.make(NODE, Kernel::Statistic(Statistic::RootMeanSquare), &[x], 1)
}

/// A function of every element of x and one number.
fn with_number(recorder: &mut Recorder, op: Binary, x: View, number: View) -> View {
    let kernel = Kernel::Binary { op, output: vec![x.len], operands: [vec![x.len], vec![1]] };
    recorder.make(NODE, kernel, &[x, number], x.len)
}

/// The sum of three Gaussians of half, once and twice the iteration's smoothing; its size is not
/// that of their mean, which is what normalising it takes care of.
fn cascade(recorder: &mut Recorder, size: [usize; 2], surface: Surface, gradient: View) -> View {
    let sum = recorder.slot(gradient.len);
    for (i, factor) in [0.5, 1.0, 2.0].into_iter().enumerate() {
        let shape = [3, size[0], size[1]];
        let along = |axis| {
            // Along a parallel, a sphere is no different from a torus.
            let parallel = surface == Surface::Sphere && axis == 2;
            let surface = if parallel { Surface::Torus } else { surface };
            Kernel::Smooth { shape, axis, factor, surface }
        };
        let rows = recorder.make(NODE, along(1), &[gradient], gradient.len);
        if i == 0 {
            recorder.write(NODE, along(2), &[rows], sum);
        } else {
            recorder.add(NODE, along(2), &[rows], sum);
        }
    }
    sum
}

/// Splits the gradient into the bands of a Laplacian pyramid, divides each by its root mean square
/// and puts them together again (Mordvintsev 2016).
fn laplacian(
    recorder: &mut Recorder,
    levels: u32,
    size: [usize; 2],
    surface: Surface,
    gradient: View,
) -> View {
    let (mut low, mut size) = (gradient, size);
    let mut bands = Vec::new();
    for _ in 0..levels {
        let down = PlaneMap::halving(size, surface);
        let high = recorder.make(NODE, Kernel::Scale { factor: 1.0 }, &[low], low.len);
        low = down.make(recorder, NODE, low);
        down.back(-4.0).add(recorder, NODE, low, high);
        bands.push((high, down.back(4.0)));
        size = down.output();
    }
    let normalised = |recorder: &mut Recorder, band| {
        let size = root_mean_square(recorder, band);
        with_number(recorder, Binary::Div, band, size)
    };
    let mut sum = normalised(recorder, low);
    for (high, up) in bands.into_iter().rev() {
        let band = normalised(recorder, high);
        up.add(recorder, NODE, sum, band);
        sum = band;
    }
    sum
}
