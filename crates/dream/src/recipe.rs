//! Records the work of one octave as a program.

use std::sync::Arc;

use dream_graph::{
    Binary, Buffer, Graph, GraphError, Kernel, Preprocessing, Program, Seed, Tile, View,
    differentiate, forward,
};
use dream_protocol::{Mask, Prior};

use crate::{
    finish::finish,
    maps::{Edge, resample},
    pull::{needs_base, pull},
    recorder::Recorder,
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
    prior: &Prior,
) -> Result<Program, GraphError> {
    let mut tape = differentiate(&graph, seeds)?;
    let forward = forward(&graph, &tape.saved, &mut tape.slots)?;
    let Octave { index, size, before, full } = octave;
    let (len, window) = (planes(size), tile_size(&graph));
    let edge = Edge::of(prior.tileable);
    let preprocessing = *preprocessing;
    let mut recorder = Recorder::new(tape.slots);

    let image_and_rest = View::whole(Buffer::Image, 2 * len);
    let (image, rest) = (image_and_rest.part(0, len), image_and_rest.part(len, len));
    let net_input = View::whole(Buffer::NetInput, planes(window));
    let original = View::whole(Buffer::Original, planes(full));
    let detail = View::whole(Buffer::Detail(index), len);
    let mut buffers = vec![
        (Buffer::Original, original.len),
        (Buffer::Image, image_and_rest.len),
        (Buffer::NetInput, net_input.len),
        (Buffer::Detail(index), len),
    ];
    let targets = seeds.iter().filter_map(Seed::target);
    buffers.extend(targets.map(|target| (target.view().buffer, target.len)));

    let masks = View::whole(Buffer::Mask, 2 * size[0] * size[1]);
    let [strength, anywhere] = [0, masks.len / 2].map(|from| masks.part(from, masks.len / 2));
    let masked = prior.mask != Mask::None;
    if masked {
        buffers.push((masks.buffer, masks.len));
    }

    let base = || resample(full, size, edge);
    let nothing = || Kernel::Fill { start: 0, end: 0, value: 0.0 };
    recorder.write("base", base(), &[original], image);
    recorder.write("image", nothing(), &[], rest);
    if let Some(before) = before {
        let carried = View::whole(Buffer::Detail(index - 1), planes(before));
        buffers.push((carried.buffer, carried.len));
        if masked {
            let detail = recorder.make("detail", resample(before, size, edge), &[carried], len);
            let detail = weakened(&mut recorder, detail, anywhere);
            recorder.add("detail", Kernel::Scale { factor: 1.0 }, &[detail], image);
        } else {
            recorder.add("detail", resample(before, size, edge), &[carried], image);
        }
    }
    if needs_base(prior) {
        let kept = View::whole(Buffer::Base, len);
        buffers.push((kept.buffer, kept.len));
        recorder.write("base", base(), &[original], kept);
    }
    // Several tiles add up in a buffer of their own, which is empty when an iteration begins.
    let tiled = tiles.len() > 1;
    let gradient = if tiled {
        let sum = View::whole(Buffer::Gradient, len);
        buffers.push((sum.buffer, sum.len));
        recorder.write("gradient", nothing(), &[], sum);
        sum
    } else {
        recorder.slot(len)
    };
    let prologue = recorder.take();

    let roll_in = Kernel::RollIn { size, tile: window, preprocessing };
    recorder.write("image", roll_in, &[image], net_input);
    let enter = recorder.take();

    let roll_out = Kernel::RollOut { size, tile: window, preprocessing };
    if tiled {
        recorder.add("gradient", roll_out, &[tape.gradient], gradient);
    } else {
        recorder.write("gradient", roll_out, &[tape.gradient], gradient);
    }
    let leave = recorder.take();

    let mut step = finish(&mut recorder, prior, size, gradient);
    let mut pull = pull(&mut recorder, prior, size, image);
    if masked {
        step.direction = weakened(&mut recorder, step.direction, strength);
        pull = pull.map(|pull| weakened(&mut recorder, pull, strength));
    }
    if let Some(pull) = pull {
        // The ascent adds what rounding left over before anything else; this goes with it.
        recorder.add("prior", Kernel::Scale { factor: 1.0 }, &[pull], rest);
    }
    recorder.add("image", Kernel::Ascend, &[step.direction, step.size], image_and_rest);
    if tiled {
        recorder.write("gradient", nothing(), &[], gradient);
    }
    let ascent = recorder.take();

    let base_again = recorder.make("base", base(), &[original], len);
    recorder.write("detail", Kernel::Scale { factor: 1.0 }, &[image], detail);
    recorder.add("detail", Kernel::Scale { factor: -1.0 }, &[base_again], detail);
    recorder.add("detail", Kernel::Scale { factor: 1.0 }, &[rest], detail);
    let epilogue = recorder.take();

    Ok(Program {
        size,
        tiles,
        graph: Arc::new(graph),
        saved: tape.saved,
        buffers,
        slots: recorder.slots,
        prologue,
        enter,
        forward,
        backward: tape.dispatches,
        leave,
        ascent,
        epilogue,
    })
}

/// Planes of colours times a plane of strengths.
fn weakened(recorder: &mut Recorder, planes: View, strength: View) -> View {
    let output = vec![3, strength.len];
    let operands = [output.clone(), vec![1, strength.len]];
    let product = Kernel::Binary { op: Binary::Mul, output, operands };
    recorder.make("mask", product, &[planes, strength], planes.len)
}

fn planes(size: [usize; 2]) -> usize {
    3 * size[0] * size[1]
}

/// Height and width that the network is laid out at.
fn tile_size(graph: &Graph) -> [usize; 2] {
    let shape = &graph.value(graph.input()).shape;
    [shape[2], shape[3]]
}
