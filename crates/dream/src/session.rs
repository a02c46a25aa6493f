//! A dream under way: octaves, bursts, progress, the end.

use std::{borrow::Cow, sync::Arc};

use dream_graph::{Buffer, Engine, IterationParams, Network, Program};
use dream_protocol::{
    ColorMode, DreamSettings, Edges, Mask, Parametrisation, Picture, Progress, Remix, Scores,
};

use crate::{
    clock::Clock,
    color::colors_kept,
    error::DreamError,
    finish::smoothing,
    fourier, jitter,
    maps::{PlaneMap, surface},
    mask::{self, Reach},
    palette::Palette,
    picture::{Planes, size_of},
    plan::{Plan, Sizes},
    remix::{Detail, remixed},
    start::begin,
    target::{MATERIAL_SIDE, Materials, Seen, all_there, at_size, of, targets},
    tile::room,
};

/// A dream under way. Drive it with [`advance`](Self::advance) until that returns `None`, or stop
/// whenever you like; [`finish`](Self::finish) gives the picture either way. When the engine fails,
/// [`resume`](Self::resume) goes on with another from the last octave that is finished.
pub struct Session<E> {
    pub(crate) network: Arc<dyn Network>,
    pub(crate) engine: E,
    pub(crate) settings: DreamSettings,
    planes: Planes,
    /// The colours of the start.
    palette: Palette,
    pub(crate) materials: Materials,
    /// How far the dream may change each pixel; `None` where it may change all.
    pub(crate) mask: Option<Reach>,
    /// Whether the settings' mask is not that one, but yet to be found.
    pub(crate) mask_due: bool,
    /// What the objectives aim at, for each octave; empty before the dream begins.
    pub(crate) targets: Vec<Vec<Arc<[f32]>>>,
    pub(crate) programs: Vec<Arc<Program>>,
    notes: Vec<String>,
    /// Counted over all rounds: each climbs through all programs, and the next begins with what it
    /// has reached.
    pub(crate) octave: usize,
    pub(crate) iteration: u32,
    /// What each finished octave of this round ended with: for remixes, and for when the engine
    /// fails.
    details: Vec<Vec<f32>>,
    /// What the octave after those ended with, once the dream has ended.
    last: Option<Vec<f32>>,
    /// Values of the objectives that nobody has asked for yet, iteration by iteration.
    pub(crate) curve: Vec<Scores>,
    /// Iterations of this octave whose values are there, or lost.
    pub(crate) gathered: u32,
    /// Whether the engine has neither original nor detail yet.
    empty: bool,
    pub(crate) clock: Clock,
}

impl<E: Engine> Session<E> {
    /// Makes a dream of `picture` ready; nothing is computed yet. `materials` are the guides and
    /// styles that the settings name by their index.
    ///
    /// # Errors
    /// Settings out of range, an unknown layer, a broken or missing picture, too little memory.
    pub fn new(
        network: Arc<dyn Network>,
        engine: E,
        picture: &Picture,
        materials: &[Picture],
        settings: &DreamSettings,
    ) -> Result<Self, DreamError> {
        settings.check()?;
        let asked = size_of(picture);
        all_there(settings, materials.len())?;
        let extents: Vec<_> = materials.iter().map(size_of).collect();
        let sizes = Sizes::new(network.as_ref(), settings, asked, &extents)?;
        let programs = sizes.programs(network.as_ref(), settings, &engine)?;
        let full = sizes.rungs[sizes.rungs.len() - 1];
        let start = begin(picture, settings);
        let materials =
            Materials::new(network.as_ref(), settings, materials, &sizes.materials, full)?;
        let planes = Planes::new(&start, full, network.preprocessing())?;
        let mut session = Self {
            palette: Palette::new(&planes.levels, full, network.preprocessing().rgb_channels()),
            planes,
            materials,
            mask: None,
            mask_due: true,
            targets: Vec::new(),
            clock: Clock::new(&sizes.rungs.repeat(1 + settings.again as usize)),
            settings: settings.clone(),
            programs: programs.into_iter().map(Arc::new).collect(),
            notes: sizes.notes,
            network,
            engine,
            octave: 0,
            iteration: 0,
            details: Vec::new(),
            last: None,
            curve: Vec::new(),
            gathered: 0,
            empty: true,
        };
        let Plan { tiles, .. } = session.plan();
        if tiles > 1 {
            session.notes.push(format!("The largest octave is dreamed in {tiles} tiles."));
        }
        Ok(session)
    }

