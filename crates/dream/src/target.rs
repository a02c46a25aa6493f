//! What objectives aim at, found out before a dream begins: activations of guides and styles, and
//! of the start picture itself.

use std::sync::Arc;

use dream_graph::{
    Buffer, Dispatch, Engine, IterationParams, Kernel, Network, Program, Shape, Source, Surface,
    Tile, View, elements, forward, remap,
};
use dream_protocol::{DreamSettings, Mask, Objective, ObjectiveKind, Picture};

use crate::{
    error::DreamError,
    maps::PlaneMap,
    mask::{felt, strengths},
    objective::places,
    picture::{Planes, network_input, scaling},
};

/// Longest side at which guides and styles are seen, in pixels: what networks are made for.
pub(crate) const MATERIAL_SIDE: usize = 224;

/// A guide or style, as the network reads it.
#[derive(Clone, Debug)]
pub(crate) struct Material {
    /// Height and width.
    pub size: [usize; 2],
    input: Vec<f32>,
}

impl Material {
    /// A picture scaled to a size.
    pub fn new(
        network: &dyn Network,
        picture: &Picture,
        size: [usize; 2],
    ) -> Result<Self, DreamError> {
        Ok(Self { size, input: network_input(picture, size, network.preprocessing())? })
    }
}

/// The pictures that a dream has besides the one it begins with.
#[derive(Clone, Debug)]
pub(crate) struct Materials {
    /// As guides and styles.
    pub seen: Arc<[Material]>,
    /// As masks, of the size of the start picture.
    pub strengths: Arc<[Vec<f32>]>,
}

impl Materials {
    /// Those `pictures` that the settings name by their index: as guides and styles of the `sizes`,
    /// as masks of the size of the start picture.
    ///
    /// # Errors
    /// A picture that is missing or broken.
    pub fn new(
        network: &dyn Network,
        settings: &DreamSettings,
        pictures: &[Picture],
        sizes: &[[usize; 2]],
        start: [usize; 2],
    ) -> Result<Self, DreamError> {
        all_there(settings, pictures.len())?;
        let seen = pictures.iter().zip(sizes).map(|(it, &size)| Material::new(network, it, size));
        let seen = seen.collect::<Result<_, _>>()?;
        Ok(Self { seen, strengths: strengths(pictures, start)?.into() })
    }
}

/// Whether there are all pictures that the settings name.
///
/// # Errors
/// The first that is not there.
pub(crate) fn all_there(settings: &DreamSettings, count: usize) -> Result<(), DreamError> {
    let painted = settings.prior.mask.material();
    let needed = settings.objectives.iter().flat_map(Objective::materials).chain(painted);
    match needed.max().filter(|index| *index >= count) {
        Some(index) => Err(DreamError::Material { index, count }),
        None => Ok(()),
    }
}

/// What objectives look at besides the image that climbs.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    /// Guides, styles and masks.
    pub materials: &'a Materials,
    /// The start picture.
    pub original: &'a Planes,
}

/// The contents of every [`Buffer::Target`] of some objectives, for each octave. The engine keeps
/// the contents of the buffers `held`.
pub(crate) async fn targets<E: Engine>(
    network: &dyn Network,
    engine: &mut E,
    objectives: &[Objective],
    seen: Seen<'_>,
    octaves: &[[usize; 2]],
    held: &[(Buffer, usize)],
) -> Result<Vec<Vec<Arc<[f32]>>>, DreamError> {
    let mut targets = vec![Vec::new(); octaves.len()];
    for objective in objectives {
        aims(network, engine, objective, seen, octaves, held, &mut targets).await?;
        masks(network, engine, objective, seen, octaves, held, &mut targets).await?;
    }
    Ok(targets)
}

