//! Kernels around the network: image to network input, gradient to image. Images are planar,
//! `[channels, height, width]`.

use dream_graph::Preprocessing;

/// Keeps the division finite where the gradient is zero everywhere.
const EPSILON: f32 = 1e-20;

/// Network input of the image rolled by `shift` = (right, down).
pub(crate) fn roll_in(
    size: [usize; 2],
    preprocessing: &Preprocessing,
    shift: [i32; 2],
    image: &[f32],
    out: &mut [f32],
) {
    roll(size, shift, image, out, |channel, level| preprocessing.to_input(channel, level));
}

/// Gradient at the image from the gradient at the network input: rolled back, and scaled because a
/// level counts `scale` in network units.
pub(crate) fn roll_out(
    size: [usize; 2],
    preprocessing: &Preprocessing,
    [right, down]: [i32; 2],
    gradient: &[f32],
    out: &mut [f32],
) {
    roll(size, [-right, -down], gradient, out, |channel, g| g * preprocessing.scale[channel]);
}

/// Mean of absolute values, summed in double precision.
pub(crate) fn mean_abs(g: &[f32]) -> f32 {
    (g.iter().map(|g| f64::from(g.abs())).sum::<f64>() / g.len() as f64) as f32
}

/// `image + step_size · g / (mean|g| + ε)`, limited to 0–255. `image` holds the levels and behind
/// them what rounding them left over, which the next step adds first (Kahan 1965).
pub(crate) fn ascend(step_size: f32, g: &[f32], mean: f32, image: &mut [f32]) {
    let factor = step_size / (mean + EPSILON);
    let (levels, rests) = image.split_at_mut(g.len());
    for ((level, rest), g) in levels.iter_mut().zip(rests).zip(g) {
        let step = *rest + factor * g;
        let moved = *level + step;
        let limited = moved.clamp(0.0, 255.0);
        *rest = if limited == moved { step - (moved - *level) } else { 0.0 };
        *level = limited;
    }
}

fn roll(
    [height, width]: [usize; 2],
    [right, down]: [i32; 2],
    from: &[f32],
    to: &mut [f32],
    convert: impl Fn(usize, f32) -> f32,
) {
    let split = right.rem_euclid(width as i32) as usize;
    let planes = from.chunks_exact(height * width).zip(to.chunks_exact_mut(height * width));
    for (channel, (from, to)) in planes.enumerate() {
        for (y, from) in from.chunks_exact(width).enumerate() {
            let target = (y as i32 + down).rem_euclid(height as i32) as usize;
            let (wrapped, straight) = to[target * width..][..width].split_at_mut(split);
            let sources = from.iter().map(|&value| convert(channel, value));
            straight.iter_mut().chain(wrapped).zip(sources).for_each(|(to, value)| *to = value);
        }
    }
}
