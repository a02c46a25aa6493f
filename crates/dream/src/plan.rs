//! What a dream will do, settled before it begins: sizes, programs, tiles.

use dream_graph::{
    Engine, EngineError, Footprint, Graph, GraphError, Network, Program, ReceptiveField, Seed,
    Surface, receptive_field,
};
use dream_protocol::{DreamSettings, Need};

use crate::{
    error::DreamError,
    maps::surface,
    objective::{cropped, need_the_whole, seeds},
    octave::{ladder, working_size},
    recipe::{self, Octave},
    target::MATERIAL_SIDE,
    tile::Tiling,
};

/// What a dream will take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Device memory of its largest octave.
    pub memory: Footprint,
    /// Tiles of its largest octave.
    pub tiles: usize,
    /// Pixels that the network sees in one iteration of each of its octaves: where windows overlap,
    /// each time anew.
    pub pixels: u64,
}

/// What a dream on a picture of `asked` pixels (height, width) would take on an engine, with guides
/// and styles of `materials`.
///
/// # Errors
/// Settings out of range, an unknown layer, too little memory.
pub fn plan<E: Engine>(
    network: &dyn Network,
    settings: &DreamSettings,
    engine: &E,
    asked: [usize; 2],
    materials: &[[usize; 2]],
) -> Result<Plan, DreamError> {
    settings.check()?;
    let sizes = Sizes::new(network, settings, asked, materials)?;
    let programs = sizes.programs(network, settings, engine)?;
    Ok(Plan::of(programs.iter(), engine))
}

impl Plan {
    /// What these programs take.
    pub(crate) fn of<'a, E: Engine>(
        programs: impl DoubleEndedIterator<Item = &'a Program> + Clone,
        engine: &E,
    ) -> Self {
        let tiles = programs.clone().next_back().map_or(1, |program| program.tiles.len());
        let pixels = programs.clone().map(seen).sum();
        let footprints = programs.map(|program| engine.footprint(program));
        let none = Footprint { total: 0, largest: 0 };
        Self { memory: footprints.max_by_key(|memory| memory.total).unwrap_or(none), tiles, pixels }
    }
}

/// Pixels of all windows of a program.
fn seen(program: &Program) -> u64 {
    let input = &program.graph.value(program.graph.input()).shape;
    let window: usize = input.iter().rev().take(2).product();
    (program.tiles.len() * window) as u64
}

impl From<Plan> for Need {
    fn from(Plan { memory, tiles, .. }: Plan) -> Self {
        let megabytes = memory.total.div_ceil(1_000_000);
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Self { megabytes: number(megabytes), tiles: number(tiles as u64), seconds: None }
    }
}

/// The sizes that a dream climbs, smallest first, with what a user should know about them.
pub(crate) struct Sizes {
    /// Heights and widths; the last is the working size.
    pub rungs: Vec<[usize; 2]>,
    /// Heights and widths at which guides and styles are seen.
    pub materials: Vec<[usize; 2]>,
    /// What was changed against the user's wish.
    pub notes: Vec<String>,
}

impl Sizes {
    /// Sizes for a picture of `asked` pixels, and for guides and styles of `materials`: limited by
    /// the settings and by what the network takes.
    pub fn new(
        network: &dyn Network,
        settings: &DreamSettings,
        asked: [usize; 2],
        materials: &[[usize; 2]],
    ) -> Result<Self, DreamError> {
        let mut notes = Vec::new();
        let mut full = working_size(asked, settings.size as usize);
        if full != asked {
            notes.push(format!(
                "Scaled down from {} to {}; choose a larger size to keep more.",
                sides(asked),
                sides(full)
            ));
        }
        let takes = |size: [usize; 2]| takes(network, settings, size);
        let (enlarged, least) = enlarged(takes, full)?;
        if enlarged != full {
            notes.push(format!(
                "Enlarged from {} to {}: the network needs at least {least} pixels a side.",
                sides(full),
                sides(enlarged)
            ));
            full = enlarged;
        }
        let mut rungs = ladder(full, settings.octaves, settings.octave_scale);
        let mut dropped = 0;
        while !takes(rungs[0])? {
            rungs.remove(0);
            dropped += 1;
        }
        if dropped > 0 {
            let plural = if dropped == 1 { "octave was" } else { "octaves were" };
            notes.push(format!("{dropped} {plural} left out: too small for the network."));
        }
        let materials = material_sizes(network, settings, materials)?;
        Ok(Self { rungs, materials, notes })
    }

    /// The program of every rung, in as few tiles as the engine's memory asks for.
    pub fn programs<E: Engine>(
        &self,
        network: &dyn Network,
        settings: &DreamSettings,
        engine: &E,
    ) -> Result<Vec<Program>, DreamError> {
        self.programs_from(0, network, settings, engine)
    }

    /// The programs of the rungs from the given one on.
    pub fn programs_from<E: Engine>(
        &self,
        first: usize,
        network: &dyn Network,
        settings: &DreamSettings,
        engine: &E,
    ) -> Result<Vec<Program>, DreamError> {
        let full = self.rungs[self.rungs.len() - 1];
        let octave = |index: usize| Octave {
            index: index as u32,
            size: self.rungs[index],
            before: index.checked_sub(1).map(|before| self.rungs[before]),
            full,
        };
        let programs = (first..self.rungs.len())
            .map(|index| fitting(network, settings, engine, octave(index), &self.materials));
        programs.collect()
    }
}

