//! A dream under way: octaves, bursts, progress, the end.

use std::sync::Arc;

use dream_graph::{Buffer, Engine, GraphError, IterationParams, Network, Seed, SeedKind, remap};
use dream_protocol::{DreamSettings, Picture, Progress};
use web_time::Instant;

use crate::{
    error::DreamError,
    jitter,
    octave::{ladder, working_size},
    picture::Planes,
    recipe::{self, Octave, resample},
};

/// A dream under way. Drive it with [`advance`](Self::advance) until that returns `None`, or stop
/// whenever you like; [`finish`](Self::finish) gives the picture either way.
pub struct Session<E> {
    network: Arc<dyn Network>,
    engine: E,
    settings: DreamSettings,
    planes: Planes,
    sizes: Vec<[usize; 2]>,
    notes: Vec<String>,
    octave: usize,
    iteration: u32,
    clock: Clock,
}

impl<E: Engine> Session<E> {
    /// Makes a dream of `picture` ready; nothing is computed yet.
    ///
    /// # Errors
    /// Settings out of range, an unknown layer, a broken picture.
    pub fn new(
        network: Arc<dyn Network>,
        engine: E,
        picture: &Picture,
        settings: &DreamSettings,
    ) -> Result<Self, DreamError> {
        settings.check()?;
        let asked = [picture.height as usize, picture.width as usize];
        let mut notes = Vec::new();
        let mut full = working_size(asked, settings.size as usize);
        if full != asked {
            notes.push(format!(
                "Scaled down from {} to {}; choose a larger size to keep more.",
                sides(asked),
                sides(full)
            ));
        }
        let takes = |size: [usize; 2]| takes(network.as_ref(), settings, size);
        if !takes(full)? {
            let least = least_side(takes, full)?;
            let enlarged = full.map(|side| side.max(least));
            notes.push(format!(
                "Enlarged from {} to {}: the network needs at least {least} pixels a side.",
                sides(full),
                sides(enlarged)
            ));
            full = enlarged;
        }
        let mut sizes = ladder(full, settings.octaves, settings.octave_scale);
        let mut dropped = 0;
        while !takes(sizes[0])? {
            sizes.remove(0);
            dropped += 1;
        }
        if dropped > 0 {
            let plural = if dropped == 1 { "octave was" } else { "octaves were" };
            notes.push(format!("{dropped} {plural} left out: too small for the network."));
        }
        let planes = Planes::new(picture, full, network.preprocessing())?;
        let clock = Clock::new(&sizes, settings.iterations);
        let settings = settings.clone();
        Ok(Self { network, engine, settings, planes, sizes, notes, octave: 0, iteration: 0, clock })
    }

    /// What a user should know before it begins.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Runs one burst; `None` when the dream is over.
    ///
    /// # Errors
    /// Whatever network or engine report.
    pub async fn advance(&mut self) -> Result<Option<Progress>, DreamError> {
        let Some(&size) = self.sizes.get(self.octave) else { return Ok(None) };
        self.clock.start();
        if self.iteration == 0 {
            self.prepare(size)?;
        }
        let DreamSettings { seed, jitter, step_size, iterations, .. } = self.settings;
        let shift = jitter::shift(seed, self.octave as u32, self.iteration, jitter);
        self.engine.iterate(&[IterationParams { shift, step_size }])?;
        self.engine.settle().await?;
        self.iteration += 1;
        let progress = self.clock.progress(self.octave, self.iteration);
        if self.iteration == iterations && self.octave + 1 < self.sizes.len() {
            self.engine.end()?;
            self.iteration = 0;
            self.octave += 1;
        } else if self.iteration == iterations {
            self.octave += 1;
        }
        Ok(Some(progress))
    }

    /// The picture as it is now, at the size of the octave under way.
    ///
    /// # Errors
    /// Whatever the engine reports.
    pub async fn frame(&mut self) -> Result<Picture, DreamError> {
        let preprocessing = *self.network.preprocessing();
        let Some(size) = self.size_on_device() else {
            return Ok(self.planes.picture(&self.planes.levels, self.planes.size, &preprocessing));
        };
        let levels = self.engine.read(Buffer::Image).await?;
        Ok(self.planes.picture(&levels, size, &preprocessing))
    }