/// Appends what the objective's kind aims at.
async fn aims<E: Engine>(
    network: &dyn Network,
    engine: &mut E,
    Objective { layer, kind, .. }: &Objective,
    Seen { materials, original }: Seen<'_>,
    octaves: &[[usize; 2]],
    held: &[(Buffer, usize)],
    targets: &mut [Vec<Arc<[f32]>>],
) -> Result<(), DreamError> {
    let materials = &materials.seen;
    let same: Arc<[f32]> = match kind {
        ObjectiveKind::L2
        | ObjectiveKind::Mean
        | ObjectiveKind::Channels { .. }
        | ObjectiveKind::Class { .. }
        | ObjectiveKind::Neuron { .. } => return Ok(()),
        ObjectiveKind::Direction { direction, .. } => unit(direction),
        ObjectiveKind::GuideChannels { guide } => {
            let guide = material(materials, *guide)?;
            channel_weights(&of(network, engine, layer, guide, held).await?)
        }
        ObjectiveKind::GuideMatch { guide } => {
            let guide = material(materials, *guide)?;
            of(network, engine, layer, guide, held).await?.1.into()
        }
        ObjectiveKind::Style { style } => {
            let style = material(materials, *style)?;
            gram(&of(network, engine, layer, style, held).await?)
        }
        ObjectiveKind::Caricature { .. } => {
            for (targets, &size) in targets.iter_mut().zip(octaves) {
                let material = at_size(network, original, size);
                let (_, activation) = of(network, engine, layer, &material, held).await?;
                targets.push(activation.into());
            }
            return Ok(());
        }
    };
    targets.iter_mut().for_each(|targets| targets.push(same.clone()));
    Ok(())
}

/// Appends the objective's mask at the size of its layer.
async fn masks<E: Engine>(
    network: &dyn Network,
    engine: &mut E,
    Objective { layer, mask, .. }: &Objective,
    Seen { materials, original }: Seen<'_>,
    octaves: &[[usize; 2]],
    held: &[(Buffer, usize)],
    targets: &mut [Vec<Arc<[f32]>>],
) -> Result<(), DreamError> {
    for (targets, &size) in targets.iter_mut().zip(octaves) {
        let mask = match mask {
            Mask::None => continue,
            Mask::Material { index } => {
                let cells = places(&network.graph(size[0], size[1], &[layer])?, layer)?;
                let strengths = &materials.strengths;
                let (index, count) = (*index as usize, strengths.len());
                let painted = strengths.get(index).ok_or(DreamError::Material { index, count })?;
                remap(&scaling(original.size, cells), painted)
            }
            Mask::Activations => {
                let start = at_size(network, original, size);
                let activation = of(network, engine, layer, &start, held).await?;
                felt(&activation).ok_or_else(|| DreamError::NoPlaces(layer.clone()))?
            }
        };
        targets.push(mask.into());
    }
    Ok(())
}

/// A layer's activation for a network input of some size. The engine keeps the contents of the
/// buffers `held`.
pub(crate) async fn of<E: Engine>(
    network: &dyn Network,
    engine: &mut E,
    layer: &str,
    material: &Material,
    held: &[(Buffer, usize)],
) -> Result<(Shape, Vec<f32>), DreamError> {
    let Material { size: [height, width], input } = material;
    let graph = network.graph(*height, *width, &[layer])?;
    let value = graph.find(layer)?;
    let shape = graph.value(value).shape.clone();
    let len = elements(&shape).unwrap_or(0);
    let (saved, mut slots) = (vec![value], Vec::new());
    let forward = forward(&graph, &saved, &mut slots)?;
    let mut buffers = vec![(Buffer::NetInput, input.len()), (Buffer::Activation, len)];
    buffers.extend(held.iter().filter(|(held, _)| *held != Buffer::NetInput));
    let program = Program {
        size: [*height, *width],
        tiles: vec![Tile::WHOLE],
        graph: Arc::new(graph),
        saved,
        buffers,
        slots,
        prologue: Vec::new(),
        enter: Vec::new(),
        forward,
        backward: Vec::new(),
        leave: vec![keep(layer, View::whole(Buffer::Saved(0), len), Buffer::Activation)],
        ascent: Vec::new(),
        epilogue: Vec::new(),
    };
    engine.prepare(Arc::new(program))?;
    engine.write(Buffer::NetInput, input)?;
    engine.iterate(&[IterationParams::STILL]).await?;
    engine.settle().await?;
    Ok((shape, engine.read(Buffer::Activation).await?))
}

