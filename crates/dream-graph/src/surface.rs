//! What an image is the surface of: where a place lies on it that is beyond its edges.

/// What an image is the surface of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surface {
    /// A sheet: there is nothing beyond its edges. When it is rolled, it is a torus for as long.
    #[default]
    Sheet,
    /// A torus: beyond an edge lies the opposite one.
    Torus,
    /// A sphere, by longitude and latitude: left and right meet, and beyond a pole, the first or
    /// last row, lie the same rows again, from the pole on, half the width further. Half an odd
    /// width is rounded down.
    Sphere,
}

impl Surface {
    /// Row and column of the image of `size` (height, width) at a row and column anywhere; `None`
    /// beyond a sheet.
    pub fn place(self, size: [usize; 2], at: [i64; 2]) -> Option<[usize; 2]> {
        let place = self.rolled(size, at);
        (self != Self::Sheet || place.map(|place| place as i64) == at).then_some(place)
    }

    /// The same for an image that is rolled.
    pub fn rolled(self, size: [usize; 2], [mut row, mut column]: [i64; 2]) -> [usize; 2] {
        let [height, width] = size.map(|side| side as i64);
        let beyond_a_pole = row.div_euclid(height).rem_euclid(2) == 1;
        row = row.rem_euclid(height);
        if self == Self::Sphere && beyond_a_pole {
            row = height - 1 - row;
            column += width / 2;
        }
        [row, column.rem_euclid(width)].map(|place| place as usize)
    }

    /// The inverse of [`place`](Self::place): where a pixel lies on the copy of the image that is
    /// so many heights down and widths to the right.
    pub fn copy(self, size: [usize; 2], pixel: [usize; 2], copy: [i64; 2]) -> [i64; 2] {
        let [height, width] = size.map(|side| side as i64);
        let [mut row, mut column] = pixel.map(|place| place as i64);
        if self == Self::Sphere && copy[0].rem_euclid(2) == 1 {
            row = height - 1 - row;
            column -= width / 2;
        }
        [row + copy[0] * height, column + copy[1] * width]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_surface_has_its_own_neighbours() {
        let at = |surface: Surface, place| surface.place([4, 6], place);
        for surface in [Surface::Sheet, Surface::Torus, Surface::Sphere] {
            assert_eq!(at(surface, [3, 5]), Some([3, 5]));
        }
        let beyond = [[-1, 1], [4, 5], [0, 6], [-5, -1], [9, 0]];
        assert_eq!(beyond.map(|place| at(Surface::Sheet, place)), [None; 5]);
        let torus = [[3, 1], [0, 5], [0, 0], [3, 5], [1, 0]];
        assert_eq!(beyond.map(|place| at(Surface::Torus, place)), torus.map(Some));
        let sphere = [[0, 4], [3, 2], [0, 0], [3, 5], [1, 0]];
        assert_eq!(beyond.map(|place| at(Surface::Sphere, place)), sphere.map(Some));
    }

    #[test]
    fn a_pixel_is_found_again_on_each_of_its_copies() {
        for size in [[4, 6], [3, 7]] {
            let pixel = [1, 5];
            for copy in [[0, 0], [1, 0], [-1, 2], [2, -1], [-3, 1]] {
                for surface in [Surface::Torus, Surface::Sphere] {
                    let place = surface.copy(size, pixel, copy);
                    assert_eq!(surface.place(size, place), Some(pixel), "{surface:?} {copy:?}");
                    let beside = [place[0], place[1] + 1];
                    assert_ne!(surface.place(size, beside), Some(pixel));
                }
            }
        }
    }
}
