//! The engine: programs lowered, bound and submitted; nothing comes back before it is asked for.

use std::sync::Arc;

use dream_graph::{
    Buffer, Engine, EngineError, Footprint, ForwardPass, IterationParams, Program, Tile,
};
use web_time::Instant;

use crate::{
    buffers::{Buffers, missing},
    device::{Gpu, Tier, Traffic},
    encode::{Bound, Segments, Steps, submit},
    lower::Target,
    uniforms::{Step, surface_number},
    work::Work,
};

/// Seconds that a command buffer may take. Systems reset a device that is silent for some seconds,
/// and draw nothing meanwhile.
const PATIENCE: f64 = 0.5;

/// Executes programs on the GPU.
pub struct GpuEngine {
    gpu: Gpu,
    pass: ForwardPass,
    buffers: Buffers,
    prepared: Option<Prepared>,
    pace: Pace,
}

struct Prepared {
    tiles: Vec<Tile>,
    segments: Segments<Vec<Bound>>,
    steps: Steps,
}

/// How much work a command buffer may hold.
struct Pace {
    /// Operations per command buffer.
    budget: f64,
    /// When work was first submitted since the last wait, and how much since.
    pending: Option<(Instant, f64)>,
}

impl GpuEngine {
    /// An engine on an open device.
    pub fn new(gpu: Gpu) -> Self {
        Self::with_pass(gpu, ForwardPass::Recorded)
    }

    /// An engine whose forward pass comes from elsewhere: drive it with [`enter`](Self::enter),
    /// [`leave`](Self::leave) and [`ascend`](Self::ascend) instead of `iterate`, and write
    /// [`Buffer::Saved`] between the first two.
    pub fn without_forward(gpu: Gpu) -> Self {
        Self::with_pass(gpu, ForwardPass::Foreign)
    }

    fn with_pass(gpu: Gpu, pass: ForwardPass) -> Self {
        let pace = Pace::new(gpu.tier());
        Self { gpu, pass, buffers: Buffers::default(), prepared: None, pace }
    }

    /// The device.
    pub fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    fn target(&self) -> Target {
        Target { tier: self.gpu.tier(), largest: self.gpu.memory().largest }
    }

    /// How often host and device have met so far.
    pub fn traffic(&self) -> Traffic {
        self.gpu.traffic()
    }

    /// The tiles of the program.
    ///
    /// # Errors
    /// [`EngineError::NotPrepared`].
    pub fn tiles(&self) -> Result<Vec<Tile>, EngineError> {
        let prepared = self.prepared.as_ref().ok_or(EngineError::NotPrepared)?;
        Ok(prepared.tiles.clone())
    }

    /// Makes the network input of a tile.
    ///
    /// # Errors
    /// Whatever the device reports.
    pub fn enter(&mut self, params: &IterationParams, tile: Tile) -> Result<(), EngineError> {
        self.run(&[(params, tile)], |segments| vec![&segments.enter])
    }

    /// Runs the backward pass of a tile on the saved values that were written.
    ///
    /// # Errors
    /// Whatever the device reports.
    pub fn leave(&mut self, params: &IterationParams, tile: Tile) -> Result<(), EngineError> {
        self.run(&[(params, tile)], |segments| vec![&segments.backward, &segments.leave])
    }

    /// Ends an iteration.
    ///
    /// # Errors
    /// Whatever the device reports.
    pub fn ascend(&mut self, params: &IterationParams) -> Result<(), EngineError> {
        self.run(&[(params, Tile::WHOLE)], |segments| vec![&segments.ascent])
    }

    /// Submits the chosen segments once per step.
    fn run(
        &mut self,
        steps: &[(&IterationParams, Tile)],
        choose: impl Fn(&Segments<Vec<Bound>>) -> Vec<&Vec<Bound>>,
    ) -> Result<(), EngineError> {
        self.gpu.check()?;
        let prepared = self.prepared.as_mut().ok_or(EngineError::NotPrepared)?;
        let uniforms: Vec<Step> = steps.iter().map(|(params, tile)| step(params, tile)).collect();
        prepared.steps.write(&self.gpu, &uniforms);
        let segments = choose(&prepared.segments);
        let jobs: Vec<(&Bound, usize)> = (0..steps.len())
            .flat_map(|step| segments.iter().copied().flatten().map(move |bound| (bound, step)))
            .collect();
        submit(&self.gpu, &prepared.steps, &jobs, self.pace.budget);
        self.pace.submitted(&jobs);
        self.gpu.check()
    }
}

impl Engine for GpuEngine {
    fn prepare(&mut self, program: Arc<Program>) -> Result<(), EngineError> {
        self.prepared = None;
        self.gpu.check()?;
        let program = program.placed(self.pass);
        let works = Segments::lower(&program, self.target())?;
        self.gpu.hold(footprint(&program, &works).total);
        self.buffers.lay_out(&self.gpu, &program, &works.all());
        let segments = works.bind(&self.gpu, &mut self.buffers)?;
        let steps = Steps::new(&self.gpu, 64);
        self.gpu.check()?;
        self.prepared = Some(Prepared { tiles: program.tiles, segments, steps });
        Ok(())
    }

