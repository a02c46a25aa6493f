//! Pictures that keep the colours of another and take only light and dark from the dream.

/// Weights of red, green and blue in luma Y (ITU-R BT.601).
pub(crate) const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// The colours of `start` in the light of `dream`, planes of levels 0–255 both; `rgb` are the
/// indices of the planes. All channels of a pixel move alike, which keeps Cb and Cr, and only as
/// far as every one of them can.
pub(crate) fn colors_kept(dream: &[f32], start: &[f32], rgb: [usize; 3]) -> Vec<f32> {
    let plane = start.len() / 3;
    let mut levels = start.to_vec();
    for i in 0..plane {
        let of = |planes: &[f32], color: usize| planes[rgb[color] * plane + i];
        let lighter: f32 =
            (0..3).map(|color| LUMA[color] * (of(dream, color) - of(start, color))).sum();
        let pixel = [0, 1, 2].map(|color| of(start, color));
        let least = pixel.into_iter().fold(f32::INFINITY, f32::min);
        let most = pixel.into_iter().fold(f32::NEG_INFINITY, f32::max);
        let move_by = lighter.max(-least).min(255.0 - most);
        (0..3).for_each(|channel| levels[channel * plane + i] += move_by);
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_move_alike_and_stay_in_range() {
        let start = [10.0, 200.0, 100.0, 100.0, 30.0, 240.0];
        let dream = [110.0, 255.0, 200.0, 255.0, 130.0, 255.0];
        let levels = colors_kept(&dream, &start, [0, 1, 2]);
        assert_eq!(levels[0] - start[0], levels[2] - start[2]);
        assert!((levels[0] - 110.0).abs() < 1e-3, "{levels:?}");
        let moved = [0, 2, 4].map(|channel| levels[channel + 1] - start[channel + 1]);
        assert_eq!(moved, [15.0; 3], "blue is the first to be full");
    }

    #[test]
    fn luma_knows_which_plane_is_which() {
        let green_only = [0.0, 100.0, 0.0];
        let [rgb, bgr] = [[0, 1, 2], [2, 1, 0]].map(|rgb| colors_kept(&green_only, &[0.0; 3], rgb));
        assert_eq!(rgb, bgr);
        let red_in_bgr = colors_kept(&[0.0, 0.0, 100.0], &[0.0; 3], [2, 1, 0]);
        assert!((red_in_bgr[0] - 29.9).abs() < 1e-3);
    }
}
