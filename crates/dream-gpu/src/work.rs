//! A compute dispatch as data: what the lowering of a kernel gives and the encoder takes.

use std::sync::Arc;

use dream_graph::Buffer;

use crate::shaders::Shader;

/// One compute dispatch. Bindings of group 0: the uniform, what is written, what is read in order;
/// shaders that depend on the iteration or the tile have [`Step`](crate::uniforms::Step) in group 1.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// The operator node that it belongs to, for messages.
    pub node: String,
    /// The shader.
    pub shader: Shader,
    /// Words of its uniform.
    pub params: Vec<u32>,
    /// What is written.
    pub write: Place,
    /// What is read.
    pub reads: Vec<Input>,
    /// Workgroups across, down and deep.
    pub groups: [u32; 3],
    /// Floating-point operations, for pacing and benchmarks; 0 where they do not count.
    pub flops: f64,
}

/// Device memory that work may write. Offsets into it are words of the uniform, because a binding
/// could only begin at a multiple of 256 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A buffer of the program.
    Buffer(Buffer),
    /// The engine's own scratch; free again after the next work that reads it.
    Scratch {
        /// Tells it from another that is written before this one is read.
        index: usize,
        /// How long it is at least.
        words: usize,
    },
    /// The engine's own, kept until the next iteration.
    Kept {
        /// Tells it from the others of a program.
        index: usize,
        /// How long it is.
        words: usize,
    },
}

/// What work reads.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// Device memory.
    Place(Place),
    /// A constant of the network as it is, uploaded once.
    Constant(Arc<[f32]>),
    /// Convolution weights in the order that the shader reads, packed and uploaded once.
    Weights(Arc<[f32]>, crate::weights::Packing),
    /// A table made for this dispatch.
    Words(Vec<u32>),
}

impl Work {
    /// Which of its shader's flags are set.
    pub fn flags(&self) -> Vec<bool> {
        let word = |name: &str| Some(self.params[self.shader.field(name)?]);
        let flags = self.shader.flags().iter();
        flags.map(|(name, _)| word(name).is_some_and(|word| word != 0)).collect()
    }

    /// Bytes of the network's constants that it reads.
    pub fn constant_bytes(&self) -> u64 {
        let elements = self.reads.iter().map(|read| match read {
            Input::Place(_) => 0,
            Input::Constant(data) => data.len(),
            Input::Weights(data, packing) => packing.elements(data.len()),
            Input::Words(words) => words.len(),
        });
        4 * elements.sum::<usize>() as u64
    }
}
