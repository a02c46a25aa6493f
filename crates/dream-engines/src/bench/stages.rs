//! All stages of a measurement, made ready and timed round after round.

use std::sync::Arc;

use dream::DreamError;
use dream_cpu::Forward;
use dream_gpu::{Gpu, Peak};
use dream_graph::{EngineError, Program};
use dream_protocol::EngineChoice;
use web_time::Instant;

use super::{Order, Watch, programs::Programs, stage::Stage};
use crate::choose::Engines;

/// Rounds that are timed where time allows; one more goes before them to warm up.
const ROUNDS: u32 = 7;

/// All stages.
pub(super) struct Stages {
    /// tract's own forward pass to the layer, with none of our operators in it.
    pub tract: Stage,
    /// The engines, the CPU engine first.
    pub engines: Vec<EngineStages>,
    /// The device, or why there is none.
    pub device: Result<Device, String>,
    /// Most bytes held by the end of an iteration on the CPU engine.
    pub peak_memory: Option<u64>,
}

/// The stages of one engine.
pub(super) struct EngineStages {
    /// The engine as users know it.
    pub name: &'static str,
    /// Whether it runs wholly on the device.
    pub on_device: bool,
    /// Network input and forward pass.
    pub forward: Stage,
    /// Forward and backward.
    pub gradient: Stage,
    /// All of it.
    pub iteration: Stage,
    /// All but the convolutions, where the engine can leave them out.
    pub other: Option<Stage>,
}

/// The device and its peak.
pub(super) struct Device {
    pub gpu: Gpu,
    pub peak: Stage,
}

impl Stages {
    /// Makes all engines ready that the order asks for.
    pub async fn new(
        order: &Order<'_>,
        engines: &mut Engines,
        programs: &Programs,
        watch: &dyn Watch,
    ) -> Result<Self, DreamError> {
        let mut setup = Setup { order, engines, programs };
        let mut cpu = setup.stage(EngineChoice::Cpu, "full iteration", &programs.iteration).await?;
        // Before anything else takes memory; twice, because what the first iteration leaves behind
        // is still there while the second one runs.
        cpu.1.run().await?;
        cpu.1.run().await?;
        let peak_memory = watch.peak_memory();
        let mut stages = Self {
            tract: setup.tract()?,
            engines: vec![setup.around(EngineChoice::Cpu, cpu).await?],
            device: setup.device().await?,
            peak_memory,
        };
        if stages.device.is_ok() {
            for kind in beside_cpu(order.engine) {
                let iteration = setup.stage(kind, "full iteration", &programs.iteration).await?;
                stages.engines.push(setup.around(kind, iteration).await?);
            }
        }
        Ok(stages)
    }

    /// Times all of them in turn, as often as there is time for; returns how often that was.
    pub async fn measure(
        &mut self,
        started: Instant,
        seconds: f64,
        watch: &mut dyn Watch,
    ) -> Result<u32, EngineError> {
        let mut stages = self.all();
        let steps = f64::from(ROUNDS + 1) * stages.len() as f64;
        let passed = || started.elapsed().as_secs_f64();
        let mut done = 0;
        let mut hear = |round: &str, stage: &Stage| {
            let fraction = (f64::from(done) / steps).max(passed() / seconds).min(1.0);
            watch.hear(fraction, &format!("{round}: {}", stage.words));
            done += 1;
        };
        for stage in &mut stages {
            hear("warming up", stage);
            stage.warm_up().await?;
        }
        let mut rounds = 0;
        loop {
            let before = passed();
            rounds += 1;
            for stage in &mut stages {
                hear(&format!("round {rounds}"), stage);
                stage.sample().await?;
            }
            if rounds == ROUNDS || 2.0 * passed() - before > seconds {
                return Ok(rounds);
            }
        }
    }

    fn all(&mut self) -> Vec<&mut Stage> {
        let engines = self.engines.iter_mut().flat_map(|engine| {
            let EngineStages { forward, gradient, iteration, other, .. } = engine;
            [Some(forward), Some(gradient), Some(iteration), other.as_mut()].into_iter().flatten()
        });
        let peak = self.device.as_mut().ok().map(|device| &mut device.peak);
        [&mut self.tract].into_iter().chain(engines).chain(peak).collect()
    }
}

/// An engine's name and a stage of it.
type Named = (&'static str, Stage);

struct Setup<'a, 'o> {
    order: &'a Order<'o>,
    engines: &'a mut Engines,
    programs: &'a Programs,
}

impl Setup<'_, '_> {
    fn tract(&self) -> Result<Stage, EngineError> {
        let forward = Forward::stock(&self.programs.iteration.graph, &[self.order.layer])?;
        Ok(Stage::tract(forward, self.order.size as usize))
    }

    /// The device, where one is to be measured. That `Auto` finds none is no error.
    async fn device(&mut self) -> Result<Result<Device, String>, EngineError> {
        let gpu = match self.order.engine {
            EngineChoice::Cpu => return Ok(Err("only the CPU engine was asked for".to_owned())),
            EngineChoice::Auto => match self.engines.look().await {
                Ok(gpu) => gpu,
                Err(error) => return Ok(Err(error.to_string())),
            },
            EngineChoice::Gpu | EngineChoice::Hybrid => self.engines.open().await?,
        };
        Ok(Ok(Device { peak: Stage::peak(Peak::new(&gpu).await?), gpu }))
    }

    /// The other stages of an engine around its iteration.
    async fn around(
        &mut self,
        kind: EngineChoice,
        (name, iteration): Named,
    ) -> Result<EngineStages, EngineError> {
        let Programs { forward, gradient, other, .. } = self.programs;
        let on_device = kind == EngineChoice::Gpu;
        Ok(EngineStages {
            name,
            on_device,
            forward: self.stage(kind, "forward", forward).await?.1,
            gradient: self.stage(kind, "gradient step", gradient).await?.1,
            iteration,
            other: if on_device {
                Some(self.stage(kind, "all but convolutions", other).await?.1)
            } else {
                None
            },
        })
    }

    async fn stage(
        &mut self,
        kind: EngineChoice,
        what: &str,
        program: &Arc<Program>,
    ) -> Result<Named, EngineError> {
        let Order { network, layer, .. } = *self.order;
        let chosen = self.engines.choose(kind, network, layer).await?;
        let words = format!("{what} on the {} engine", chosen.name);
        Ok((chosen.name, Stage::engine(words, chosen.engine, program)?))
    }
}

/// The engines that an order asks for besides the CPU engine.
fn beside_cpu(choice: EngineChoice) -> impl Iterator<Item = EngineChoice> {
    let asked = move |&kind: &EngineChoice| choice == EngineChoice::Auto || choice == kind;
    [EngineChoice::Hybrid, EngineChoice::Gpu].into_iter().filter(asked)
}
