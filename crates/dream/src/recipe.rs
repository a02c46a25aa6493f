//! Records the work of one octave as a program.

use std::{collections::BTreeMap, sync::Arc};

use dream_graph::{
    Buffer, CURVE, Graph, GraphError, Kernel, Preprocessing, Program, Rectifiers, Seed, Tile, View,
    differentiate, forward,
};
use dream_protocol::{Mask, Parametrisation, Prior};

use crate::{
    finish::finish,
    fourier::Fourier,
    maps::{PlaneMap, surface},
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
    let rectifiers = if prior.redirected > 0 { Rectifiers::Redirected } else { Rectifiers::Exact };
    let mut tape = differentiate(&graph, seeds, rectifiers)?;
    let forward = forward(&graph, &tape.saved, &mut tape.slots)?;
    let Octave { index, size, before, full } = octave;
    let (len, window) = (planes(size), tile_size(&graph));
    let surface = surface(prior.edges);
    let preprocessing = *preprocessing;
    let mut recorder = Recorder::new(tape.slots);
    let nothing = || Kernel::Fill { start: 0, end: 0, value: 0.0 };

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
    let targets: BTreeMap<_, _> =
        seeds.iter().flat_map(Seed::targets).map(|it| (it.view().buffer, it.len)).collect();
    buffers.extend(targets);
    let scores = View::whole(Buffer::Scores, scores(seeds));
    if scores.len > 0 {
        buffers.extend([(scores.buffer, scores.len), (Buffer::Curve, CURVE * scores.len)]);
        recorder.write("scores", nothing(), &[], scores);
    }

    let masks = View::whole(Buffer::Mask, 2 * size[0] * size[1]);
    let [strength, anywhere] = [0, masks.len / 2].map(|from| masks.part(from, masks.len / 2));
    let masked = prior.mask != Mask::None;
    if masked {
        buffers.push((masks.buffer, masks.len));
    }

    let base = PlaneMap::resampling(full, size, surface);
    base.write(&mut recorder, "base", original, image);
    recorder.write("image", nothing(), &[], rest);
    if let Some(before) = before {
        let carried = View::whole(Buffer::Detail(index - 1), planes(before));
        buffers.push((carried.buffer, carried.len));
        let carry = PlaneMap::resampling(before, size, surface);
        if masked {
            let detail = carry.make(&mut recorder, "detail", carried);
            let detail = recorder.weakened(detail, anywhere);
            recorder.add("detail", Kernel::Scale { factor: 1.0 }, &[detail], image);
        } else {
            carry.add(&mut recorder, "detail", carried, image);
        }
    }
    if needs_base(prior) {
        let kept = View::whole(Buffer::Base, len);
        buffers.push((kept.buffer, kept.len));
        base.write(&mut recorder, "base", original, kept);
    }
    let fourier = (prior.parametrisation == Parametrisation::Fourier)
        .then(|| Fourier::new(size, preprocessing.rgb_channels()));
    let mask = masked.then_some(strength);
    if let Some(fourier) = &fourier {
        buffers.extend(fourier.buffers());
        fourier.begin(&mut recorder, image);
        fourier.show(&mut recorder, mask, image);
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
    let turned = (prior.random_scale > 0.0 || prior.random_rotation > 0.0).then(|| {
        let warp = Kernel::Warp { size, surface, outside: preprocessing.mean };
        recorder.make("image", warp, &[image], len)
    });
    recorder.write("image", roll_in, &[turned.unwrap_or(image)], net_input);
    let enter = recorder.take();

    let roll_out = Kernel::RollOut { size, tile: window, preprocessing };
    if tiled {
        recorder.add("gradient", roll_out, &[tape.gradient], gradient);
    } else {
        recorder.write("gradient", roll_out, &[tape.gradient], gradient);
    }
    let leave = recorder.take();

    if scores.len > 0 {
        let curve = View::whole(Buffer::Curve, CURVE * scores.len);
        recorder.write("scores", Kernel::Record, &[scores], curve);
        recorder.write("scores", nothing(), &[], scores);
    }
    let at_image = match turned {
        Some(_) => {
            let back = Kernel::WarpGrad { size, surface };
            recorder.make("gradient", back, &[gradient], len)
        }
        None => gradient,
    };
    let mut step = finish(&mut recorder, prior, size, preprocessing.rgb_channels(), at_image);
    let mut pull = pull(&mut recorder, prior, size, image);
    if let Some(mask) = mask {
        step.direction = recorder.weakened(step.direction, mask);
        pull = pull.map(|pull| recorder.weakened(pull, mask));
    }
    match &fourier {
        Some(fourier) => {
            let change = [step.direction, step.size];
            let change = recorder.make("image", Kernel::Step, &change, len);
            if let Some(pull) = pull {
                recorder.add("prior", Kernel::Scale { factor: 1.0 }, &[pull], change);
            }
            fourier.climb(&mut recorder, change);
            fourier.show(&mut recorder, mask, image);
        }
        None => {
            if let Some(pull) = pull {
                // The ascent adds what rounding left over before anything else; this goes with it.
                recorder.add("prior", Kernel::Scale { factor: 1.0 }, &[pull], rest);
            }
            recorder.add("image", Kernel::Ascend, &[step.direction, step.size], image_and_rest);
        }
    }
    if tiled {
        recorder.write("gradient", nothing(), &[], gradient);
    }
    let ascent = recorder.take();

    let base_again = base.make(&mut recorder, "base", original);
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

/// Values of objectives that the seeds tell.
fn scores(seeds: &[Seed]) -> usize {
    seeds.iter().filter_map(|seed| seed.score).max().map_or(0, |last| last + 1)
}

fn planes(size: [usize; 2]) -> usize {
    3 * size[0] * size[1]
}

/// Height and width that the network is laid out at.
fn tile_size(graph: &Graph) -> [usize; 2] {
    let shape = &graph.value(graph.input()).shape;
    [shape[2], shape[3]]
}
