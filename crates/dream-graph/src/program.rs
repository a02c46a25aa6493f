//! Everything that an engine does for one octave, as data.

use std::sync::Arc;

use crate::{
    dispatch::{Buffer, Dispatch, Source, View},
    forward::Forward,
    graph::{Graph, ValueId},
    slots,
    surface::Surface,
};

/// The work of one octave. An iteration runs, for every tile, `enter`, the forward pass of `graph`
/// from [`Buffer::NetInput`] to `saved`, `backward` and `leave`; and then `ascent`.
#[derive(Clone, Debug)]
pub struct Program {
    /// Height and width of the octave.
    pub size: [usize; 2],
    /// The windows in which the network sees the image, all of the same size.
    pub tiles: Vec<Tile>,
    /// The network at the size of a tile, cut to what `saved` needs.
    pub graph: Arc<Graph>,
    /// Forward values that the rest reads, in the order of [`Buffer::Saved`].
    pub saved: Vec<ValueId>,
    /// Buffers with a fixed place besides saved values and slots, and their elements. Those that
    /// the program before this one had too keep their contents.
    pub buffers: Vec<(Buffer, usize)>,
    /// Elements of each [`Buffer::Slot`].
    pub slots: Vec<usize>,
    /// Once, before the iterations.
    pub prologue: Vec<Dispatch>,
    /// For every tile, before the forward pass: image to network input.
    pub enter: Vec<Dispatch>,
    /// The forward pass, for engines that do not have another.
    pub forward: Forward,
    /// For every tile, behind the forward pass: seeds and gradients.
    pub backward: Vec<Dispatch>,
    /// For every tile, at its end: its gradient to the image's.
    pub leave: Vec<Dispatch>,
    /// In every iteration, at its end: gradient to image.
    pub ascent: Vec<Dispatch>,
    /// Once, after the iterations.
    pub epilogue: Vec<Dispatch>,
}

/// A window of the image, rolled by the iteration's shift, that the network sees at once. Windows
/// overlap by the network's receptive field; every position of a layer is owned by one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// What the image is the surface of.
    pub surface: Surface,
    /// Its first row and column; before the image's where its edges meet.
    pub origin: [i32; 2],
    /// First row and column of the image whose layer positions it owns.
    pub first: [u32; 2],
    /// One past the last; [`u32::MAX`] at the image's edge, if it has one.
    pub end: [u32; 2],
}

/// Whose forward pass a program uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForwardPass {
    /// Its own dispatches.
    Recorded,
    /// The engine has another, which provides [`Buffer::Saved`].
    Foreign,
}

impl Tile {
    /// The only tile of an image that is seen as a whole.
    pub const WHOLE: Self =
        Self { surface: Surface::Sheet, origin: [0; 2], first: [0; 2], end: [u32::MAX; 2] };

    /// Row and column of the image of `size` (height, width) that is seen at a row and column of
    /// the window, when the image is rolled by `shift` = (right, down).
    pub fn sees(&self, size: [usize; 2], shift: [i32; 2], at: [usize; 2]) -> [usize; 2] {
        let place = [0, 1].map(|axis| {
            i64::from(self.origin[axis]) - i64::from(shift[1 - axis]) + at[axis] as i64
        });
        self.surface.rolled(size, place)
    }
}

impl Program {
    /// The same program with slots that are never needed at the same time sharing memory. Where it
    /// uses its own forward pass, saved values are slots too; otherwise its dispatches are gone.
    pub fn placed(&self, pass: ForwardPass) -> Self {
        let mut placed = self.clone();
        if pass == ForwardPass::Foreign {
            placed.forward = Forward::default();
        }
        let Forward { saved, dispatches } = &mut placed.forward;
        let mut segments = [
            &mut placed.prologue,
            &mut placed.enter,
            dispatches,
            &mut placed.backward,
            &mut placed.leave,
            &mut placed.ascent,
            &mut placed.epilogue,
        ];
        if pass == ForwardPass::Recorded {
            let reads = segments.iter_mut().flat_map(|segment| segment.iter_mut());
            reads.flat_map(|dispatch| &mut dispatch.reads).for_each(|read| resolve(read, saved));
        }
        let mut dispatches: Vec<&mut Dispatch> =
            segments.into_iter().flat_map(|segment| segment.iter_mut()).collect();
        placed.slots = slots::assign(&mut dispatches, &placed.slots);
        placed
    }

    /// Bytes of all buffers, constants aside; of saved values too, where they are not slots.
    pub fn bytes(&self) -> u64 {
        let foreign = if self.forward.dispatches.is_empty() { self.saved.as_slice() } else { &[] };
        let saved = foreign.iter().map(|&id| self.graph.value(id).shape.iter().product());
        let elements = self.buffers.iter().map(|&(_, len)| len).chain(self.slots.iter().copied());
        elements.chain(saved).map(|len: usize| 4 * len as u64).sum()
    }

    /// Bytes of the largest buffer.
    pub fn largest_buffer(&self) -> u64 {
        let elements = self.buffers.iter().map(|&(_, len)| len).chain(self.slots.iter().copied());
        elements.max().map_or(0, |len| 4 * len as u64)
    }
}

/// Reads a saved value where the forward pass leaves it.
fn resolve(read: &mut Source, saved: &[View]) {
    if let Source::View(view) = read
        && let Buffer::Saved(index) = view.buffer
        && let Some(place) = saved.get(index)
    {
        *view = place.part(view.offset, view.len);
    }
}
