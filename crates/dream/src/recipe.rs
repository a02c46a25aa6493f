//! Records the work of one octave as a program.

use std::sync::Arc;

use dream_graph::{
    AxisMap, Buffer, Dispatch, Graph, GraphError, Kernel, Preprocessing, Program, Seed, Source,
    View, differentiate,
};

/// Where an octave stands in the ladder. Sizes are (height, width).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Octave {
    /// Its number, from 0 for the smallest.
    pub index: u32,
    /// Its size.
    pub size: [usize; 2],
    /// Size of the octave before it, if there is one.
    pub before: Option<[usize; 2]>,
    /// Size of the whole picture.
    pub full: [usize; 2],
}

/// Records an octave: base and detail in, iterations of gradient ascent, detail out.
///
/// # Errors
/// Seeds that the image does not reach.
pub fn program(
    graph: Graph,
    seeds: &[Seed],
    preprocessing: &Preprocessing,
    octave: Octave,
) -> Result<Program, GraphError> {
    let tape = differentiate(&graph, seeds)?;
    let Octave { index, size, before, full } = octave;
    let len = planes(size);
    let mut slots = tape.slots;
    slots.extend([len, 1]);
    let image_and_rest = View::whole(Buffer::Image, 2 * len);
    let (image, rest) = (image_and_rest.part(0, len), image_and_rest.part(len, len));
    let net_input = View::whole(Buffer::NetInput, len);
    let original = View::whole(Buffer::Original, planes(full));
    let detail = View::whole(Buffer::Detail(index), len);
    let scratch = View::whole(Buffer::Slot(slots.len() - 2), len);
    let mean = View::whole(Buffer::Slot(slots.len() - 1), 1);

    let base = |write| dispatch("base", resample(full, size), &[original], write);
    let mut buffers = vec![
        (Buffer::Original, original.len),
        (Buffer::Image, image_and_rest.len),
        (Buffer::NetInput, len),
        (Buffer::Detail(index), len),
    ];
    let nothing = Kernel::Fill { start: 0, end: 0, value: 0.0 };
    let mut prologue = vec![base(image), dispatch("image", nothing, &[], rest)];
    if let Some(before) = before {
        let carried = View::whole(Buffer::Detail(index - 1), planes(before));
        buffers.push((carried.buffer, carried.len));
        prologue.push(dispatch("detail", resample(before, size), &[carried], image).added());
    }
    let preprocessing = *preprocessing;
    let roll_out = Kernel::RollOut { size, preprocessing };
    Ok(Program {
        size,
        graph: Arc::new(graph),
        saved: tape.saved,
        buffers,
        slots,
        prologue,
        enter: vec![dispatch("image", Kernel::RollIn { size, preprocessing }, &[image], net_input)],
        backward: tape.dispatches,
        ascent: vec![
            dispatch("gradient", roll_out, &[tape.gradient], scratch),
            dispatch("gradient", Kernel::MeanAbs, &[scratch], mean),
            dispatch("image", Kernel::Ascend, &[scratch, mean], image_and_rest).added(),
        ],
        epilogue: vec![
            base(scratch),
            dispatch("detail", Kernel::Scale { factor: 1.0 }, &[image], detail),
            dispatch("detail", Kernel::Scale { factor: -1.0 }, &[scratch], detail).added(),
            dispatch("detail", Kernel::Scale { factor: 1.0 }, &[rest], detail).added(),
        ],
    })
}

/// Bilinear resampling of the three colour planes, as the reference dream does it.
pub(crate) fn resample(from: [usize; 2], to: [usize; 2]) -> Kernel {
    let maps = vec![
        AxisMap::identity(3),
        AxisMap::bilinear(from[0], to[0]),
        AxisMap::bilinear(from[1], to[1]),
    ];
    Kernel::Remap { maps }
}

fn planes(size: [usize; 2]) -> usize {
    3 * size[0] * size[1]
}

fn dispatch(node: &str, kernel: Kernel, reads: &[View], write: View) -> Dispatch {
    let reads = reads.iter().map(|&view| Source::View(view)).collect();
    Dispatch { node: node.to_owned(), kernel, reads, write, accumulate: false }
}

trait Added {
    /// The same dispatch, adding to what it writes.
    fn added(self) -> Self;
}

impl Added for Dispatch {
    fn added(self) -> Self {
        Self { accumulate: true, ..self }
    }
}