    /// What a user should know before it begins.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What it will take.
    pub fn plan(&self) -> Plan {
        Plan::of(self.programs.iter().map(Arc::as_ref), &self.engine)
    }

    /// Runs one burst; `None` when the dream is over.
    ///
    /// # Errors
    /// Whatever the engine reports.
    pub async fn advance(&mut self) -> Result<Option<Progress>, DreamError> {
        if self.octave == self.octaves() {
            return Ok(None);
        }
        let program = self.programs[self.rung(self.octave)].clone();
        self.clock.start();
        if self.iteration == 0 {
            self.prepare(program.clone()).await?;
        }
        let DreamSettings { seed, jitter, step_size, iterations, prior, .. } = self.settings;
        self.last = None;
        let left = iterations.saturating_sub(self.iteration).max(1);
        let burst = self.clock.burst(self.octave, left);
        let octave = self.octave as u32;
        let shift = |iteration| match prior.edges {
            Edges::Plain => jitter::shift(seed, octave, iteration, jitter),
            Edges::Tileable | Edges::Panorama => {
                jitter::anywhere(seed, octave, iteration, room(program.size, &program.tiles))
            }
        };
        let params = |iteration: u32| IterationParams {
            shift: shift(iteration),
            step_size,
            turn: jitter::turn(seed, octave, iteration, prior.random_scale, prior.random_rotation),
            smoothing: smoothing((iteration + 1) as f32 / iterations as f32),
            rate: fourier::rate(step_size, iteration),
            iteration,
            redirects: octave * iterations + iteration < prior.redirected,
        };
        let burst: Vec<_> = (self.iteration..self.iteration + burst).map(params).collect();
        self.engine.iterate(&burst).await?;
        self.engine.settle().await?;
        self.iteration += burst.len() as u32;
        let progress = self.clock.progress(
            self.octave,
            [self.iteration, iterations.max(self.iteration)],
            burst.len() as u32,
        );
        if self.iteration >= iterations {
            self.gather().await?;
            if self.octave + 1 < self.octaves() {
                self.engine.end()?;
                self.details.push(self.engine.read(self.detail()).await?);
                (self.iteration, self.gathered) = (0, 0);
            }
            self.octave += 1;
        }
        Ok(Some(progress))
    }

    /// The picture as it is now, at the size of the octave under way.
    ///
    /// # Errors
    /// Whatever the engine reports.
    pub async fn frame(&mut self) -> Result<Picture, DreamError> {
        if !self.has_begun() {
            return Ok(self.kept());
        }
        let levels = self.engine.read(Buffer::Image).await?;
        let size = self.programs[self.octave_on_device()].size;
        Ok(self.picture(&levels[..3 * size[0] * size[1]], size))
    }

    /// The result at working size. A dream that was stopped early puts the detail that it has so
    /// far onto the full picture.
    ///
    /// # Errors
    /// Whatever the engine reports; then there is still [`kept`](Self::kept).
    pub async fn finish(&mut self) -> Result<Picture, DreamError> {
        if !self.has_begun() {
            return Ok(self.kept());
        }
        if self.octave_on_device() + 1 == self.programs.len() {
            let image = self.engine.read(Buffer::Image).await?;
            let image = &image[..self.planes.levels.len()];
            let added = image.iter().zip(&self.planes.levels).map(|(level, own)| level - own);
            // Between two rounds it is among the details already.
            let known = self.details.len() == self.programs.len();
            self.last = (!known).then(|| added.collect());
            return Ok(self.picture(image, self.planes.size));
        }
        if self.iteration > 0 {
            self.engine.end()?;
            self.last = Some(self.engine.read(self.detail()).await?);
        }
        Ok(self.remix(&Remix::default()))
    }

