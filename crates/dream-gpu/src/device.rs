//! The adapter and its device: what it is, what it gives, and what has gone wrong on it.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use dream_graph::{EngineError, Footprint};
use wgpu::{DeviceType, Error, Features, Limits};

use crate::{patience, pipelines::Pipelines, shaders::Shader};

/// The engine's name in messages.
pub(crate) const ENGINE: &str = "GPU";

/// What kind of device it is, as far as the choice of kernels goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// A processor that plays GPU: no shared memory worth the name, barriers are dear.
    Software {
        /// Whether it has subgroups of eight invocations at least, which hand each other what one
        /// of them has loaded.
        subgroups: bool,
    },
    /// Shares its memory with the processor.
    Integrated,
    /// Has memory of its own.
    Discrete,
}

/// An open device.
#[derive(Clone)]
pub struct Gpu {
    /// Makes buffers and pipelines.
    pub(crate) device: wgpu::Device,
    /// Takes work.
    pub(crate) queue: wgpu::Queue,
    tier: Tier,
    name: String,
    limits: Limits,
    /// Bytes that a dream may take.
    total: u64,
    /// Bytes that the largest program so far has taken.
    held: Arc<AtomicU64>,
    trouble: Arc<Mutex<Option<EngineError>>>,
    traffic: Arc<[AtomicU64; 2]>,
    pipelines: Arc<Mutex<Pipelines>>,
}

/// How often host and device have met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Command buffers submitted.
    pub submits: u64,
    /// Buffers mapped for reading.
    pub maps: u64,
}

impl Gpu {
    /// Opens the fastest adapter with all the memory that it gives.
    ///
    /// # Errors
    /// [`EngineError::Unavailable`] where there is none, or none that answers.
    pub async fn open() -> Result<Self, EngineError> {
        Self::open_limited(u64::MAX).await
    }

    /// Opens the fastest adapter as if no buffer could be larger than `largest` bytes.
    ///
    /// # Errors
    /// [`EngineError::Unavailable`] where there is none, or none that answers.
    pub async fn open_limited(largest: u64) -> Result<Self, EngineError> {
        patience::within(Self::connect(largest)).await
    }

