//! Where the positions of a layer lie on the image, whatever its roll and the tile.

use crate::program::Tile;

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
    /// The row or column of the tile's layer that sees pixel `place` of the image, which is rolled
    /// by `shift`; `None` if the tile does not own it.
    pub fn position(&self, axis: usize, place: usize, shift: i32, tile: &Tile) -> Option<usize> {
        let rolled = rolled(place as i64 + i64::from(shift), self.image[axis]);
        let position = (rolled / self.stride[axis]).min(self.whole[axis] - 1);
        let pixel = position * self.stride[axis];
        let owned = (tile.first[axis] as usize..tile.end[axis] as usize).contains(&pixel);
        let own = (pixel.wrapping_sub(tile.origin[axis] as usize)) / self.stride[axis];
        (owned && own < self.size[axis]).then_some(own)
    }

    /// Which of `cells` equal parts of the image, before it was rolled by `shift`, row or column
    /// `position` of the tile's layer sees.
    pub fn cell(
        &self,
        axis: usize,
        position: usize,
        cells: usize,
        shift: i32,
        tile: &Tile,
    ) -> usize {
        let pixel = i64::from(tile.origin[axis]) + (position * self.stride[axis]) as i64;
        rolled(pixel - i64::from(shift), self.image[axis]) * cells / self.image[axis]
    }
}

fn rolled(pixel: i64, length: usize) -> usize {
    pixel.rem_euclid(length as i64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: LayerGrid =
        LayerGrid { image: [64, 60], whole: [8, 8], stride: [8; 2], size: [8; 2] };

    #[test]
    fn a_place_moves_with_the_roll_and_wraps() {
        let at = |place, shift| GRID.position(1, place, shift, &Tile::WHOLE);
        assert_eq!(at(0, 0), Some(0));
        assert_eq!(at(20, 0), Some(2));
        assert_eq!(at(20, 8), Some(3));
        assert_eq!(at(20, -24), Some(7), "60 − 4 pixels");
        assert_eq!(at(59, 0), Some(7));
    }

    #[test]
    fn one_of_two_tiles_owns_a_place() {
        let left = Tile { origin: [0, 0], first: [0, 0], end: [u32::MAX, 32] };
        let right = Tile { origin: [0, 16], first: [0, 32], end: [u32::MAX; 2] };
        let grid = LayerGrid { size: [8, 6], ..GRID };
        for (place, expected) in
            [(30, (Some(3), None)), (33, (None, Some(2))), (59, (None, Some(5)))]
        {
            let found = [left, right].map(|tile| grid.position(1, place, 0, &tile));
            assert_eq!((found[0], found[1]), expected, "{place}");
        }
    }

    #[test]
    fn cells_are_those_of_the_image_at_rest() {
        let cell = |position, shift| GRID.cell(0, position, 4, shift, &Tile::WHOLE);
        assert_eq!([0, 2, 7].map(|position| cell(position, 0)), [0, 1, 3]);
        assert_eq!(cell(2, 16), 0);
        assert_eq!(cell(0, 16), 3, "it wraps");
    }
}
