//! Pictures too large for one pass are seen through overlapping windows.
//!
//! Every position of a layer is owned by one window, which holds all pixels that the position
//! depends on; so the sum of the windows' gradients is the gradient of the whole. Windows begin at
//! multiples of the layers' strides, so that the network's own windows fall where they would, and
//! the outermost ones end where the picture does, so that its padding is true.

use dream_graph::{ReceptiveField, Surface, Tile};

/// Windows over an image, all of the same size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tiling {
    /// Their height and width.
    pub size: [usize; 2],
    /// The windows.
    pub tiles: Vec<Tile>,
}

impl Tiling {
    /// One window that is the whole image.
    pub fn whole(size: [usize; 2]) -> Self {
        Self { size, tiles: vec![Tile::WHOLE] }
    }

    /// `counts` windows down and across for layers with these receptive fields; `None` where the
    /// image cannot be divided so often.
    pub fn new(full: [usize; 2], fields: &[ReceptiveField], counts: [usize; 2]) -> Option<Self> {
        let [rows, columns] = [0, 1].map(|axis| Spans::new(axis, full[axis], fields, counts[axis]));
        Some(Self::of(Surface::Sheet, rows?, columns?))
    }

    /// `counts` windows down and across an image whose edges meet. There is no padding: windows
    /// reach over the edges and see what lies on the other side. On a sphere they own as many rows
    /// more than there are as positions lie apart, so that it has room to be rolled downwards: each
    /// of its rows is owned at any shift, and beyond the poles what is left over.
    pub fn circular(
        full: [usize; 2],
        surface: Surface,
        fields: &[ReceptiveField],
        counts: [usize; 2],
    ) -> Option<Self> {
        let [rows, columns] = [0, 1].map(|axis| {
            let reach = Reach::new(axis, fields)?;
            let more = if surface == Surface::Sphere && axis == 0 { reach.stride } else { 0 };
            Spans::circular(full[axis] + more, reach, counts[axis])
        });
        Some(Self::of(surface, rows?, columns?))
    }

    fn of(surface: Surface, rows: Spans, columns: Spans) -> Self {
        let tiles = rows.spans.iter().flat_map(|row| {
            columns.spans.iter().map(|column| Tile {
                surface,
                origin: [row.origin, column.origin],
                first: [row.first, column.first],
                end: [row.end, column.end],
            })
        });
        Self { size: [rows.length, columns.length], tiles: tiles.collect() }
    }
}

/// By how many rows and columns an image of `size` (height, width) whose edges meet can be rolled
/// under its windows: a torus anywhere, a sphere only by the rows that they own more than it has.
pub(crate) fn room(size: [usize; 2], tiles: &[Tile]) -> [usize; 2] {
    let owned = tiles.iter().filter(|tile| tile.surface == Surface::Sphere).map(|it| it.end[0]);
    let more = owned.max().map(|end| end as usize - size[0]);
    [more.unwrap_or(size[0]), size[1]]
}

/// The windows along one axis.
struct Spans {
    length: usize,
    spans: Vec<Span>,
}

struct Span {
    origin: i32,
    first: u32,
    end: u32,
}

impl Spans {
    fn new(axis: usize, full: usize, fields: &[ReceptiveField], count: usize) -> Option<Self> {
        if count == 1 {
            let spans = vec![Span { origin: 0, first: 0, end: u32::MAX }];
            return Some(Self { length: full, spans });
        }
        let Reach { stride, before, after } = Reach::new(axis, fields)?;
        let owned = full.div_ceil(count).next_multiple_of(stride);
        if (count - 1) * owned >= full {
            return None;
        }
        // As long as a window in the middle needs to be, and ending with the image like the last.
        let least = before + owned + after;
        let length = least + (full + stride - least % stride) % stride;
        if length >= full {
            return None;
        }
        let spans = (0..count).map(|i| {
            let first = i * owned;
            Span {
                origin: first.saturating_sub(before).min(full - length) as i32,
                first: first as u32,
                end: if i + 1 == count { u32::MAX } else { (first + owned) as u32 },
            }
        });
        Some(Self { length, spans: spans.collect() })
    }

    fn circular(full: usize, reach: Reach, count: usize) -> Option<Self> {
        let Reach { stride, before, after } = reach;
        let owned = full.div_ceil(count).next_multiple_of(stride);
        if count > 1 && (count - 1) * owned >= full {
            return None;
        }
        let spans = (0..count).map(|i| Span {
            origin: (i * owned) as i32 - before as i32,
            first: (i * owned) as u32,
            end: ((i + 1) * owned).min(full) as u32,
        });
        Some(Self { length: before + owned + after, spans: spans.collect() })
    }
}

/// How far positions see, and how far they lie apart.
struct Reach {
    stride: usize,
    before: usize,
    after: usize,
}

