//! What draws the image back in every iteration, whatever the gradient says: total variation, norms,
//! blur. All of it is in levels of 0–255, whatever the step size; it is stable in the ranges of the
//! settings.

use dream_graph::{Binary, Buffer, Kernel, Surface, Unary, View};
use dream_protocol::{Goal, Prior};

use crate::{
    maps::{PlaneMap, surface},
    recorder::Recorder,
};

/// Differences of levels from which on total variation draws with all its force; smaller ones are
/// smoothed away instead, in proportion.
const SHARP: f64 = 8.0;
/// Levels of 0–255.
const WHITE: f32 = 255.0;
const GREY: f32 = WHITE / 2.0;
/// The power whose gradient the α-norm takes: α − 1 for the α = 6 of Mahendran and Vedaldi (2015).
const ALPHA_LESS_ONE: f32 = 5.0;

/// Whether the pull needs [`Buffer::Base`], the original at the size of the octave.
pub(crate) fn needs_base(prior: &Prior) -> bool {
    let norms = prior.l2 > 0.0 || prior.alpha_norm > 0.0;
    prior.blur > 0.0 || norms && prior.goal == Goal::Start
}

/// Records what draws an `image` of `size` (height, width) back; `None` if nothing does.
pub(crate) fn pull(
    recorder: &mut Recorder,
    prior: &Prior,
    size: [usize; 2],
    image: View,
) -> Option<View> {
    let mut pull = Pull { recorder, sum: None, surface: surface(prior.edges), size, image };
    if prior.total_variation > 0.0 {
        pull.total_variation(prior.total_variation.into());
    }
    if prior.l2 > 0.0 {
        let away = pull.away(prior.goal);
        pull.add(Kernel::Scale { factor: -prior.l2 }, away);
    }
    if prior.alpha_norm > 0.0 {
        pull.alpha_norm(prior.alpha_norm, prior.goal);
    }
    if prior.blur > 0.0 {
        pull.blur(prior.blur.into());
    }
    pull.sum
}

struct Pull<'a> {
    recorder: &'a mut Recorder,
    sum: Option<View>,
    surface: Surface,
    size: [usize; 2],
    image: View,
}

impl Pull<'_> {
    fn add(&mut self, kernel: Kernel, read: View) {
        match self.sum {
            Some(sum) => self.recorder.add(NODE, kernel, &[read], sum),
            None => self.sum = Some(self.recorder.make(NODE, kernel, &[read], self.image.len)),
        }
    }

    fn map(&mut self, map: &PlaneMap, read: View) {
        match self.sum {
            Some(sum) => map.add(self.recorder, NODE, read, sum),
            None => self.sum = Some(map.make(self.recorder, NODE, read)),
        }
    }

    fn make(&mut self, kernel: Kernel, read: View) -> View {
        self.recorder.make(NODE, kernel, &[read], self.image.len)
    }

    /// −weight · gradient of Σ SHARP · ln cosh(difference / SHARP) over all neighbours: a total
    /// variation that is smooth at 0.
    fn total_variation(&mut self, weight: f64) {
        for axis in [0, 1] {
            let map = PlaneMap::difference(self.size, axis, 1.0 / SHARP, self.surface);
            let differences = map.make(self.recorder, NODE, self.image);
            let forces = self.make(Kernel::Unary(Unary::Tanh), differences);
            self.map(&map.back(-weight * SHARP), forces);
        }
    }

    /// −weight · u⁵ for the distance u from the goal, which is 1 where it is largest.
    fn alpha_norm(&mut self, weight: f32, goal: Goal) {
        let largest = if goal == Goal::Start { WHITE } else { GREY };
        let away = self.away(goal);
        let part = self.make(Kernel::Scale { factor: 1.0 / largest }, away);
        let power = self.make(Kernel::Unary(Unary::Pow { exponent: ALPHA_LESS_ONE }), part);
        self.add(Kernel::Scale { factor: -weight * largest }, power);
    }

    /// What was added, blurred, in place of what was added.
    fn blur(&mut self, deviation: f64) {
        let added = self.away(Goal::Start);
        self.map(&PlaneMap::gaussian(self.size, deviation, self.surface), added);
        self.add(Kernel::Scale { factor: -1.0 }, added);
    }

    /// The image less the goal.
    fn away(&mut self, goal: Goal) -> View {
        let len = self.image.len;
        let goal = match goal {
            Goal::Start => View::whole(Buffer::Base, len),
            Goal::Grey => {
                let fill = Kernel::Fill { start: 0, end: 1, value: GREY };
                self.recorder.make(NODE, fill, &[], 1)
            }
        };
        let operands = [vec![len], vec![goal.len]];
        let less = Kernel::Binary { op: Binary::Sub, output: vec![len], operands };
        self.recorder.make(NODE, less, &[self.image, goal], len)
    }
}

const NODE: &str = "prior";
