//! The sparse maps of planes that resampling and priors are made of. Axes end where the image is a
//! sheet; on a torus they are circles, and what leaves them on one side comes in on the other. On a
//! sphere, what leaves a column over a pole comes in on the column opposite.

use dream_graph::{AxisMap, Kernel, Surface, Tap, View, remap};
use dream_protocol::Edges;

use crate::recorder::Recorder;

/// What images with these edges are the surface of.
pub(crate) fn surface(edges: Edges) -> Surface {
    match edges {
        Edges::Plain => Surface::Sheet,
        Edges::Tileable => Surface::Torus,
        Edges::Panorama => Surface::Sphere,
    }
}

/// A map of all three colour planes: one of rows and one of columns; on a sphere the sum of two
/// such pairs, for what stays on this side of the poles and what comes from beyond.
pub(crate) struct PlaneMap {
    near: [AxisMap; 2],
    far: Option<[AxisMap; 2]>,
}

/// What becomes of positions that lie beyond an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    /// They are not there; each map has its own way with it.
    Stop,
    /// They lie at the other end.
    Wrap,
    /// They lie beyond a pole: only those that do not, this side, are there.
    Near,
    /// Only those are there.
    Far,
}

impl PlaneMap {
    /// Bilinear resampling, as the reference dream does it; sizes are (height, width).
    pub fn resampling(from: [usize; 2], to: [usize; 2], surface: Surface) -> Self {
        Self::new(surface, |axis, ends| match ends {
            Ends::Stop => AxisMap::bilinear(from[axis], to[axis]),
            _ => bilinear(from[axis], to[axis], ends),
        })
    }

    /// Every second position, smoothed by (1, 4, 6, 4, 1) / 16: a step down Burt and Adelson's
    /// pyramid, placed as TensorFlow's strided convolutions with padding `SAME`, zero beyond the
    /// ends.
    pub fn halving(size: [usize; 2], surface: Surface) -> Self {
        Self::new(surface, |axis, ends| halving(size[axis], ends))
    }

    /// Gaussian of three standard deviations to either side, normalised; beyond the ends lie the
    /// last positions.
    pub fn gaussian(size: [usize; 2], deviation: f64, surface: Surface) -> Self {
        Self::new(surface, |axis, ends| gaussian(size[axis], deviation, ends))
    }

    /// The next position along an axis less this one, times a factor; nothing behind the last, nor
    /// beyond a pole.
    pub fn difference(size: [usize; 2], axis: usize, factor: f64, surface: Surface) -> Self {
        let circle = surface == Surface::Torus || surface == Surface::Sphere && axis == 1;
        let mut near = size.map(AxisMap::identity);
        near[axis] = difference(size[axis], factor, circle);
        Self { near, far: None }
    }

    fn new(surface: Surface, make: impl Fn(usize, Ends) -> AxisMap) -> Self {
        let [rows, columns] = match surface {
            Surface::Sheet => [Ends::Stop; 2],
            Surface::Torus => [Ends::Wrap; 2],
            Surface::Sphere => [Ends::Near, Ends::Wrap],
        };
        let near = [make(0, rows), make(1, columns)];
        let far = (surface == Surface::Sphere).then(|| [make(0, Ends::Far), opposite(&near[1])]);
        Self { near, far }
    }

    /// Its transpose, times a factor.
    pub fn back(&self, factor: f64) -> Self {
        let back = |[rows, columns]: &[AxisMap; 2]| {
            [multiplied(&rows.transposed(), factor), columns.transposed()]
        };
        Self { near: back(&self.near), far: self.far.as_ref().map(back) }
    }

    /// Height and width of what comes out.
    pub fn output(&self) -> [usize; 2] {
        [0, 1].map(|axis| self.near[axis].output())
    }

    /// The map of planes here and now.
    pub fn of(&self, planes: &[f32]) -> Vec<f32> {
        let mut terms = self.terms().map(|maps| remap(&maps, planes));
        let mut sum = terms.next().unwrap_or_default();
        for term in terms {
            sum.iter_mut().zip(&term).for_each(|(sum, term)| *sum += term);
        }
        sum
    }

    /// Records the map of `read` in place of what is at `write`.
    pub fn write(&self, recorder: &mut Recorder, node: &str, read: View, write: View) {
        for (at, kernel) in self.kernels().enumerate() {
            match at {
                0 => recorder.write(node, kernel, &[read], write),
                _ => recorder.add(node, kernel, &[read], write),
            }
        }
    }

    /// Records the map of `read`, added to what is at `write`.
    pub fn add(&self, recorder: &mut Recorder, node: &str, read: View, write: View) {
        self.kernels().for_each(|kernel| recorder.add(node, kernel, &[read], write));
    }