/// Copies a value to where it can be read.
pub(crate) fn keep(layer: &str, from: View, to: Buffer) -> Dispatch {
    Dispatch {
        node: layer.to_owned(),
        kernel: Kernel::Scale { factor: 1.0 },
        reads: vec![Source::View(from)],
        write: View::whole(to, from.len),
        accumulate: false,
    }
}

/// Mean of each channel of an activation `[1, channels, ..]`.
pub(crate) fn channel_means((shape, activation): &(Shape, Vec<f32>)) -> Vec<f64> {
    let positions = activation.len() / shape.get(1).copied().unwrap_or(1).max(1);
    let mean = |plane: &[f32]| plane.iter().map(|&a| f64::from(a)).sum::<f64>() / positions as f64;
    activation.chunks_exact(positions.max(1)).map(mean).collect()
}

/// A direction of length one.
pub(crate) fn unit(direction: &[f32]) -> Arc<[f32]> {
    let norm = direction.iter().map(|&d| f64::from(d).powi(2)).sum::<f64>().sqrt();
    direction.iter().map(|&d| (f64::from(d) / norm) as f32).collect()
}

/// What each channel sums up to over the guide, over the sum of all magnitudes.
fn channel_weights(activation: &(Shape, Vec<f32>)) -> Arc<[f32]> {
    let means = channel_means(activation);
    let sum = means.iter().map(|mean| mean.abs()).sum::<f64>().max(f64::MIN_POSITIVE);
    means.into_iter().map(|mean| (mean / sum) as f32).collect()
}

/// The mean of a·aᵀ over the positions, `[channels, channels]`.
fn gram((shape, activation): &(Shape, Vec<f32>)) -> Arc<[f32]> {
    let positions = activation.len() / shape.get(1).copied().unwrap_or(1).max(1);
    let rows = || activation.chunks_exact(positions.max(1));
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    rows().flat_map(|a| rows().map(move |b| dot(a, b) / positions as f32)).collect()
}

/// The start picture as an octave sees it.
pub(crate) fn at_size(network: &dyn Network, original: &Planes, size: [usize; 2]) -> Material {
    let scaled = PlaneMap::resampling(original.size, size, Surface::Sheet);
    let mut input = scaled.of(&original.levels);
    let preprocessing = network.preprocessing();
    for (channel, plane) in input.chunks_exact_mut(size[0] * size[1]).enumerate() {
        plane.iter_mut().for_each(|level| *level = preprocessing.to_input(channel, *level));
    }
    Material { size, input }
}

fn material(materials: &[Material], index: u32) -> Result<&Material, DreamError> {
    let (index, count) = (index as usize, materials.len());
    materials.get(index).ok_or(DreamError::Material { index, count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_and_weights_of_a_small_layer() {
        let activation = (vec![1, 2, 1, 2], vec![1.0, 3.0, -2.0, 0.0]);
        assert_eq!(*gram(&activation), [5.0, -1.0, -1.0, 2.0]);
        assert_eq!(channel_means(&activation), [2.0, -1.0]);
        let weights = channel_weights(&activation);
        assert_eq!(*weights, [2.0 / 3.0, -1.0 / 3.0]);
        assert_eq!(*channel_weights(&(vec![1, 1, 1, 2], vec![0.0; 2])), [0.0]);
        assert_eq!(*unit(&[3.0, -4.0]), [0.6, -0.8]);
    }
}
