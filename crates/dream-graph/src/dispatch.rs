//! Work on device memory: buffers, views of them, and one use of a kernel.

use std::sync::Arc;

use crate::kernel::Kernel;

/// What makes iterations of one octave differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IterationParams {
    /// Roll of the image before the network sees it: pixels (right, down). A sphere's poles stay
    /// where they are: it is moved down only by what its tiles own more rows than it has.
    pub shift: [i32; 2],
    /// Mean change of a pixel, in levels of 0–255.
    pub step_size: f32,
    /// How the image is turned and scaled about its middle before the network sees it: cosine and
    /// sine of the angle, each over the factor by which the image grows. `[1, 0]` does nothing.
    pub turn: [f32; 2],
    /// Standard deviation of [`Kernel::Smooth`] in pixels; other kernels do not look at it.
    pub smoothing: f32,
    /// Step of [`Kernel::Adam`], corrected for the bias of its first moments.
    pub rate: f32,
    /// Its number in the octave, from 0.
    pub iteration: u32,
    /// Whether [`Kernel::Redirect`] may let anything pass.
    pub redirects: bool,
}

impl IterationParams {
    /// Nothing moves.
    pub const STILL: Self = Self {
        shift: [0; 2],
        step_size: 0.0,
        turn: [1.0, 0.0],
        smoothing: 0.0,
        rate: 0.0,
        iteration: 0,
        redirects: false,
    };
}

/// A place in device memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Buffer {
    /// The picture at working size, planar levels 0–255 in the network's channel order; kept from
    /// octave to octave.
    Original,
    /// What an octave added to its base; kept until the next octave has read it.
    Detail(u32),
    /// The original at the size of the octave.
    Base,
    /// How far the octave may change each pixel, 0 to 1; behind it, 1 where that is not 0.
    Mask,
    /// The image that climbs: planar levels, and behind them as many elements with what rounding
    /// the levels left over. Ascent is a sum of small steps; without the rest, single precision
    /// would lose their ends.
    Image,
    /// What the network reads.
    NetInput,
    /// A forward value that the backward pass needs: index into [`Program::saved`](crate::Program).
    Saved(usize),
    /// Scratch, reused by liveness: index into [`Program::slots`](crate::Program).
    Slot(usize),
    /// The gradient at the image, summed over the tiles.
    Gradient,
    /// A layer's values, kept for whoever asks for them.
    Activation,
    /// What an objective aims at, computed before the dream: a guide's activation, a direction, a
    /// mask.
    Target(usize),
    /// The value of every objective in the iteration under way, summed over the tiles.
    Scores,
    /// The scores of the last [`CURVE`](crate::CURVE) iterations, one row each.
    Curve,
    /// The spectrum of an image that climbs in Fourier space, and behind it as many elements for
    /// each of Adam's two moments.
    Spectrum,
    /// What the image was when the octave began, and behind it the logits of its levels.
    Anchor,
}

/// A range of a buffer, in elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The buffer.
    pub buffer: Buffer,
    /// First element.
    pub offset: usize,
    /// Number of elements.
    pub len: usize,
}

/// An operand of a dispatch.
#[derive(Clone, Debug)]
pub enum Source {
    /// Device memory.
    View(View),
    /// A constant of the network.
    Constant(Arc<[f32]>),
}

/// One use of a kernel.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// The operator node that it belongs to, for messages.
    pub node: String,
    /// What to do.
    pub kernel: Kernel,
    /// Operands in the kernel's order.
    pub reads: Vec<Source>,
    /// Where to.
    pub write: View,
    /// Whether to add to what is there instead of replacing it.
    pub accumulate: bool,
}

impl View {
    /// All of a buffer of `len` elements.
    pub fn whole(buffer: Buffer, len: usize) -> Self {
        Self { buffer, offset: 0, len }
    }

    /// A part of this view.
    pub fn part(self, offset: usize, len: usize) -> Self {
        Self { offset: self.offset + offset, len, ..self }
    }
}