    /// Octaves whose share can be remixed, once the dream has ended.
    pub fn remixable(&self) -> usize {
        self.details.len() + usize::from(self.last.is_some())
    }

    /// The result with the shares of the octaves put together anew, at working size; computed
    /// without the engine.
    pub fn remix(&self, remix: &Remix) -> Picture {
        let all = self.details.iter().chain(&self.last).zip(&self.programs);
        let details: Vec<_> =
            all.map(|(levels, program)| Detail { size: program.size, levels }).collect();
        let (Some(from), size) = (details.last().map(|it| it.size), self.planes.size) else {
            return self.picture(&self.planes.levels, self.planes.size);
        };
        let rgb = self.network.preprocessing().rgb_channels();
        let mixed = remixed(&details, remix, rgb, surface(self.settings.prior.edges));
        let sum = |(level, added): (&f32, f32)| (level + added).clamp(0.0, 255.0);
        let levels = self.planes.levels.iter().zip(self.resampled(&mixed, from, size)).map(sum);
        self.picture(&levels.collect::<Vec<f32>>(), size)
    }

    /// The picture as the last finished octave left it, at working size, without the engine.
    pub fn kept(&self) -> Picture {
        match (self.details.last(), self.details.len().checked_sub(1)) {
            (Some(detail), Some(before)) => {
                self.picture(&self.with_detail(detail, before), self.planes.size)
            }
            _ => self.picture(&self.planes.levels, self.planes.size),
        }
    }

    /// Goes on with another engine, from the end of the last octave that is finished.
    ///
    /// # Errors
    /// Too little memory on that engine.
    pub fn resume(&mut self, engine: E) -> Result<(), DreamError> {
        let programs = self.sizes().programs(self.network.as_ref(), &self.settings, &engine)?;
        self.programs = programs.into_iter().map(Arc::new).collect();
        self.octave = self.octave.min(self.octaves() - 1);
        self.last = None;
        self.engine = engine;
        (self.iteration, self.gathered) = (0, 0);
        self.empty = true;
        Ok(())
    }

    /// The sizes that a round climbs.
    pub(crate) fn sizes(&self) -> Sizes {
        let rungs = self.programs.iter().map(|program| program.size).collect();
        let materials = self.materials.seen.iter().map(|material| material.size).collect();
        Sizes { rungs, materials, notes: Vec::new() }
    }

    pub(crate) async fn prepare(&mut self, program: Arc<Program>) -> Result<(), DreamError> {
        let rung = self.rung(self.octave);
        if rung == 0
            && let Some(detail) = std::mem::take(&mut self.details).pop()
        {
            let reached = self.with_detail(&detail, self.programs.len() - 1);
            self.planes.levels = self.shown(&reached, self.planes.size).into_owned();
            self.targets.clear();
            self.empty = true;
        }
        if self.targets.is_empty() {
            self.targets = self.find_targets().await?;
        }
        if self.mask_due {
            self.mask = self.find_mask().await?;
            self.mask_due = false;
        }
        let size = program.size;
        self.engine.prepare(program)?;
        if let Some(mask) = &self.mask {
            self.engine.write(Buffer::Mask, &mask.of_octave(self.planes.size, size))?;
        }
        for (index, target) in self.targets[rung].iter().enumerate() {
            self.engine.write(Buffer::Target(index), target)?;
        }
        if self.settings.prior.parametrisation == Parametrisation::Fourier {
            let spectrum = fourier::spectrum(&self.settings, size, self.octave == 0);
            self.engine.write(Buffer::Spectrum, &spectrum)?;
        }
        if self.empty {
            self.engine.write(Buffer::Original, &self.planes.levels)?;
            if let (Some(detail), Some(before)) = (self.details.last(), rung.checked_sub(1)) {
                self.engine.write(Buffer::Detail(before as u32), detail)?;
            }
            self.empty = false;
        }
        Ok(self.engine.begin()?)
    }