/// The octave's program in as few tiles as fit the engine's memory.
fn fitting<E: Engine>(
    network: &dyn Network,
    settings: &DreamSettings,
    engine: &E,
    octave: Octave,
    materials: &[[usize; 2]],
) -> Result<Program, DreamError> {
    let whole = graph(network, settings, octave.size)?;
    let seeds = seeds(network, &whole, settings, materials)?;
    let surface = surface(settings.prior.edges);
    let fields = fields(&whole, &seeds, settings);
    let fields = match fields {
        Err(GraphError::Global(what)) if surface != Surface::Sheet => {
            return Err(DreamError::EdgesMeet(what));
        }
        fields => fields.ok(),
    };
    let record = |tiling: Tiling| -> Result<Program, DreamError> {
        let graph = graph(network, settings, tiling.size)?;
        let seeds = match &fields {
            Some(fields) if tiling != Tiling::whole(octave.size) => {
                let strides = fields.iter().map(|field| field.stride);
                cropped((&whole, &seeds), strides, &graph)?
            }
            _ => seeds.clone(),
        };
        let (preprocessing, prior) = (network.preprocessing(), &settings.prior);
        Ok(recipe::program(graph, &seeds, preprocessing, octave, tiling.tiles, prior)?)
    };
    let divided = |counts: [usize; 2]| match &fields {
        Some(fields) if surface != Surface::Sheet => {
            Tiling::circular(octave.size, surface, fields, counts)
        }
        _ if counts == [1; 2] => Some(Tiling::whole(octave.size)),
        Some(fields) => Tiling::new(octave.size, fields, counts),
        None => None,
    };
    let limits = engine.limits();
    let (mut counts, mut needed) = ([1; 2], Footprint { total: 0, largest: 0 });
    let mut tiling = divided(counts);
    while let Some(now) = tiling {
        let size = now.size;
        let program = record(now)?;
        needed = engine.footprint(&program);
        if needed.within(limits) {
            return Ok(program);
        }
        let longer = usize::from(size[1] > size[0]);
        let more = [longer, 1 - longer].into_iter().find_map(|axis| {
            let mut more = counts;
            more[axis] += 1;
            // A tile that is no smaller leaves nothing to gain along this axis.
            let smaller = |tiling: &Tiling| tiling.size[axis] < size[axis];
            Some((more, divided(more).filter(smaller)?))
        });
        tiling = more.map(|(more, tiling)| {
            counts = more;
            tiling
        });
    }
    Err(EngineError::TooLarge { needed, limits }.into())
}

/// The sizes at which guides and styles of `materials` (height, width) are seen.
pub(crate) fn material_sizes(
    network: &dyn Network,
    settings: &DreamSettings,
    materials: &[[usize; 2]],
) -> Result<Vec<[usize; 2]>, DreamError> {
    let takes = |size: [usize; 2]| takes(network, settings, size);
    let seen = |&size: &[usize; 2]| Ok(enlarged(takes, working_size(size, MATERIAL_SIDE))?.0);
    materials.iter().map(seen).collect()
}

/// The receptive fields of the seeds' layers, if they can be seen window by window.
fn fields(
    graph: &Graph,
    seeds: &[Seed],
    settings: &DreamSettings,
) -> Result<Vec<ReceptiveField>, GraphError> {
    if need_the_whole(&settings.objectives) {
        return Err(GraphError::Global("a caricature".into()));
    }
    seeds.iter().map(|seed| receptive_field(graph, seed.layer)).collect()
}

/// Whether the network can take images of this size.
fn takes(
    network: &dyn Network,
    settings: &DreamSettings,
    size: [usize; 2],
) -> Result<bool, DreamError> {
    match graph(network, settings, size) {
        Ok(_) => Ok(true),
        Err(GraphError::TooSmall { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The part of the network that the settings' layers need, for images of this size.
fn graph(
    network: &dyn Network,
    settings: &DreamSettings,
    [height, width]: [usize; 2],
) -> Result<Graph, GraphError> {
    let layers: Vec<&str> = settings.objectives.iter().map(|it| it.layer.as_str()).collect();
    network.graph(height, width, &layers)
}

/// The size, or the least larger one that the network can take, with the least side that this
/// needs.
fn enlarged(
    takes: impl Fn([usize; 2]) -> Result<bool, DreamError>,
    size: [usize; 2],
) -> Result<([usize; 2], usize), DreamError> {
    if takes(size)? {
        return Ok((size, 1));
    }
    let least = least_side(takes, size)?;
    Ok((size.map(|side| side.max(least)), least))
}

/// The smallest side that the network can take, found by doubling and halving.
fn least_side(
    takes: impl Fn([usize; 2]) -> Result<bool, DreamError>,
    size: [usize; 2],
) -> Result<usize, DreamError> {
    const LARGEST: usize = 1024;
    let enough = |side: usize| takes(size.map(|own| own.max(side)));
    let mut high = 2;
    while high < LARGEST && !enough(high)? {
        high *= 2;
    }
    let mut low = high / 2;
    while high - low > 1 {
        let middle = (low + high) / 2;
        if enough(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}

fn sides([height, width]: [usize; 2]) -> String {
    format!("{width} × {height}")
}
