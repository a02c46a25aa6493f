//! Records the work of one octave as a program.

use std::sync::Arc;

use dream_graph::{
    AxisMap, Buffer, Dispatch, Graph, GraphError, Kernel, Preprocessing, Program, Seed, Source,
    Tile, View, differentiate, forward,
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

/// Records an octave: base and detail in, iterations of gradient ascent, detail out. `graph` is the
/// network at the size of a tile.
///
/// # Errors
/// Seeds that the image does not reach.
pub fn program(
    graph: Graph,
    seeds: &[Seed],
    preprocessing: &Preprocessing,
    octave: Octave,
    tiles: Vec<Tile>,
) -> Result<Program, GraphError> {
    let mut tape = differentiate(&graph, seeds)?;
    let forward = forward(&graph, &tape.saved, &mut tape.slots)?;
    let Octave { index, size, before, full } = octave;
    let (len, window) = (planes(size), tile_size(&graph));
    let mut slots = tape.slots;
    slots.extend([len, len, 1]);
    let slot = |from_end: usize, len| View::whole(Buffer::Slot(slots.len() - from_end), len);
    let (summed, base_again, mean) = (slot(3, len), slot(2, len), slot(1, 1));
    let image_and_rest = View::whole(Buffer::Image, 2 * len);
    let (image, rest) = (image_and_rest.part(0, len), image_and_rest.part(len, len));
    let net_input = View::whole(Buffer::NetInput, planes(window));
    let original = View::whole(Buffer::Original, planes(full));
    let detail = View::whole(Buffer::Detail(index), len);

    let base = |write| dispatch("base", resample(full, size), &[original], write);
    let nothing = || Kernel::Fill { start: 0, end: 0, value: 0.0 };
    let mut buffers = vec![
        (Buffer::Original, original.len),
        (Buffer::Image, image_and_rest.len),
        (Buffer::NetInput, net_input.len),
        (Buffer::Detail(index), len),
    ];
    let targets = seeds.iter().filter_map(Seed::target);
    buffers.extend(targets.map(|target| (target.view().buffer, target.len)));
    let mut prologue = vec![base(image), dispatch("image", nothing(), &[], rest)];
    if let Some(before) = before {
        let carried = View::whole(Buffer::Detail(index - 1), planes(before));
        buffers.push((carried.buffer, carried.len));
        prologue.push(added(dispatch("detail", resample(before, size), &[carried], image)));
    }

    let preprocessing = *preprocessing;
    let roll_in = Kernel::RollIn { size, tile: window, preprocessing };
    let roll_out = Kernel::RollOut { size, tile: window, preprocessing };
    let scale = |factor, from: View| dispatch("detail", Kernel::Scale { factor }, &[from], detail);
    // Several tiles add up in a buffer of their own, which is empty when an iteration begins.
    let tiled = tiles.len() > 1;
    let sum = if tiled { View::whole(Buffer::Gradient, len) } else { summed };
    let leave = dispatch("gradient", roll_out, &[tape.gradient], sum);
    let mut ascent = vec![
        dispatch("gradient", Kernel::MeanAbs, &[sum], mean),
        added(dispatch("image", Kernel::Ascend, &[sum, mean], image_and_rest)),
    ];
    if tiled {
        buffers.push((sum.buffer, sum.len));
        prologue.push(dispatch("gradient", nothing(), &[], sum));
        ascent.push(dispatch("gradient", nothing(), &[], sum));
    }
    Ok(Program {
        size,
        tiles,
        graph: Arc::new(graph),
        saved: tape.saved,
        buffers,
        slots,
        prologue,
        enter: vec![dispatch("image", roll_in, &[image], net_input)],
        forward,
        backward: tape.dispatches,
        leave: vec![if tiled { added(leave) } else { leave }],
        ascent,
        epilogue: vec![
            base(base_again),
            scale(1.0, image),
            added(scale(-1.0, base_again)),
            added(scale(1.0, rest)),
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

/// The same dispatch, adding to what it writes.
fn added(dispatch: Dispatch) -> Dispatch {
    Dispatch { accumulate: true, ..dispatch }
}

/// Height and width that the network is laid out at.
fn tile_size(graph: &Graph) -> [usize; 2] {
    let shape = &graph.value(graph.input()).shape;
    [shape[2], shape[3]]
}
