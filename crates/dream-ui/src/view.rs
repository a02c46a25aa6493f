//! Which part of the picture is seen, and how large.

/// Largest magnification.
const LARGEST: f64 = 16.0;

/// A part of the picture. At scale 1 it is all of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Magnification.
    pub scale: f64,
    /// Left edge of the picture, in widths of the frame that it is seen through: 0 or less.
    pub x: f64,
    /// Top edge, in heights of the frame.
    pub y: f64,
}

impl Default for View {
    fn default() -> Self {
        Self { scale: 1.0, x: 0.0, y: 0.0 }
    }
}

impl View {
    /// Magnified by a factor around a place of the frame, both 0 to 1.
    pub fn zoomed(self, factor: f64, [x, y]: [f64; 2]) -> Self {
        let scale = (self.scale * factor).clamp(1.0, LARGEST);
        let factor = scale / self.scale;
        let kept = |edge: f64, place: f64| place - (place - edge) * factor;
        Self { scale, x: kept(self.x, x), y: kept(self.y, y) }.within()
    }

    /// Moved, in widths and heights of the frame.
    pub fn panned(self, [x, y]: [f64; 2]) -> Self {
        Self { x: self.x + x, y: self.y + y, ..self }.within()
    }

    /// Whether only a part of the picture is seen.
    pub fn is_zoomed(self) -> bool {
        self.scale > 1.0
    }

    /// The frame stays filled.
    fn within(self) -> Self {
        let least = 1.0 - self.scale;
        Self { scale: self.scale, x: self.x.clamp(least, 0.0), y: self.y.clamp(least, 0.0) }
    }
}

/// What a finger, pen or mouse does on the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// It comes down.
    Down,
    /// It moves.
    Move,
    /// It is lifted, or taken away by the browser.
    Up,
}

/// The fingers on the picture, with their places in the frame.
#[derive(Clone, Debug, Default)]
pub struct Fingers {
    down: Vec<(i32, [f64; 2])>,
}

impl Fingers {
    /// The view after a finger did something, if that changes it: two fingers pinch, one moves what
    /// is seen, unless it holds the `knob`.
    pub fn moved(
        &mut self,
        id: i32,
        at: [f64; 2],
        touch: Touch,
        knob: bool,
        view: View,
    ) -> Option<View> {
        let before = self.down.iter().position(|(finger, _)| *finger == id);
        match (touch, before) {
            (Touch::Down, None) => self.down.push((id, at)),
            (Touch::Up, Some(index)) => drop(self.down.remove(index)),
            (Touch::Move, Some(index)) => {
                let was = std::mem::replace(&mut self.down[index].1, at);
                return match self.down.as_slice() {
                    [_] if knob || !view.is_zoomed() => None,
                    [_] => Some(view.panned([at[0] - was[0], at[1] - was[1]])),
                    [(_, one), (_, two), ..] => {
                        let other = if index == 0 { two } else { one };
                        let apart = |a: [f64; 2]| (a[0] - other[0]).hypot(a[1] - other[1]);
                        let middle = [0, 1].map(|axis| (at[axis] + other[axis]) / 2.0);
                        let moved = [0, 1].map(|axis| (at[axis] - was[axis]) / 2.0);
                        let factor = apart(at) / apart(was).max(1e-3);
                        Some(view.panned(moved).zoomed(factor, middle))
                    }
                    [] => None,
                };
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let view = View::default().zoomed(2.0, [0.25, 0.75]);
        assert_eq!(view, View { scale: 2.0, x: -0.25, y: -0.75 });
        assert_eq!(view.zoomed(2.0, [0.25, 0.75]), View { scale: 4.0, x: -0.75, y: -2.25 });
    }

    #[test]
    fn the_frame_stays_filled() {
        let view = View::default().zoomed(2.0, [0.5, 0.5]);
        assert_eq!(view.panned([9.0, -9.0]), View { scale: 2.0, x: 0.0, y: -1.0 });
        assert_eq!(view.zoomed(0.1, [0.9, 0.9]), View::default());
        assert_eq!(View::default().panned([0.3, 0.3]), View::default());
        assert_eq!(View::default().zoomed(99.0, [0.0, 0.0]).scale, LARGEST);
    }

    #[test]
    fn two_fingers_pinch_and_one_moves() {
        let mut fingers = Fingers::default();
        let view = View::default();
        assert_eq!(fingers.moved(1, [0.4, 0.5], Touch::Down, false, view), None);
        assert_eq!(fingers.moved(2, [0.6, 0.5], Touch::Down, false, view), None);
        let pinched = fingers.moved(2, [0.8, 0.5], Touch::Move, false, view);
        let pinched = pinched.expect("a view");
        assert!((pinched.scale - 2.0).abs() < 1e-9, "{pinched:?}");
        fingers.moved(2, [0.8, 0.5], Touch::Up, false, pinched);
        assert_eq!(fingers.moved(1, [0.5, 0.5], Touch::Move, true, pinched), None);
        let moved = fingers.moved(1, [0.6, 0.5], Touch::Move, false, pinched).expect("a view");
        assert!((moved.x - pinched.x - 0.1).abs() < 1e-9);
    }
}
