//! Where everything in a frame was in the frame before it: dense optical flow after Lucas and
//! Kanade (1981), from coarse to fine (Bouguet 2000), with the windows' sums as box blurs.

use crate::light::Plane;

/// The coarsest planes have sides of about this many pixels.
const COARSEST: usize = 24;
/// Times that the flow is refined at each size.
const ROUNDS: usize = 3;
/// Radius of the windows in which everything is taken to move alike.
const WINDOW: usize = 4;
/// Added to the windows' squared gradients: where there is less to see, the flow of coarser sizes
/// stays.
const CALM: f32 = 20.0;
/// Most pixels by which one refinement moves the flow.
const FARTHEST: f32 = 2.0;

/// For every pixel of a frame, how far right and down of it its like was in the frame before.
pub(crate) struct Flow {
    /// Right.
    pub x: Plane,
    /// Down.
    pub y: Plane,
}

impl Flow {
    /// The flow that leads from `now` back to `before`, which have the same size.
    pub fn between(before: &Plane, now: &Plane) -> Self {
        let mut sizes = vec![(before.clone(), now.clone())];
        while let Some((before, now)) =
            sizes.last().filter(|(it, _)| it.width.min(it.height) >= 2 * COARSEST)
        {
            sizes.push((before.half(), now.half()));
        }
        let mut flow: Option<Self> = None;
        while let Some((before, now)) = sizes.pop() {
            let mut finer = match flow {
                Some(flow) => flow.doubled(now.width, now.height),
                None => Self::none(now.width, now.height),
            };
            (0..ROUNDS).for_each(|_| finer.refine(&before, &now));
            flow = Some(finer);
        }
        flow.unwrap_or_else(|| Self::none(now.width, now.height))
    }

    /// A plane of the frame before, as it lies now.
    pub fn warped(&self, plane: &Plane) -> Plane {
        let Plane { width, height, .. } = self.x;
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let moved = self.x.values.iter().zip(&self.y.values).zip(places);
        let values =
            moved.map(|((right, down), (x, y))| plane.at(x as f32 + right, y as f32 + down));
        Plane { width, height, values: values.collect() }
    }

    fn none(width: usize, height: usize) -> Self {
        Self { x: Plane::zero(width, height), y: Plane::zero(width, height) }
    }

    fn doubled(&self, width: usize, height: usize) -> Self {
        let double = |plane: &Plane| {
            let places = (0..height).flat_map(|y| (0..width).map(move |x| [x, y]));
            // The middle of a coarse pixel is the middle of four fine ones.
            let value =
                |[x, y]: [usize; 2]| 2.0 * plane.at(x as f32 / 2.0 - 0.25, y as f32 / 2.0 - 0.25);
            Plane { width, height, values: places.map(value).collect() }
        };
        Self { x: double(&self.x), y: double(&self.y) }
    }

    /// One step of Gauss and Newton in every window.
    fn refine(&mut self, before: &Plane, now: &Plane) {
        let warped = self.warped(before);
        let [gradient_x, gradient_y] = gradients(&warped, now);
        let product = |a: &[f32], b: &[f32]| {
            let values = a.iter().zip(b).map(|(a, b)| a * b).collect();
            Plane { values, ..*now }.box_blurred(WINDOW).values
        };
        let missing: Vec<f32> = now.values.iter().zip(&warped.values).map(|(a, b)| a - b).collect();
        let (xx, xy, yy) = (
            product(&gradient_x, &gradient_x),
            product(&gradient_x, &gradient_y),
            product(&gradient_y, &gradient_y),
        );
        let (xt, yt) = (product(&gradient_x, &missing), product(&gradient_y, &missing));
        for i in 0..now.values.len() {
            let (xx, yy) = (xx[i] + CALM, yy[i] + CALM);
            let determinant = xx * yy - xy[i] * xy[i];
            let right = (yy * xt[i] - xy[i] * yt[i]) / determinant;
            let down = (xx * yt[i] - xy[i] * xt[i]) / determinant;
            self.x.values[i] += right.clamp(-FARTHEST, FARTHEST);
            self.y.values[i] += down.clamp(-FARTHEST, FARTHEST);
        }
        self.x = self.x.box_blurred(WINDOW / 2);
        self.y = self.y.box_blurred(WINDOW / 2);
    }
}

/// Central differences of the mean of two planes, to the right and down.
fn gradients(one: &Plane, other: &Plane) -> [Vec<f32>; 2] {
    let Plane { width, height, .. } = *one;
    let mean = |x: usize, y: usize| (one.values[y * width + x] + other.values[y * width + x]) / 2.0;
    let places = || (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let x = places()
        .map(|(x, y)| (mean((x + 1).min(width - 1), y) - mean(x.saturating_sub(1), y)) / 2.0);
    let y = places()
        .map(|(x, y)| (mean(x, (y + 1).min(height - 1)) - mean(x, y.saturating_sub(1))) / 2.0);
    [x.collect(), y.collect()]
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Waves of several lengths, as seen from (right, down) of the usual place.
    pub fn waves(width: usize, height: usize, [right, down]: [f32; 2]) -> Plane {
        let value = |x: f32, y: f32| {
            127.0
                + 40.0 * (x / 5.0 + (y / 17.0).sin()).sin()
                + 40.0 * (y / 6.0 + (x / 23.0).cos()).sin()
                + 20.0 * ((x + y) / 31.0).cos()
        };
        let places = (0..height).flat_map(|y| (0..width).map(move |x| [x as f32, y as f32]));
        let values = places.map(|[x, y]| value(x + right, y + down)).collect();
        Plane { width, height, values }
    }

    fn mean_error(flow: &Flow, [right, down]: [f32; 2]) -> f32 {
        let Plane { width, height, .. } = flow.x;
        let inside = |i: &usize| {
            (12..width - 12).contains(&(i % width)) && (12..height - 12).contains(&(i / width))
        };
        let errors: Vec<f32> = (0..width * height)
            .filter(inside)
            .map(|i| (flow.x.values[i] - right).hypot(flow.y.values[i] - down))
            .collect();
        errors.iter().sum::<f32>() / errors.len() as f32
    }

    #[test]
    fn a_shift_is_found() {
        for shift in [[0.0, 0.0], [0.6, -0.4], [3.5, -2.25], [-9.0, 6.0]] {
            let (before, now) = (waves(160, 120, [0.0; 2]), waves(160, 120, shift));
            let error = mean_error(&Flow::between(&before, &now), shift);
            assert!(error < 0.3, "{shift:?}: off by {error} pixels");
            if shift != [0.0; 2] {
                let nothing = mean_error(&Flow::none(160, 120), shift);
                assert!(nothing > 0.7, "the control is as good: {nothing}");
            }
        }
    }

    #[test]
    fn where_there_is_nothing_to_see_nothing_moves() {
        let even = Plane { width: 60, height: 50, values: vec![80.0; 3000] };
        let flow = Flow::between(&even, &even);
        assert!(flow.x.values.iter().chain(&flow.y.values).all(|moved| *moved == 0.0));
    }

    #[test]
    fn small_pictures_are_no_trouble() {
        for (width, height) in [(1, 1), (2, 3), (1, 40)] {
            let plane = waves(width, height, [0.0; 2]);
            let flow = Flow::between(&plane, &plane);
            assert!(flow.x.values.iter().all(|moved| moved.is_finite()));
        }
    }
}