    async fn connect(largest: u64) -> Result<Self, EngineError> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance.request_adapter(&options).await.map_err(|error| {
            unavailable(&format!("there is no WebGPU adapter ({error}); choose cpu or auto"))
        })?;
        let (info, own) = (adapter.get_info(), adapter.limits());
        let tier = match info.device_type {
            DeviceType::Cpu => Tier::Software {
                subgroups: adapter.features().contains(Features::SUBGROUP)
                    && info.subgroup_min_size >= 8,
            },
            DeviceType::IntegratedGpu => Tier::Integrated,
            // Browsers do not say more than that it is no fallback.
            DeviceType::DiscreteGpu | DeviceType::VirtualGpu | DeviceType::Other => Tier::Discrete,
        };
        let subgroups = tier == Tier::Software { subgroups: true };
        let limits = Limits {
            max_buffer_size: own.max_buffer_size.min(largest),
            max_storage_buffer_binding_size: own.max_storage_buffer_binding_size.min(largest),
            ..Limits::default()
        };
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("pareidolia"),
            required_features: if subgroups { Features::SUBGROUP } else { Features::empty() },
            required_limits: limits.clone(),
            ..Default::default()
        };
        let (device, queue) = adapter.request_device(&descriptor).await.map_err(|error| {
            unavailable(&format!("{} gives no device ({error}); choose cpu", info.name))
        })?;
        let trouble = Arc::new(Mutex::new(None));
        listen(&device, &trouble);
        let name = [info.name, info.driver].into_iter().find(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| "a GPU without a name".to_owned());
        // WebGPU does not say how much memory there is: what devices of a kind can be trusted with.
        let total = match tier {
            Tier::Software { .. } | Tier::Integrated => 2 << 30,
            Tier::Discrete => 3 << 30,
        };
        let (held, traffic, pipelines) = Default::default();
        Ok(Self { device, queue, tier, name, limits, total, held, trouble, traffic, pipelines })
    }

    /// Opens the adapter again after trouble. A device that has run out of memory is trusted with
    /// half of what it was asked for then, so that dreams come in smaller tiles.
    ///
    /// # Errors
    /// [`EngineError::Unavailable`] where there is none any more.
    pub async fn reopen(&self) -> Result<Self, EngineError> {
        let gpu = Self::open_limited(self.limits.max_buffer_size).await?;
        let total = match self.check() {
            Err(EngineError::OutOfMemory { .. }) => self.total.min(self.held.load(Relaxed)) / 2,
            _ => self.total,
        };
        Ok(Self { total, ..gpu })
    }

    /// The same device, with the kernels of another tier: for tests of kernels that this machine
    /// would not choose.
    pub fn with_tier(self, tier: Tier) -> Self {
        Self { tier, pipelines: Arc::default(), ..self }
    }

    /// The adapter's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What kind of device it is.
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// Memory that a dream may take.
    pub fn memory(&self) -> Footprint {
        let Limits { max_buffer_size, max_storage_buffer_binding_size, .. } = self.limits;
        let largest = max_buffer_size.min(max_storage_buffer_binding_size);
        Footprint { total: self.total, largest }
    }

    /// Takes note of a program that takes so many bytes.
    pub(crate) fn hold(&self, bytes: u64) {
        self.held.fetch_max(bytes, Relaxed);
    }

    /// Makes all pipelines that works may need, so that no dream waits for them.
    pub fn warm_up(&self) {
        for &shader in Shader::ALL.iter().filter(|shader| shader.serves(self.tier)) {
            let flags = shader.flags().len();
            for set in 0..1 << flags {
                let set = (0..flags).map(|flag| set >> flag & 1 == 1).collect();
                self.pipelines().get(self, shader, set);
            }
        }
    }

    /// How many pipelines have been made so far.
    pub fn pipelines_made(&self) -> usize {
        self.pipelines().count()
    }

    /// The pipelines, which all engines on the device share.
    pub(crate) fn pipelines(&self) -> MutexGuard<'_, Pipelines> {
        self.pipelines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often host and device have met so far.
    pub fn traffic(&self) -> Traffic {
        let [submits, maps] = &*self.traffic;
        Traffic { submits: submits.load(Relaxed), maps: maps.load(Relaxed) }
    }

    /// Destroys the device, as a driver's reset would: for tests of what comes after.
    pub fn destroy(&self) {
        self.device.destroy();
    }

    /// Runs out of memory, as a driver would report it: for tests of what comes after.
    pub fn exhaust(&self) {
        let reason = "a test wants it so".to_owned();
        keep(&self.trouble, EngineError::OutOfMemory { engine: ENGINE, reason });
    }

    /// Whether the device can still be used.
    ///
    /// # Errors
    /// The first thing that has gone wrong since it was opened.
    pub fn check(&self) -> Result<(), EngineError> {
        match &*self.trouble.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    /// The error for work that did not come back: what is known, else that the device is lost.
    pub(crate) fn failure(&self, reason: &str) -> EngineError {
        let lost = || EngineError::Lost { engine: ENGINE, reason: reason.to_owned() };
        self.check().err().unwrap_or_else(lost)
    }

    /// Hands over commands.
    pub(crate) fn submit(&self, commands: wgpu::CommandBuffer) {
        self.traffic[0].fetch_add(1, Relaxed);
        self.queue.submit([commands]);
    }

    /// Waits until everything submitted is done.
    pub(crate) async fn settle(&self) -> Result<(), EngineError> {
        let (sender, receiver) = futures_channel::oneshot::channel();
        self.queue.on_submitted_work_done(move || {
            let _ = sender.send(());
        });
        self.poll()?;
        receiver.await.map_err(|_| self.failure("it never finished"))?;
        self.check()
    }

    /// Brings the first `bytes` of a buffer back.
    pub(crate) async fn read(
        &self,
        buffer: &wgpu::Buffer,
        bytes: u64,
    ) -> Result<Vec<f32>, EngineError> {
        let staging = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("readback"),
            size: bytes,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, bytes);
        self.submit(encoder.finish());
        self.check()?;
        let (sender, receiver) = futures_channel::oneshot::channel();
        self.traffic[1].fetch_add(1, Relaxed);
        staging.map_async(wgpu::MapMode::Read, .., move |mapped| {
            let _ = sender.send(mapped);
        });
        self.poll()?;
        let mapped = receiver.await.map_err(|_| self.failure("it never answered"))?;
        mapped.map_err(|error| self.failure(&error.to_string()))?;
        let view = staging.get_mapped_range(..);
        let view = view.map_err(|error| self.failure(&error.to_string()))?;
        Ok(bytemuck::pod_collect_to_vec(&view))
    }

    /// Natively somebody has to wait; in a browser its event loop does.
    fn poll(&self) -> Result<(), EngineError> {
        let polled = self.device.poll(wgpu::PollType::wait_indefinitely());
        polled.map(drop).map_err(|error| self.failure(&error.to_string()))
    }
}

/// Keeps the first error that nobody waits for.
fn keep(trouble: &Mutex<Option<EngineError>>, error: EngineError) {
    trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
}

/// Hears of errors that nobody waits for.
fn listen(device: &wgpu::Device, trouble: &Arc<Mutex<Option<EngineError>>>) {
    let lost = Arc::clone(trouble);
    device.set_device_lost_callback(move |cause, message| {
        let reason = if message.is_empty() { format!("{cause:?}") } else { message };
        keep(&lost, EngineError::Lost { engine: ENGINE, reason });
    });
    let refused = Arc::clone(trouble);
    device.on_uncaptured_error(Arc::new(move |error| {
        keep(
            &refused,
            match error {
                Error::OutOfMemory { source } => {
                    EngineError::OutOfMemory { engine: ENGINE, reason: source.to_string() }
                }
                Error::Validation { description, .. } | Error::Internal { description, .. } => {
                    EngineError::Refused {
                        engine: ENGINE,
                        work: "work".into(),
                        reason: description,
                    }
                }
            },
        );
    }));
}

pub(crate) fn unavailable(reason: &str) -> EngineError {
    EngineError::Unavailable { engine: ENGINE, reason: reason.to_owned() }
}
