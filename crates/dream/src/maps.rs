//! The sparse maps along an axis that resampling and priors are made of. An axis ends, or it is a
//! circle: then what leaves it on one side comes in on the other.

use dream_graph::{AxisMap, Kernel, Surface, Tap};
use dream_protocol::Edges;

/// What images with these edges are the surface of.
pub(crate) fn surface(edges: Edges) -> Surface {
    match edges {
        Edges::Plain => Surface::Sheet,
        Edges::Tileable => Surface::Torus,
        Edges::Panorama => Surface::Sphere,
    }
}

/// Whether an axis of an image is a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// They end.
    End,
    /// They are circles.
    Wrap,
}

impl Edge {
    /// Of the rows and of the columns of an image. What goes on beyond the poles of a panorama lies
    /// on other columns; maps along an axis end there.
    pub fn of(edges: Edges) -> [Self; 2] {
        match edges {
            Edges::Plain => [Self::End; 2],
            Edges::Tileable => [Self::Wrap; 2],
            Edges::Panorama => [Self::End, Self::Wrap],
        }
    }
}

/// Bilinear resampling of the three colour planes, as the reference dream does it.
pub(crate) fn resample(from: [usize; 2], to: [usize; 2], edges: [Edge; 2]) -> Kernel {
    Kernel::Remap { maps: resampling(from, to, edges).into() }
}

/// The maps of [`resample`].
pub(crate) fn resampling(from: [usize; 2], to: [usize; 2], edges: [Edge; 2]) -> [AxisMap; 3] {
    let [rows, columns] = [0, 1].map(|axis| match edges[axis] {
        Edge::End => AxisMap::bilinear(from[axis], to[axis]),
        Edge::Wrap => circular_bilinear(from[axis], to[axis]),
    });
    [AxisMap::identity(3), rows, columns]
}

/// A map of rows and one of columns for all three colour planes.
pub(crate) fn colors([rows, columns]: [AxisMap; 2]) -> Kernel {
    Kernel::Remap { maps: vec![AxisMap::identity(3), rows, columns] }
}

/// Bilinear interpolation with half-pixel centres on a circle.
fn circular_bilinear(input: usize, output: usize) -> AxisMap {
    let scale = input as f64 / output as f64;
    let rows = (0..output).map(|i| {
        let position = (i as f64 + 0.5) * scale - 0.5;
        let low = position.floor();
        let tap = |place: f64, weight| Tap { source: around(place as i64, input), weight };
        let fraction = position - low;
        let high = (fraction > 0.0).then(|| tap(low + 1.0, fraction));
        [Some(tap(low, 1.0 - fraction)), high].into_iter().flatten()
    });
    AxisMap::from_rows(input, rows)
}

/// Every second position, smoothed by (1, 4, 6, 4, 1) / 16: a step down Burt and Adelson's pyramid,
/// placed as TensorFlow's strided convolutions with padding `SAME`, zero beyond the ends.
pub(crate) fn halving(input: usize, edge: Edge) -> AxisMap {
    const WEIGHTS: [f64; 5] = [1.0, 4.0, 6.0, 4.0, 1.0];
    let output = input.div_ceil(2);
    let before = (2 * (output - 1) + WEIGHTS.len()).saturating_sub(input) / 2;
    let rows = (0..output).map(|i| {
        WEIGHTS.into_iter().enumerate().filter_map(move |(k, weight)| {
            let place = (2 * i + k) as i64 - before as i64;
            let inside = edge == Edge::Wrap || (0..input as i64).contains(&place);
            inside.then(|| Tap { source: around(place, input), weight: weight / 16.0 })
        })
    });
    AxisMap::from_rows(input, rows)
}

/// The next position less this one, times a factor; nothing behind the last.
pub(crate) fn difference(length: usize, factor: f64, edge: Edge) -> AxisMap {
    let rows = (0..length).map(|i| {
        let next = (edge == Edge::Wrap || i + 1 < length).then(|| {
            let tap = |place: usize, weight| Tap { source: around(place as i64, length), weight };
            [tap(i, -factor), tap(i + 1, factor)]
        });
        next.into_iter().flatten()
    });
    AxisMap::from_rows(length, rows)
}

/// Gaussian of three standard deviations to either side, normalised; beyond the ends lie the last
/// positions.
pub(crate) fn gaussian(length: usize, deviation: f64, edge: Edge) -> AxisMap {
    let radius = (3.0 * deviation).ceil() as i64;
    let weight = |away: i64| (-0.5 * (away as f64 / deviation.max(1e-9)).powi(2)).exp();
    let sum: f64 = (-radius..=radius).map(weight).sum();
    let rows = (0..length as i64).map(|i| {
        (-radius..=radius).map(move |away| {
            let place = match edge {
                Edge::End => (i + away).clamp(0, length as i64 - 1),
                Edge::Wrap => i + away,
            };
            Tap { source: around(place, length), weight: weight(away) / sum }
        })
    });
    AxisMap::from_rows(length, rows)
}

/// The same map with all weights multiplied.
pub(crate) fn multiplied(map: &AxisMap, factor: f64) -> AxisMap {
    let rows = (0..map.output()).map(|i| map.row(i).iter().copied());
    let scaled = |tap: Tap| Tap { weight: factor * tap.weight, ..tap };
    AxisMap::from_rows(map.input(), rows.map(|row| row.map(scaled)))
}

/// A position on a circle.
fn around(place: i64, length: usize) -> u32 {
    place.rem_euclid(length as i64) as u32
}

#[cfg(test)]
mod tests {
    use dream_graph::remap;

    use super::*;

    fn applied(map: &AxisMap, x: &[f32]) -> Vec<f32> {
        remap(std::slice::from_ref(map), x)
    }

    #[test]
    fn circles_have_no_first_position() {
        let x = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0];
        let turned = [4.0, 1.0, 5.0, 9.0, 3.0, 1.0];
        type Make = fn(usize, Edge) -> AxisMap;
        let makes: [Make; 3] = [
            |length, edge| gaussian(length, 1.2, edge),
            |length, edge| difference(length, 1.0, edge),
            halving,
        ];
        for make in makes {
            let turns = |edge| {
                let map = make(6, edge);
                let mut expected = applied(&map, &x);
                let turn = 2 * expected.len() / 6;
                expected.rotate_left(turn);
                let actual = applied(&map, &turned);
                actual.iter().zip(&expected).all(|(a, e)| (a - e).abs() < 1e-5)
            };
            assert!(turns(Edge::Wrap) && !turns(Edge::End));
        }
        let up = applied(&circular_bilinear(3, 6), &[0.0, 3.0, 6.0]);
        assert_eq!(up, [1.5, 0.75, 2.25, 3.75, 5.25, 4.5]);
    }

    #[test]
    fn gaussians_keep_means_and_flatten() {
        for edge in [Edge::End, Edge::Wrap] {
            let map = gaussian(9, 0.8, edge);
            assert!(applied(&map, &[7.0; 9]).iter().all(|level| (level - 7.0).abs() < 1e-5));
            let spike = applied(&map, &[0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
            assert!(spike[4] < 0.6 && (spike.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
        assert!(gaussian(5, 0.0, Edge::End).is_identity());
    }
}