    /// The result at working size. A dream that was stopped early puts the detail that it has so
    /// far onto the full picture.
    ///
    /// # Errors
    /// Whatever the engine reports.
    pub async fn finish(mut self) -> Result<Picture, DreamError> {
        match self.size_on_device() {
            Some(size) if size != self.planes.size => {
                let index = self.octave_on_device();
                if self.iteration > 0 {
                    self.engine.end()?;
                }
                let detail = self.engine.read(Buffer::Detail(index as u32)).await?;
                let levels = self.with_detail(&detail, size);
                let preprocessing = *self.network.preprocessing();
                Ok(self.planes.picture(&levels, self.planes.size, &preprocessing))
            }
            _ => self.frame().await,
        }
    }

    fn prepare(&mut self, size: [usize; 2]) -> Result<(), DreamError> {
        let names = layer_names(&self.settings);
        let graph = self.network.graph(size[0], size[1], &names)?;
        let seeds = self.settings.layers.iter().map(|layer| {
            let kind = SeedKind::L2 { weight: layer.weight };
            Ok(Seed { layer: graph.find(&layer.name)?, kind })
        });
        let seeds: Vec<Seed> = seeds.collect::<Result<_, GraphError>>()?;
        let octave = Octave {
            index: self.octave as u32,
            size,
            before: self.octave.checked_sub(1).map(|before| self.sizes[before]),
            full: self.planes.size,
        };
        let program = recipe::program(graph, &seeds, self.network.preprocessing(), octave)?;
        self.engine.prepare(Arc::new(program))?;
        if self.octave == 0 {
            self.engine.write(Buffer::Original, &self.planes.levels)?;
        }
        self.engine.begin()?;
        Ok(())
    }

    /// The octave whose image the engine holds.
    fn octave_on_device(&self) -> usize {
        if self.iteration == 0 || self.octave == self.sizes.len() {
            self.octave.saturating_sub(1)
        } else {
            self.octave
        }
    }

    fn size_on_device(&self) -> Option<[usize; 2]> {
        let begun = self.octave > 0 || self.iteration > 0;
        begun.then(|| self.sizes[self.octave_on_device()])
    }

    fn with_detail(&self, detail: &[f32], size: [usize; 2]) -> Vec<f32> {
        let dream_graph::Kernel::Remap { maps } = resample(size, self.planes.size) else {
            return self.planes.levels.clone();
        };
        let detail = remap(&maps, detail);
        let sum = |(level, detail): (&f32, &f32)| (level + detail).clamp(0.0, 255.0);
        self.planes.levels.iter().zip(&detail).map(sum).collect()
    }
}

/// Whether the network can take images of this size.
fn takes(
    network: &dyn Network,
    settings: &DreamSettings,
    size: [usize; 2],
) -> Result<bool, DreamError> {
    match network.graph(size[0], size[1], &layer_names(settings)) {
        Ok(_) => Ok(true),
        Err(GraphError::TooSmall { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
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

fn layer_names(settings: &DreamSettings) -> Vec<&str> {
    settings.layers.iter().map(|layer| layer.name.as_str()).collect()
}

fn sides([height, width]: [usize; 2]) -> String {
    format!("{width} × {height}")
}

/// Counts pixel iterations, the unit in which octaves compare, and the time they take.
struct Clock {
    pixels: Vec<f64>,
    iterations: u32,
    started: Option<Instant>,
    octave_started: (usize, f64),
}

impl Clock {
    fn new(sizes: &[[usize; 2]], iterations: u32) -> Self {
        let pixels = sizes.iter().map(|[height, width]| (height * width) as f64).collect();
        Self { pixels, iterations, started: None, octave_started: (0, 0.0) }
    }

    fn start(&mut self) {
        self.started.get_or_insert_with(Instant::now);
    }

    fn progress(&mut self, octave: usize, iteration: u32) -> Progress {
        let seconds = self.started.map_or(0.0, |started| started.elapsed().as_secs_f64());
        let whole = |pixels: &[f64]| pixels.iter().sum::<f64>() * f64::from(self.iterations);
        let total = whole(&self.pixels);
        let here = self.pixels[octave] * f64::from(iteration);
        let done = whole(&self.pixels[..octave]) + here;
        if iteration == 1 {
            // An octave's first iteration carries its preparation; later ones tell its pace.
            self.octave_started = (octave, seconds);
        }
        let (_, since) = self.octave_started;
        let pace = if iteration > 1 {
            (here - self.pixels[octave]) / (seconds - since).max(1e-9)
        } else {
            done / seconds.max(1e-9)
        };
        Progress {
            octave: octave as u32 + 1,
            octaves: self.pixels.len() as u32,
            iteration,
            iterations: self.iterations,
            fraction: done / total,
            seconds,
            seconds_left: Some((total - done) / pace),
            pixels_per_second: pace,
        }
    }
}