    /// Records the map of `read` in a new slot.
    pub fn make(&self, recorder: &mut Recorder, node: &str, read: View) -> View {
        let slot = recorder.slot(3 * self.output().iter().product::<usize>());
        self.write(recorder, node, read, slot);
        slot
    }

    fn terms(&self) -> impl Iterator<Item = [AxisMap; 3]> {
        let pairs = [Some(&self.near), self.far.as_ref()].into_iter().flatten();
        pairs.cloned().map(|[rows, columns]| [AxisMap::identity(3), rows, columns])
    }

    fn kernels(&self) -> impl Iterator<Item = Kernel> {
        self.terms().map(|maps| Kernel::Remap { maps: maps.into() })
    }
}

/// Where a position lies on an axis, if it is there.
fn source(place: i64, length: usize, ends: Ends) -> Option<u32> {
    let length = length as i64;
    let round = place.rem_euclid(2 * length);
    let (inside, near) = ((0..length).contains(&place), round < length);
    let found = match ends {
        Ends::Stop => inside.then_some(place),
        Ends::Wrap => Some(place.rem_euclid(length)),
        Ends::Near => near.then_some(round),
        Ends::Far => (!near).then_some(2 * length - 1 - round),
    };
    found.map(|place| place as u32)
}

/// A map from weighted positions, for each output position some.
fn folded<R>(input: usize, ends: Ends, rows: impl Iterator<Item = R>) -> AxisMap
where
    R: IntoIterator<Item = (i64, f64)>,
{
    let tap = move |(place, weight)| Some(Tap { source: source(place, input, ends)?, weight });
    AxisMap::from_rows(input, rows.map(|row| row.into_iter().filter_map(tap)))
}

/// Bilinear interpolation with half-pixel centres.
fn bilinear(input: usize, output: usize, ends: Ends) -> AxisMap {
    let scale = input as f64 / output as f64;
    let rows = (0..output).map(|i| {
        let position = (i as f64 + 0.5) * scale - 0.5;
        let low = position.floor();
        let fraction = position - low;
        let high = (fraction > 0.0).then_some((low as i64 + 1, fraction));
        [Some((low as i64, 1.0 - fraction)), high].into_iter().flatten()
    });
    folded(input, ends, rows)
}

fn halving(input: usize, ends: Ends) -> AxisMap {
    const WEIGHTS: [f64; 5] = [1.0, 4.0, 6.0, 4.0, 1.0];
    let output = input.div_ceil(2);
    let before = (2 * (output - 1) + WEIGHTS.len()).saturating_sub(input) / 2;
    let rows = (0..output).map(|i| {
        let weights = WEIGHTS.into_iter().enumerate();
        weights.map(move |(k, weight)| ((2 * i + k) as i64 - before as i64, weight / 16.0))
    });
    folded(input, ends, rows)
}

fn difference(length: usize, factor: f64, circle: bool) -> AxisMap {
    let rows = (0..length as i64).map(|i| {
        let next = circle || i + 1 < length as i64;
        next.then_some([(i, -factor), (i + 1, factor)]).into_iter().flatten()
    });
    folded(length, Ends::Wrap, rows)
}

fn gaussian(length: usize, deviation: f64, ends: Ends) -> AxisMap {
    let radius = (3.0 * deviation).ceil() as i64;
    let weight = |away: i64| (-0.5 * (away as f64 / deviation.max(1e-9)).powi(2)).exp();
    let sum: f64 = (-radius..=radius).map(weight).sum();
    let rows = (0..length as i64).map(|i| {
        (-radius..=radius).map(move |away| {
            let place = match ends {
                Ends::Stop => (i + away).clamp(0, length as i64 - 1),
                Ends::Wrap | Ends::Near | Ends::Far => i + away,
            };
            (place, weight(away) / sum)
        })
    });
    folded(length, ends, rows)
}

/// The same map of what lies half the axis on.
fn opposite(map: &AxisMap) -> AxisMap {
    let length = map.input();
    let rows = (0..map.output()).map(|i| {
        let taps = map.row(i).iter();
        taps.map(|tap| ((tap.source as usize + length / 2) as i64, tap.weight))
    });
    folded(length, Ends::Wrap, rows)
}

/// The same map with all weights multiplied.
fn multiplied(map: &AxisMap, factor: f64) -> AxisMap {
    let rows = (0..map.output()).map(|i| map.row(i).iter().copied());
    let scaled = |tap: Tap| Tap { weight: factor * tap.weight, ..tap };
    AxisMap::from_rows(map.input(), rows.map(|row| row.map(scaled)))
}

#[cfg(test)]
#[path = "maps_tests.rs"]
mod tests;