    fn write(&mut self, buffer: Buffer, data: &[f32]) -> Result<(), EngineError> {
        let (target, len) = self.buffers.get(buffer)?;
        if len != data.len() {
            return Err(missing(buffer, data.len()));
        }
        self.gpu.queue.write_buffer(target, 0, bytemuck::cast_slice(data));
        self.gpu.check()
    }

    fn begin(&mut self) -> Result<(), EngineError> {
        self.run(&[(&IterationParams::STILL, Tile::WHOLE)], |segments| vec![&segments.prologue])
    }

    async fn iterate(&mut self, burst: &[IterationParams]) -> Result<(), EngineError> {
        self.gpu.check()?;
        let prepared = self.prepared.as_mut().ok_or(EngineError::NotPrepared)?;
        let Prepared { tiles, segments, steps } = prepared;
        let mut uniforms = Vec::new();
        let mut jobs: Vec<(&Bound, usize)> = Vec::new();
        for params in burst {
            for tile in tiles.iter() {
                let Segments { enter, forward, backward, leave, .. } = &*segments;
                let works = [enter, forward, backward, leave].into_iter().flatten();
                jobs.extend(works.map(|bound| (bound, uniforms.len())));
                uniforms.push(step(params, tile));
            }
            // The ascent is the image's, whatever the tile.
            jobs.extend(segments.ascent.iter().map(|bound| (bound, uniforms.len() - 1)));
        }
        if steps.capacity() < uniforms.len() {
            *steps = Steps::new(&self.gpu, uniforms.len());
        }
        steps.write(&self.gpu, &uniforms);
        submit(&self.gpu, steps, &jobs, self.pace.budget);
        self.pace.submitted(&jobs);
        self.gpu.check()
    }

    fn end(&mut self) -> Result<(), EngineError> {
        self.run(&[(&IterationParams::STILL, Tile::WHOLE)], |segments| vec![&segments.epilogue])
    }

    async fn settle(&mut self) -> Result<(), EngineError> {
        self.gpu.settle().await?;
        self.pace.settled();
        Ok(())
    }

    async fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, EngineError> {
        let (source, len) = self.buffers.get(buffer)?;
        self.gpu.read(source, 4 * len as u64).await
    }

    fn footprint(&self, program: &Program) -> Footprint {
        let placed = program.placed(self.pass);
        let works = Segments::lower(&placed, self.target()).unwrap_or_default();
        footprint(&placed, &works)
    }

    fn limits(&self) -> Footprint {
        self.gpu.memory()
    }
}

impl Pace {
    fn new(tier: Tier) -> Self {
        // What the slowest device of each kind does in well under the watchdog's time.
        let budget = match tier {
            Tier::Software { .. } => 4e9,
            Tier::Integrated => 1e11,
            Tier::Discrete => 1e12,
        };
        Self { budget, pending: None }
    }

    fn submitted(&mut self, jobs: &[(&Bound, usize)]) {
        let flops: f64 = jobs.iter().map(|(bound, _)| bound.flops).sum();
        let (since, before) = self.pending.unwrap_or((Instant::now(), 0.0));
        self.pending = Some((since, before + flops));
    }

    /// Learns from work that is done how much the device does in the time it may take.
    fn settled(&mut self) {
        if let Some((since, flops)) = self.pending.take()
            && flops > 0.0
        {
            self.budget = PATIENCE * flops / since.elapsed().as_secs_f64().max(1e-6);
        }
    }
}

/// Memory that a placed program takes with its works.
fn footprint(placed: &Program, works: &Segments<Vec<Work>>) -> Footprint {
    let weights: u64 = works.all().iter().map(|work| work.constant_bytes()).sum();
    let scratch: u64 = works.scratch_bytes().sum();
    let total = placed.bytes() + scratch + works.kept_bytes() + weights;
    let largest = works.scratch_bytes().fold(placed.largest_buffer(), u64::max);
    Footprint { total, largest }
}

fn step(params: &IterationParams, tile: &Tile) -> Step {
    let [shift_x, shift_y] = params.shift;
    let ([origin_y, origin_x], [first_y, first_x]) = (tile.origin, tile.first);
    let [end_y, end_x] = tile.end;
    let [cosine, sine] = params.turn;
    let IterationParams { step_size, smoothing, rate, iteration, redirects, .. } = *params;
    Step {
        shift_x,
        shift_y,
        step_size,
        smoothing,
        origin_x,
        origin_y,
        first_x,
        first_y,
        end_x,
        end_y,
        cosine,
        sine,
        rate,
        iteration,
        redirects: redirects.into(),
        surface: surface_number(tile.surface),
    }
}
