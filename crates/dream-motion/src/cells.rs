//! A picture as a grid of cells, each with the light and the red that it sends, to watch how they
//! change.

use dream_protocol::Picture;

/// Cells across and down.
pub(crate) const GRID: usize = 24;

/// Means over one cell of what WCAG 2.2 measures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cell {
    /// Relative luminance, 0 to 1.
    pub luminance: f32,
    /// (R − G − B) · 320 of the linear colours, at least 0.
    pub red: f32,
    /// Whether red makes up at least 0.8 of the linear colours.
    pub saturated: bool,
}

/// The cells of a picture, row by row. A picture with fewer pixels than cells has empty ones.
pub(crate) fn cells(picture: &Picture) -> Vec<Cell> {
    let linear = linear_levels();
    let [width, height] = [picture.width, picture.height].map(|side| side as usize);
    let mut sums = vec![[0.0f32; 4]; GRID * GRID];
    for (i, pixel) in picture.rgba.chunks_exact(4).enumerate() {
        let (x, y) = (i % width, i / width);
        let sum = &mut sums[y * GRID / height * GRID + x * GRID / width];
        (0..3).for_each(|c| sum[c] += linear[usize::from(pixel[c])]);
        sum[3] += 1.0;
    }
    let cell = |[r, g, b, count]: [f32; 4]| {
        let [r, g, b] = [r, g, b].map(|sum| sum / count.max(1.0));
        Cell {
            luminance: 0.2126 * r + 0.7152 * g + 0.0722 * b,
            red: (320.0 * (r - g - b)).max(0.0),
            saturated: r > 0.0 && r >= 0.8 * (r + g + b),
        }
    };
    sums.into_iter().map(cell).collect()
}

/// sRGB levels as linear light, 0 to 1.
fn linear_levels() -> [f32; 256] {
    std::array::from_fn(|level| {
        let c = level as f32 / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_and_red_are_measured_per_cell() {
        let pixels = (0..48 * 48)
            .flat_map(|i| if i % 48 < 24 { [255, 255, 255, 255] } else { [255, 0, 0, 255] });
        let cells = cells(&Picture { width: 48, height: 48, rgba: pixels.collect() });
        assert!((cells[0].luminance - 1.0).abs() < 1e-4 && !cells[0].saturated);
        let red = cells[GRID - 1];
        assert!((red.luminance - 0.2126).abs() < 1e-4 && red.saturated && red.red == 320.0);
    }

    #[test]
    fn pictures_smaller_than_the_grid_are_no_trouble() {
        let cells = cells(&Picture { width: 1, height: 2, rgba: vec![255; 8] });
        assert_eq!(cells.iter().filter(|cell| cell.luminance > 0.9).count(), 2);
    }
}