    async fn find_targets(&mut self) -> Result<Vec<Vec<Arc<[f32]>>>, DreamError> {
        let octaves: Vec<_> = self.programs.iter().map(|program| program.size).collect();
        let (network, objectives) = (self.network.as_ref(), &self.settings.objectives);
        let held = &self.programs[self.rung(self.octave)].buffers;
        let seen = Seen { materials: &self.materials, original: &self.planes };
        targets(network, &mut self.engine, objectives, seen, &octaves, held).await
    }

    async fn find_mask(&mut self) -> Result<Option<Reach>, DreamError> {
        let now = match self.settings.prior.mask {
            Mask::None => return Ok(None),
            Mask::Material { index } => self.materials.strengths[index as usize].clone(),
            Mask::Activations => self.feel().await?,
        };
        let begun = self.octave > 0 || self.iteration > 0;
        Ok(Some(if begun { Reach::after(self.mask.as_ref(), now) } else { Reach::new(now) }))
    }

    /// How strongly the first objective's layer responds to the start picture, where.
    async fn feel(&mut self) -> Result<Vec<f32>, DreamError> {
        let held = &self.programs[self.rung(self.octave)].buffers;
        let small = |program: &&Arc<Program>| program.size.iter().all(|&it| it <= MATERIAL_SIDE);
        let program = self.programs.iter().rev().find(small).unwrap_or(&self.programs[0]);
        let material = at_size(self.network.as_ref(), &self.planes, program.size);
        let layer = self.settings.objectives.first().map_or("", |first| first.layer.as_str());
        let seen = of(self.network.as_ref(), &mut self.engine, layer, &material, held).await?;
        let felt = mask::felt(&seen).ok_or_else(|| DreamError::NoPlaces(layer.to_owned()))?;
        Ok(mask::enlarged(&felt, [seen.0[2], seen.0[3]], self.planes.size))
    }

    fn detail(&self) -> Buffer {
        Buffer::Detail(self.rung(self.octave) as u32)
    }

    fn has_begun(&self) -> bool {
        !self.empty && (self.octave > 0 || self.iteration > 0)
    }

    /// The octave whose image the engine holds.
    fn octave_on_device(&self) -> usize {
        let before = self.iteration == 0 || self.octave == self.octaves();
        self.rung(if before { self.octave.saturating_sub(1) } else { self.octave })
    }

    /// Octaves of all rounds.
    pub(crate) fn octaves(&self) -> usize {
        self.programs.len() * (1 + self.settings.again as usize)
    }

    /// The number of an octave in its round.
    pub(crate) fn rung(&self, octave: usize) -> usize {
        octave % self.programs.len()
    }

    fn picture(&self, levels: &[f32], size: [usize; 2]) -> Picture {
        self.planes.picture(&self.shown(levels, size), size, self.network.preprocessing())
    }

    /// What is shown of levels of any size: the colours are those that the settings allow.
    fn shown<'a>(&self, levels: &'a [f32], size: [usize; 2]) -> Cow<'a, [f32]> {
        let start = || self.resampled(&self.planes.levels, self.planes.size, size);
        let rgb = self.network.preprocessing().rgb_channels();
        match self.settings.prior.color {
            ColorMode::Free | ColorMode::Decorrelated => levels.into(),
            ColorMode::Keep | ColorMode::Luminance => colors_kept(levels, &start(), rgb).into(),
            ColorMode::Palette => self.palette.shown(levels, &start(), rgb).into(),
        }
    }

    /// The levels of the full picture with what an octave has added.
    fn with_detail(&self, detail: &[f32], octave: usize) -> Vec<f32> {
        let detail = self.resampled(detail, self.programs[octave].size, self.planes.size);
        let plane = self.planes.size[0] * self.planes.size[1];
        let may_change = |i: usize| self.mask.as_ref().is_none_or(|mask| mask.includes(i % plane));
        let sum = |(i, (level, detail)): (usize, (&f32, &f32))| match may_change(i) {
            true => (level + detail).clamp(0.0, 255.0),
            false => *level,
        };
        self.planes.levels.iter().zip(&detail).enumerate().map(sum).collect()
    }

    fn resampled(&self, planes: &[f32], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
        PlaneMap::resampling(from, to, surface(self.settings.prior.edges)).of(planes)
    }
}
