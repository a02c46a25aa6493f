//! The ladder of sizes. Sizes are (height, width).

/// Sizes of the octaves, smallest first: the full size divided by powers of `scale`, rounded.
pub fn ladder(full: [usize; 2], octaves: u32, scale: f32) -> Vec<[usize; 2]> {
    (0..octaves)
        .rev()
        .map(|k| full.map(|side| rung(side, f64::from(scale).powi(k as i32))))
        .collect()
}

/// The size at which a picture is dreamed: its longest side is at most `longest`.
pub fn working_size(picture: [usize; 2], longest: usize) -> [usize; 2] {
    let side = picture[0].max(picture[1]);
    if side <= longest {
        return picture;
    }
    picture.map(|s| rung(s, side as f64 / longest as f64))
}

fn rung(side: usize, divisor: f64) -> usize {
    ((side as f64 / divisor).round() as usize).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_of_the_reference_dream() {
        assert_eq!(ladder([80, 120], 3, 1.4), [[41, 61], [57, 86], [80, 120]]);
        assert_ne!(ladder([80, 120], 3, 1.5)[0], [41, 61]);
    }

    #[test]
    fn no_rung_is_empty() {
        assert_eq!(ladder([1, 3], 4, 2.0), [[1, 1], [1, 1], [1, 2], [1, 3]]);
    }

    #[test]
    fn large_pictures_shrink_and_small_ones_stay() {
        assert_eq!(working_size([3000, 4000], 640), [480, 640]);
        assert_eq!(working_size([480, 640], 640), [480, 640]);
        assert_eq!(working_size([1, 8192], 640), [1, 640]);
    }
}