impl Reach {
    /// Of layers with these receptive fields; margins are multiples of the stride. `None` of none.
    fn new(axis: usize, fields: &[ReceptiveField]) -> Option<Self> {
        let strides = fields.iter().map(|field| field.stride[axis]);
        let stride = strides.fold(1, least_common_multiple);
        let margin = |reach: i64| (reach.max(0) as usize).next_multiple_of(stride);
        let before = fields.iter().map(|field| margin(-field.first[axis])).max()?;
        let after = fields.iter().map(|field| margin(field.last[axis])).max()?;
        Some(Self { stride, before, after })
    }
}

fn least_common_multiple(a: usize, b: usize) -> usize {
    let (mut divisor, mut rest) = (a, b);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    a / divisor * b
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: ReceptiveField =
        ReceptiveField { stride: [16; 2], first: [-90; 2], last: [100; 2] };

    #[test]
    fn every_position_has_one_window_that_holds_its_field() {
        for full in [600, 601, 615, 1024, 2000] {
            let Some(spans) = Spans::new(0, full, &[FIELD], 3) else { continue };
            for position in 0..full.div_ceil(16) {
                let pixel = 16 * position as u32;
                let mut owners = spans.spans.iter().filter(|s| (s.first..s.end).contains(&pixel));
                let (owner, other) = (owners.next(), owners.next());
                assert!(other.is_none());
                let origin = owner.map_or(-1, |span| i64::from(span.origin));
                assert_eq!(origin % 16, 0, "{full}");
                let first = (i64::from(pixel) - 90).max(0);
                let last = (i64::from(pixel) + 100).min(full as i64 - 1);
                assert!(origin <= first && last < origin + spans.length as i64, "{full} {pixel}");
            }
            assert_eq!(spans.spans.last().map(|s| s.origin as usize + spans.length), Some(full));
        }
    }

    #[test]
    fn windows_reach_round_an_image_whose_edges_meet() {
        for (full, count) in [(100, 1), (601, 3), (1024, 4)] {
            let reach = Reach::new(0, &[FIELD]);
            let Some(spans) = reach.and_then(|reach| Spans::circular(full, reach, count)) else {
                panic!("{full} is not divided")
            };
            for pixel in (0..full as u32).step_by(16) {
                let mut owners = spans.spans.iter().filter(|s| (s.first..s.end).contains(&pixel));
                let origin = owners.next().map_or(1, |span| span.origin);
                assert!(owners.next().is_none() && origin % 16 == 0);
                let (first, last) = (pixel as i32 - 90, pixel as i32 + 100);
                assert!(origin <= first && last < origin + spans.length as i32, "{full} {pixel}");
            }
            assert_eq!(spans.spans.last().map(|span| span.end), Some(full as u32));
        }
        assert!(Tiling::circular([64, 64], Surface::Torus, &[], [1, 1]).is_none());
    }

    #[test]
    fn a_sphere_has_room_to_be_rolled() {
        for (height, counts) in [(300, [1, 1]), (303, [2, 3]), (320, [3, 1])] {
            let size = [height, 600];
            let sphere = |surface| Tiling::circular(size, surface, &[FIELD], counts);
            let tiles = sphere(Surface::Sphere).map(|it| it.tiles).unwrap_or_default();
            assert_eq!(tiles.len(), counts[0] * counts[1]);
            let [rows, columns] = room(size, &tiles);
            assert_eq!([rows, columns], [16, 600]);
            for shift in 0..rows as i64 {
                let positions = |tile: &Tile| (tile.first[0]..tile.end[0]).step_by(16);
                let seen = tiles.iter().filter(|tile| tile.first[1] == 0).flat_map(positions);
                let seen: Vec<_> = seen.map(|row| i64::from(row) - shift).collect();
                assert!(seen.windows(2).all(|pair| pair[1] - pair[0] == 16), "{seen:?}");
                let (first, last) = (seen[0], seen[seen.len() - 1]);
                assert!(first <= 0 && last + 16 >= height as i64, "{height}, {shift}: {seen:?}");
            }
            let torus = sphere(Surface::Torus).map(|it| room(size, &it.tiles));
            assert_eq!(torus, Some(size));
        }
    }

    #[test]
    fn an_image_smaller_than_its_margins_is_not_divided() {
        assert!(Tiling::new([200, 2000], &[FIELD], [2, 3]).is_none());
        assert_eq!(Tiling::new([200, 2000], &[FIELD], [1, 3]).map(|t| t.tiles.len()), Some(3));
    }

    #[test]
    fn strides_of_several_layers_are_all_kept() {
        assert_eq!(least_common_multiple(12, 8), 24);
        let fine = ReceptiveField { stride: [4; 2], first: [-9; 2], last: [9; 2] };
        let tiling = Tiling::new([900, 900], &[FIELD, fine], [2, 2]);
        assert!(tiling.is_some_and(|t| t.tiles.iter().all(|t| t.origin[0] % 16 == 0)));
    }
}
