//! Where the positions of a layer lie on the image, whatever its turn and roll and the tile.

use crate::{dispatch::IterationParams, program::Tile, surface::Surface};

/// A layer over the image that a tile is a window of. Pairs are (vertical, horizontal).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerGrid {
    /// Height and width of the image.
    pub image: [usize; 2],
    /// Rows and columns of the whole layer.
    pub whole: [usize; 2],
    /// Pixels from one row or column to the next.
    pub stride: [usize; 2],
    /// Rows and columns of the layer in a tile.
    pub size: [usize; 2],
}

impl LayerGrid {
    /// Row and column of the tile's layer that see a pixel of the image; `None` if the tile does
    /// not own them, or the pixel is out of sight.
    pub fn position(
        &self,
        place: [usize; 2],
        params: &IterationParams,
        tile: &Tile,
    ) -> Option<[usize; 2]> {
        let place = inverse(params.turn, self.image, place.map(|pixel| pixel as f32));
        let [row, column] = [0, 1].map(|axis| {
            let pixel = (place[axis] + 0.5).floor() as i64;
            let inside = (0..self.image[axis] as i64).contains(&pixel);
            let moved = pixel + i64::from(params.shift[1 - axis]);
            let position = match tile.surface {
                Surface::Sphere if axis == 0 => moved as usize / self.stride[0],
                _ => {
                    let rolled = moved.rem_euclid(self.image[axis] as i64) as usize;
                    (rolled / self.stride[axis]).min(self.whole[axis] - 1)
                }
            };
            let pixel = position * self.stride[axis];
            let owned = (tile.first[axis] as usize..tile.end[axis] as usize).contains(&pixel);
            let own = (pixel.wrapping_sub(tile.origin[axis] as usize)) / self.stride[axis];
            (inside && owned && own < self.size[axis]).then_some(own)
        });
        Some([row?, column?])
    }

    /// Which of `cells` equal parts of the image, counted row by row, a position of the tile's
    /// layer sees; at the edge, if it sees beyond.
    pub fn cell(
        &self,
        position: [usize; 2],
        cells: [usize; 2],
        params: &IterationParams,
        tile: &Tile,
    ) -> usize {
        let pixel = [0, 1].map(|axis| position[axis] * self.stride[axis]);
        let seen = tile.sees(self.image, params.shift, pixel);
        let seen = turned(params.turn, self.image, seen.map(|pixel| pixel as f32));
        let [row, column] = [0, 1].map(|axis| {
            let pixel = (seen[axis] + 0.5).floor().clamp(0.0, self.image[axis] as f32 - 1.0);
            pixel as usize * cells[axis] / self.image[axis]
        });
        row * cells[1] + column
    }
}

/// Where on an image of `size` (height, width) a pixel of the turned image comes from.
pub fn turned([cosine, sine]: [f32; 2], size: [usize; 2], [y, x]: [f32; 2]) -> [f32; 2] {
    let middle = size.map(|side| (side as f32 - 1.0) / 2.0);
    let (y, x) = (y - middle[0], x - middle[1]);
    [middle[0] + sine * x + cosine * y, middle[1] + cosine * x - sine * y]
}

/// Where on the turned image a pixel of the image comes to lie.
pub fn inverse([cosine, sine]: [f32; 2], size: [usize; 2], place: [f32; 2]) -> [f32; 2] {
    let square = cosine * cosine + sine * sine;
    turned([cosine / square, -sine / square], size, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: LayerGrid =
        LayerGrid { image: [64, 60], whole: [8, 8], stride: [8; 2], size: [8; 2] };

    #[test]
    fn a_place_moves_with_the_roll_and_wraps() {
        let at = |place, shift| {
            let params = IterationParams { shift: [shift, 0], ..IterationParams::STILL };
            GRID.position([0, place], &params, &Tile::WHOLE).map(|[_, column]| column)
        };
        assert_eq!(at(0, 0), Some(0));
        assert_eq!(at(20, 0), Some(2));
        assert_eq!(at(20, 8), Some(3));
        assert_eq!(at(20, -24), Some(7), "60 − 4 pixels");
        assert_eq!(at(59, 0), Some(7));
    }

    #[test]
    fn one_of_two_tiles_owns_a_place() {
        let left = Tile { end: [u32::MAX, 32], ..Tile::WHOLE };
        let right = Tile { origin: [0, 16], first: [0, 32], ..Tile::WHOLE };
        let grid = LayerGrid { size: [8, 6], ..GRID };
        for (place, expected) in
            [(30, (Some(3), None)), (33, (None, Some(2))), (59, (None, Some(5)))]
        {
            let found = [left, right].map(|tile| {
                let at = grid.position([0, place], &IterationParams::STILL, &tile);
                at.map(|[_, column]| column)
            });
            assert_eq!((found[0], found[1]), expected, "{place}");
        }
    }

    #[test]
    fn cells_are_those_of_the_image_at_rest() {
        let cell = |position, shift| {
            let params = IterationParams { shift: [0, shift], ..IterationParams::STILL };
            GRID.cell([position, 0], [4, 1], &params, &Tile::WHOLE)
        };
        assert_eq!([0, 2, 7].map(|position| cell(position, 0)), [0, 1, 3]);
        assert_eq!(cell(2, 16), 0);
        assert_eq!(cell(0, 16), 3, "it wraps");
    }

    #[test]
    fn a_sphere_is_seen_over_its_poles() {
        // 16 rows above the picture, and windows that own 8 rows more than it has.
        let tile =
            Tile { surface: Surface::Sphere, origin: [-16, 0], first: [0; 2], end: [72, 60] };
        let cell = |row, shift| {
            let params = IterationParams { shift: [0, shift], ..IterationParams::STILL };
            GRID.cell([row, 0], [8, 2], &params, &tile)
        };
        assert_eq!([0, 1, 2, 9].map(|row| cell(row, 0)), [3, 1, 0, 14]);
        assert_eq!([10, 11].map(|row| cell(row, 0)), [15, 13], "beyond the other pole");
        assert_eq!(cell(2, 3), 1, "the shift brings the pole into sight");
        let grid = LayerGrid { size: [12, 8], ..GRID };
        let row = |place, shift| {
            let params = IterationParams { shift: [0, shift], ..IterationParams::STILL };
            grid.position([place, 0], &params, &tile).map(|[row, _]| row)
        };
        assert_eq!([row(0, 0), row(63, 0), row(63, 7)], [Some(2), Some(9), Some(10)]);
    }

    #[test]
    fn a_place_is_where_the_turned_image_shows_it() {
        let quarter = IterationParams { turn: [0.0, 1.0], ..IterationParams::STILL };
        let square = LayerGrid { image: [64; 2], ..GRID };
        let at = |place| square.position(place, &quarter, &Tile::WHOLE);
        assert_eq!(at([0, 63]), Some([0, 0]));
        assert_eq!(at([63, 63]), Some([0, 7]));
        let cell = |position| square.cell(position, [8, 8], &quarter, &Tile::WHOLE);
        assert_eq!([cell([0, 0]), cell([0, 7])], [7, 7 + 7 * 8]);
        let shrunk = IterationParams { turn: [0.5, 0.0], ..IterationParams::STILL };
        assert_eq!(square.position([0, 0], &shrunk, &Tile::WHOLE), None, "out of sight");
    }

    #[test]
    fn turning_back_leads_to_the_same_place() {
        let place = [3.0, 41.0];
        let back = inverse([0.8, -0.4], [30, 50], turned([0.8, -0.4], [30, 50], place));
        assert!(back.iter().zip(place).all(|(a, e)| (a - e).abs() < 1e-4), "{back:?}");
    }
}
