//! Sparse linear maps along one axis.
//!
//! Slicing, padding, nearest and bilinear resizing, expanding and picking indices are all the same
//! thing: every output position of an axis is a weighted sum of a few input positions. The gradient
//! of such a map is its transpose, so one type serves operators, gradients and the octave ladder.

/// A linear map from an axis of [`input`](Self::input) positions to one of
/// [`output`](Self::output) positions, stored as compressed rows.
#[derive(Clone, Debug, PartialEq)]
pub struct AxisMap {
    input: usize,
    starts: Vec<u32>,
    taps: Vec<Tap>,
}

/// One term of an output position's sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tap {
    /// Input position.
    pub source: u32,
    /// Its weight.
    pub weight: f64,
}

impl AxisMap {
    /// Builds a map from one list of taps per output position.
    pub fn from_rows<R>(input: usize, rows: impl IntoIterator<Item = R>) -> Self
    where
        R: IntoIterator<Item = Tap>,
    {
        let (mut starts, mut taps) = (vec![0], Vec::new());
        for row in rows {
            taps.extend(row);
            starts.push(taps.len() as u32);
        }
        Self { input, starts, taps }
    }

    /// Output position `i` copies input position `sources[i]`; `None` copies nothing.
    pub fn from_sources(input: usize, sources: impl IntoIterator<Item = Option<usize>>) -> Self {
        Self::from_rows(
            input,
            sources.into_iter().map(|s| s.map(|s| Tap { source: s as u32, weight: 1.0 })),
        )
    }

    /// The map that changes nothing.
    pub fn identity(length: usize) -> Self {
        Self::from_sources(length, (0..length).map(Some))
    }

    /// Bilinear interpolation with half-pixel centres, clamped at the edges, without antialiasing:
    /// PyTorch's `interpolate(mode="bilinear", align_corners=False)`.
    pub fn bilinear(input: usize, output: usize) -> Self {
        let scale = input as f64 / output as f64;
        Self::from_rows(
            input,
            (0..output).map(|i| {
                let position = ((i as f64 + 0.5) * scale - 0.5).max(0.0);
                let low = (position as usize).min(input - 1);
                let high = (low + 1).min(input - 1);
                let fraction = position - low as f64;
                let low = Tap { source: low as u32, weight: 1.0 - fraction };
                let high = Tap { source: high as u32, weight: fraction };
                [Some(low), (fraction > 0.0).then_some(high)].into_iter().flatten()
            }),
        )
    }

    /// Averages the input positions that an output position covers, edges by their share: the way
    /// to scale a picture down without aliasing. Scaling up, it repeats.
    pub fn area(input: usize, output: usize) -> Self {
        let scale = input as f64 / output as f64;
        Self::from_rows(
            input,
            (0..output).map(|i| {
                let (from, to) = (i as f64 * scale, (i + 1) as f64 * scale);
                let last = (to.ceil() as usize).min(input);
                (from as usize..last).filter_map(move |source| {
                    let share = (to.min(source as f64 + 1.0) - from.max(source as f64)) / scale;
                    (share > 1e-9).then_some(Tap { source: source as u32, weight: share })
                })
            }),
        )
    }

    /// Number of input positions.
    pub fn input(&self) -> usize {
        self.input
    }

    /// Number of output positions.
    pub fn output(&self) -> usize {
        self.starts.len() - 1
    }

    /// The sum that makes output position `i`.
    pub fn row(&self, i: usize) -> &[Tap] {
        &self.taps[self.starts[i] as usize..self.starts[i + 1] as usize]
    }

    /// The one source of each position, where every position copies at most one.
    pub fn sources(&self) -> Option<Vec<Option<usize>>> {
        (0..self.output())
            .map(|i| match self.row(i) {
                [] => Some(None),
                [tap] if tap.weight == 1.0 => Some(Some(tap.source as usize)),
                _ => None,
            })
            .collect()
    }

    /// Whether the map changes nothing.
    pub fn is_identity(&self) -> bool {
        self.input == self.output()
            && (0..self.input).all(|i| *self.row(i) == [Tap { source: i as u32, weight: 1.0 }])
    }

    /// The map of the gradient: from output positions back to input positions.
    pub fn transposed(&self) -> Self {
        let mut rows = vec![Vec::new(); self.input];
        for i in 0..self.output() {
            for tap in self.row(i) {
                rows[tap.source as usize].push(Tap { source: i as u32, weight: tap.weight });
            }
        }
        Self::from_rows(self.output(), rows)
    }
}

/// Applies one map per axis to a row-major tensor, one axis after another; axes that do not change
/// cost nothing. Sums are kept in double precision and rounded once.
pub fn remap(maps: &[AxisMap], x: &[f32]) -> Vec<f32> {
    let mut shape: Vec<usize> = maps.iter().map(AxisMap::input).collect();
    let mut current: Option<Vec<f64>> = None;
    for (axis, map) in maps.iter().enumerate().filter(|(_, map)| !map.is_identity()) {
        let inner: usize = shape[axis + 1..].iter().product();
        current = Some(match current {
            Some(current) => remap_axis(map, inner, &current),
            None => remap_axis(map, inner, x),
        });
        shape[axis] = map.output();
    }
    match current {
        Some(current) => current.into_iter().map(|sum| sum as f32).collect(),
        None => x.to_vec(),
    }
}

fn remap_axis<T: Copy + Into<f64>>(map: &AxisMap, inner: usize, x: &[T]) -> Vec<f64> {
    let block = map.input() * inner;
    let mut out = vec![0.0; x.len() / block * map.output() * inner];
    for (x, out) in x.chunks_exact(block).zip(out.chunks_exact_mut(map.output() * inner)) {
        for (i, out) in out.chunks_exact_mut(inner).enumerate() {
            for tap in map.row(i) {
                let (source, weight) = (&x[tap.source as usize * inner..][..inner], tap.weight);
                out.iter_mut().zip(source).for_each(|(out, &x)| *out += weight * x.into());
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dense(map: &AxisMap) -> Vec<Vec<f64>> {
        (0..map.output())
            .map(|i| {
                let mut row = vec![0.0; map.input()];
                map.row(i).iter().for_each(|tap| row[tap.source as usize] += tap.weight);
                row
            })
            .collect()
    }

    #[test]
    fn bilinear_matches_hand_worked_rows() {
        let map = AxisMap::bilinear(2, 4);
        let expected = [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]];
        assert_eq!(dense(&map), expected.map(|r| r.to_vec()));
        assert_ne!(dense(&AxisMap::bilinear(2, 3)), dense(&map));
    }

    #[test]
    fn every_resampling_row_sums_to_one() {
        for (input, output) in [(1, 7), (7, 1), (640, 457), (457, 640), (3, 3)] {
            for map in [AxisMap::bilinear(input, output), AxisMap::area(input, output)] {
                assert_eq!((map.input(), map.output()), (input, output));
                for row in dense(&map) {
                    assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{input} → {output}");
                }
            }
        }
    }

    #[test]
    fn transposing_twice_is_the_same_map() {
        let map = AxisMap::from_sources(4, [Some(3), None, Some(3), Some(0)]);
        assert_eq!(map.transposed().transposed(), map);
        assert_eq!(map.transposed().row(3).len(), 2);
        assert!(!map.is_identity() && AxisMap::identity(4).is_identity());
    }
}
