//! The random rolls of the image, from a counter instead of a state: the same seed gives the same
//! dream on every machine, and any iteration can be reached without those before it.

/// Sets turns apart from the shifts of the same iteration.
const TURN_STREAM: u64 = 1 << 62;

/// Shift (right, down) of an iteration, each uniform in `-jitter..=jitter`.
pub fn shift(seed: u32, octave: u32, iteration: u32, jitter: u32) -> [i32; 2] {
    let range = 2 * u64::from(jitter) + 1;
    [0, 1].map(|axis| below(seed, counter(octave, iteration, axis), range) as i32 - jitter as i32)
}

/// Shift (right, down) of an iteration, each anywhere on an image of `size` (height, width).
pub(crate) fn anywhere(seed: u32, octave: u32, iteration: u32, size: [usize; 2]) -> [i32; 2] {
    [0, 1].map(|axis| {
        let side = size[1 - axis as usize] as u64;
        below(seed, counter(octave, iteration, axis), side) as i32
    })
}

/// How an iteration turns and scales the image, as
/// [`IterationParams::turn`](dream_graph::IterationParams::turn) says it: the angle is uniform in
/// ±`rotation` degrees, the factor in 1 ± `scale`.
pub(crate) fn turn(seed: u32, octave: u32, iteration: u32, scale: f32, rotation: f32) -> [f32; 2] {
    let uniform = |axis| {
        let bits = random(seed, TURN_STREAM | counter(octave, iteration, axis));
        2.0 * (bits as f32 / u32::MAX as f32) - 1.0
    };
    let (sine, cosine) = (rotation * uniform(0)).to_radians().sin_cos();
    [cosine, sine].map(|part| part / (1.0 + scale * uniform(1)))
}

/// 32 random bits, for each seed and counter their own.
pub(crate) fn random(seed: u32, counter: u64) -> u32 {
    (mix(mix(u64::from(seed)) ^ counter) >> 32) as u32
}

fn counter(octave: u32, iteration: u32, axis: u64) -> u64 {
    (u64::from(octave) << 33) | (u64::from(iteration) << 1) | axis
}

/// A random number below `end`. Multiply and shift maps 32 bits to a range without a bias worth a
/// name.
fn below(seed: u32, counter: u64, end: u64) -> u64 {
    (u64::from(random(seed, counter)) * end) >> 32
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014) behind its golden-ratio step.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_fill_their_range_evenly() {
        let mut counts = [[0u32; 7]; 2];
        for iteration in 0..7000 {
            let shift = shift(1, 2, iteration, 3);
            for (axis, value) in shift.into_iter().enumerate() {
                counts[axis][(value + 3) as usize] += 1;
            }
        }
        assert!(counts.iter().flatten().all(|&n| (850..1150).contains(&n)), "{counts:?}");
    }

    #[test]
    fn shifts_depend_on_everything_and_on_nothing_else() {
        let reference = shift(5, 1, 4, 1000);
        assert_eq!(shift(5, 1, 4, 1000), reference);
        for other in [shift(6, 1, 4, 1000), shift(5, 2, 4, 1000), shift(5, 1, 5, 1000)] {
            assert_ne!(other, reference);
        }
        assert_eq!(shift(5, 1, 4, 0), [0, 0]);
    }

    #[test]
    fn a_circle_is_rolled_anywhere() {
        let mut counts = [[0u32; 5]; 2];
        for iteration in 0..5000 {
            let [right, down] = anywhere(3, 1, iteration, [50, 10]);
            counts[0][right as usize / 2] += 1;
            counts[1][down as usize / 10] += 1;
        }
        assert!(counts.iter().flatten().all(|&n| (850..1150).contains(&n)), "{counts:?}");
    }

    #[test]
    fn turns_stay_in_their_range_and_fill_it() {
        let turns: Vec<_> = (0..4000).map(|iteration| turn(7, 0, iteration, 0.1, 10.0)).collect();
        let growth = |[cosine, sine]: &[f32; 2]| 1.0 / cosine.hypot(*sine);
        let angle = |[cosine, sine]: &[f32; 2]| sine.atan2(*cosine).to_degrees();
        for (values, middle, reach) in [
            (turns.iter().map(growth).collect::<Vec<_>>(), 1.0, 0.1),
            (turns.iter().map(angle).collect::<Vec<_>>(), 0.0, 10.0),
        ] {
            let away = values.iter().map(|value| (value - middle) / reach);
            assert!(away.clone().all(|away| away.abs() < 1.001));
            assert!(away.clone().any(|away| away > 0.99) && away.clone().any(|away| away < -0.99));
            assert!(away.sum::<f32>().abs() < 100.0);
        }
        assert_eq!(turn(7, 0, 3, 0.0, 0.0), [1.0, 0.0]);
    }

    #[test]
    fn the_sequence_is_written_down() {
        let first: Vec<_> = (0..3).map(|iteration| shift(0, 0, iteration, 32)).collect();
        assert_eq!(first, WRITTEN_DOWN);
    }

    const WRITTEN_DOWN: [[i32; 2]; 3] = [[10, -30], [22, 18], [-25, -17]];
}
