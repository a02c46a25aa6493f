//! Which engine runs the dream, and why.

use std::{mem, pin::Pin};

use dream_cpu::CpuEngine;
use dream_gpu::{Gpu, GpuEngine, Tier};
use dream_graph::{EngineError, Network};
use dream_protocol::{EngineChoice, EngineInUse};

use crate::{
    any::AnyEngine,
    hybrid::HybridEngine,
    trial::{Trial, trial},
};

/// An engine with what a user should know about the choice.
pub struct Chosen {
    /// The engine.
    pub engine: AnyEngine,
    /// Its name as users know it.
    pub name: &'static str,
    /// Why it was chosen.
    pub reason: String,
}

impl Chosen {
    /// What the user is told about it.
    pub fn in_use(&self) -> EngineInUse {
        let (name, reason) = (self.name.to_owned(), self.reason.clone());
        EngineInUse { engine: self.engine.choice(), name, reason }
    }
}

/// The engines of this machine. The device is opened and the trial held once, when they are first
/// needed.
#[derive(Default)]
pub struct Engines {
    device: Device,
    trial: Option<Trial>,
}

/// What is known of the device.
#[derive(Default)]
enum Device {
    /// Nobody has asked for it.
    #[default]
    Unasked,
    /// It is being opened elsewhere.
    Opening(Pin<Box<dyn Future<Output = Result<Gpu, EngineError>>>>),
    /// It was there when it was last needed.
    Open(Box<Gpu>),
    /// There was none.
    Missing(EngineError),
}

impl Engines {
    /// Makes the engine that was asked for, or the best one for `auto`: a real GPU; or, where there
    /// is only a software one, the faster of both on a small dream of `layer`.
    ///
    /// # Errors
    /// [`EngineError::Unavailable`] for an engine that this machine does not have.
    pub async fn choose(
        &mut self,
        choice: EngineChoice,
        network: &dyn Network,
        layer: &str,
    ) -> Result<Chosen, EngineError> {
        match choice {
            EngineChoice::Cpu => Ok(cpu("you asked for it".to_owned())),
            EngineChoice::Gpu => {
                let gpu = self.open().await?;
                let reason = format!("you asked for it; {}", gpu.name());
                Ok(on_gpu(gpu, reason))
            }
            EngineChoice::Hybrid => {
                let gpu = self.open().await?;
                let reason = format!("you asked for it; {}", gpu.name());
                let engine = HybridEngine::new(GpuEngine::without_forward(gpu));
                Ok(Chosen { engine: AnyEngine::Hybrid(engine), name: "hybrid", reason })
            }
            EngineChoice::Auto => Ok(self.automatic(network, layer).await),
        }
    }

    async fn automatic(&mut self, network: &dyn Network, layer: &str) -> Chosen {
        let gpu = match self.look().await {
            Ok(gpu) => gpu,
            Err(error) => return cpu(error.to_string()),
        };
        if !matches!(gpu.tier(), Tier::Software { .. }) {
            let reason = format!("{} is a real GPU", gpu.name());
            return on_gpu(gpu, reason);
        }
        let trial = match self.trial {
            Some(trial) => Ok(trial),
            None => trial(gpu.clone(), network, layer).await,
        };
        let name = gpu.name();
        match trial {
            Ok(trial) => {
                self.trial = Some(trial);
                let Trial { cpu_ms, gpu_ms } = trial;
                let compared = format!(
                    "{name} is a software GPU; a small iteration took {gpu_ms:.0} ms on it and \
                     {cpu_ms:.0} ms on the processor"
                );
                if cpu_ms <= gpu_ms { cpu(compared) } else { on_gpu(gpu, compared) }
            }
            Err(error) => cpu(format!("{name} is a software GPU and failed its trial ({error})")),
        }
    }

    /// Takes a device that is being opened elsewhere, and is waited for when it is first needed.
    pub fn adopt(&mut self, opening: impl Future<Output = Result<Gpu, EngineError>> + 'static) {
        self.device = Device::Opening(Box::pin(opening));
    }

    /// The device: opened when it is first needed, and again when it was lost or not there.
    ///
    /// # Errors
    /// [`EngineError::Unavailable`] where there is none.
    pub async fn open(&mut self) -> Result<Gpu, EngineError> {
        let opened = match mem::take(&mut self.device) {
            Device::Opening(opening) => opening.await,
            Device::Open(gpu) => Ok(*gpu),
            Device::Unasked | Device::Missing(_) => Gpu::open().await,
        };
        let opened = match opened {
            Ok(gpu) if gpu.check().is_err() => gpu.reopen().await,
            opened => opened,
        };
        self.device = match &opened {
            Ok(gpu) => Device::Open(gpu.clone().into()),
            Err(error) => Device::Missing(error.clone()),
        };
        opened
    }

    /// The device, without asking once more where there was none.
    ///
    /// # Errors
    /// [`EngineError::Unavailable`] where there is none.
    pub(crate) async fn look(&mut self) -> Result<Gpu, EngineError> {
        match &self.device {
            Device::Missing(error) => Err(error.clone()),
            _ => self.open().await,
        }
    }
}

fn cpu(reason: String) -> Chosen {
    Chosen { engine: AnyEngine::Cpu(CpuEngine::default()), name: "CPU", reason }
}

fn on_gpu(gpu: Gpu, reason: String) -> Chosen {
    Chosen { engine: AnyEngine::Gpu(GpuEngine::new(gpu)), name: "GPU", reason }
}
