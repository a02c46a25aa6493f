//! Device memory: a program's buffers, the engine's scratch, the network's constants.

use std::{collections::HashMap, sync::Arc};

use dream_graph::{Buffer, EngineError, Program};

use crate::{
    device::Gpu,
    weights::{Packing, packed},
    work::{Input, Place, Work},
};

/// All buffers of the program in hand, and all constants that any program has used.
#[derive(Default)]
pub(crate) struct Buffers {
    fixed: HashMap<Buffer, Held>,
    scratch: Vec<wgpu::Buffer>,
    kept: Vec<wgpu::Buffer>,
    constants: HashMap<(usize, usize, Option<Packing>), Constant>,
}

/// A buffer and its elements.
struct Held {
    buffer: wgpu::Buffer,
    len: usize,
}

/// A constant on the device; the host's copy is held so that its address stays its own.
struct Constant {
    buffer: wgpu::Buffer,
    _host: Arc<[f32]>,
}

impl Buffers {
    /// Makes the buffers of a placed program; those that are already there keep their contents.
    pub fn lay_out(&mut self, gpu: &Gpu, program: &Program, works: &[&Work]) {
        let mut old = std::mem::take(&mut self.fixed);
        let kept = |buffer: &Buffer| program.buffers.iter().any(|(named, _)| named == buffer);
        old.retain(|buffer, _| kept(buffer));
        (self.scratch, self.kept) = (Vec::new(), Vec::new());
        let slots = program.slots.iter().enumerate();
        let slots = slots.map(|(index, &len)| (Buffer::Slot(index), len));
        let foreign = program.forward.dispatches.is_empty();
        let saved = program.saved.iter().enumerate().filter(|_| foreign);
        let saved = saved.map(|(index, &id)| {
            (Buffer::Saved(index), program.graph.value(id).shape.iter().product())
        });
        for (buffer, len) in program.buffers.iter().copied().chain(slots).chain(saved) {
            let held = old.remove(&buffer).filter(|held| held.len == len);
            let held = held
                .unwrap_or_else(|| Held { buffer: storage(gpu, &format!("{buffer:?}"), len), len });
            self.fixed.insert(buffer, held);
        }
        self.lay_out_scratch(gpu, works);
        self.kept = kept_words(works).map(|words| storage(gpu, "kept", words)).collect();
    }

    /// Makes the scratch that works need.
    pub fn lay_out_scratch(&mut self, gpu: &Gpu, works: &[&Work]) {
        let scratch = scratch_words(works).into_iter();
        self.scratch = scratch.map(|words| storage(gpu, "scratch", words)).collect();
    }

    /// A buffer of the program and its elements.
    pub fn get(&self, buffer: Buffer) -> Result<(&wgpu::Buffer, usize), EngineError> {
        let held = self.fixed.get(&buffer).ok_or_else(|| missing(buffer, 0))?;
        Ok((&held.buffer, held.len))
    }

    /// Memory that work writes or reads.
    pub fn place(&self, place: Place) -> Result<&wgpu::Buffer, EngineError> {
        let (found, words) = match place {
            Place::Buffer(buffer) => return Ok(self.get(buffer)?.0),
            Place::Scratch { index, words } => (self.scratch.get(index), words),
            Place::Kept { index, words } => (self.kept.get(index), words),
        };
        found.ok_or_else(|| EngineError::Buffer { buffer: "scratch".into(), len: words })
    }

    /// What work reads; constants are uploaded when they are first asked for.
    pub fn input(&mut self, gpu: &Gpu, input: &Input) -> Result<wgpu::Buffer, EngineError> {
        match input {
            Input::Place(place) => self.place(*place).cloned(),
            Input::Constant(data) => Ok(self.constant(gpu, data, None)),
            Input::Weights(data, packing) => Ok(self.constant(gpu, data, Some(*packing))),
            Input::Words(words) => Ok(upload(gpu, "table", bytemuck::cast_slice(words))),
        }
    }

    fn constant(&mut self, gpu: &Gpu, data: &Arc<[f32]>, packing: Option<Packing>) -> wgpu::Buffer {
        let key = (data.as_ptr() as usize, data.len(), packing);
        let constant = self.constants.entry(key).or_insert_with(|| {
            let buffer = match packing {
                None => upload(gpu, "constant", bytemuck::cast_slice(data)),
                Some(packing) => {
                    upload(gpu, "weights", bytemuck::cast_slice(&packed(data, packing)))
                }
            };
            Constant { buffer, _host: Arc::clone(data) }
        });
        constant.buffer.clone()
    }
}

/// Words of each scratch that some works need, in the order of their indices.
pub(crate) fn scratch_words(works: &[&Work]) -> Vec<usize> {
    let mut needed = Vec::new();
    for work in works {
        if let Place::Scratch { index, words } = work.write {
            needed.resize(needed.len().max(index + 1), 0);
            needed[index] = words.max(needed[index]);
        }
    }
    needed
}

/// Words of each memory that some works keep, in the order of their indices.
pub(crate) fn kept_words(works: &[&Work]) -> impl Iterator<Item = usize> {
    let read = works.iter().flat_map(|work| &work.reads).filter_map(|read| match read {
        Input::Place(Place::Kept { index, words }) => Some((*index, *words)),
        _ => None,
    });
    let mut kept: Vec<_> = read.collect();
    kept.sort_unstable();
    kept.dedup();
    kept.into_iter().map(|(_, words)| words)
}

/// The error for a buffer that is not there, or not as long.
pub(crate) fn missing(buffer: Buffer, len: usize) -> EngineError {
    EngineError::Buffer { buffer: format!("{buffer:?}"), len }
}

fn storage(gpu: &Gpu, label: &str, words: usize) -> wgpu::Buffer {
    gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size: 4 * words.max(4) as u64,
        usage: wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::COPY_SRC
            | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

fn upload(gpu: &Gpu, label: &str, bytes: &[u8]) -> wgpu::Buffer {
    let buffer = storage(gpu, label, bytes.len().div_ceil(4));
    gpu.queue.write_buffer(&buffer, 0, bytes);
    buffer
}
