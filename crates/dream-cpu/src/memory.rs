//! The buffers of a program in this engine's memory.

use std::collections::BTreeMap;

use dream_graph::{Buffer, EngineError, Program, Source, View};
use tract_onnx::tract_core::prelude::TValue;

use crate::plan::slice;

/// All buffers of the program in hand.
#[derive(Default)]
pub(crate) struct Memory {
    fixed: BTreeMap<Buffer, Vec<f32>>,
    slots: Vec<Vec<f32>>,
    /// What the forward pass left, in the order of [`Program::saved`].
    pub saved: Vec<TValue>,
}

impl Memory {
    /// Makes the buffers of `program`; those that are already there keep their contents.
    pub fn lay_out(&mut self, program: &Program) {
        self.saved.clear();
        let mut old = std::mem::take(&mut self.fixed);
        for &(buffer, len) in &program.buffers {
            let kept = old.remove(&buffer).filter(|kept| kept.len() == len);
            self.fixed.insert(buffer, kept.unwrap_or_else(|| vec![0.0; len]));
        }
        self.slots = program.slots.iter().map(|&len| vec![0.0; len]).collect();
    }

    /// All of a buffer.
    pub fn buffer(&self, buffer: Buffer) -> Result<&[f32], EngineError> {
        let found = match buffer {
            Buffer::Saved(index) => self.saved.get(index).map(|value| slice(value)).transpose()?,
            Buffer::Slot(index) => self.slots.get(index).map(Vec::as_slice),
            _ => self.fixed.get(&buffer).map(Vec::as_slice),
        };
        found.ok_or_else(|| missing(buffer, 0))
    }

    /// All of a buffer that work may write.
    pub fn buffer_mut(&mut self, buffer: Buffer) -> Result<&mut Vec<f32>, EngineError> {
        let found = match buffer {
            Buffer::Saved(_) => None,
            Buffer::Slot(index) => self.slots.get_mut(index),
            _ => self.fixed.get_mut(&buffer),
        };
        found.ok_or_else(|| missing(buffer, 0))
    }

    /// What a dispatch reads.
    pub fn source<'a>(&'a self, source: &'a Source) -> Result<&'a [f32], EngineError> {
        match source {
            Source::Constant(data) => Ok(data),
            Source::View(View { buffer, offset, len }) => {
                let range = *offset..offset + len;
                self.buffer(*buffer)?.get(range).ok_or_else(|| missing(*buffer, *len))
            }
        }
    }
}

/// The error for a buffer that is not there, or not as long.
pub(crate) fn missing(buffer: Buffer, len: usize) -> EngineError {
    EngineError::Buffer { buffer: format!("{buffer:?}"), len }
}
