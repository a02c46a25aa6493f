//! Why a dream cannot be.

use dream_graph::{EngineError, GraphError};
use dream_protocol::SettingsError;

/// Why a dream cannot begin or go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DreamError {
    /// A setting out of range.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The network cannot be laid out or differentiated.
    #[error(transparent)]
    Network(#[from] GraphError),
    /// The engine cannot do its work.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A picture whose bytes do not fill its sides.
    #[error("a picture of {width} × {height} pixels cannot have {bytes} bytes")]
    Picture {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Bytes that came with it.
        bytes: usize,
    },
    /// An input of the wrong length.
    #[error("the network input needs {expected} numbers, not {actual}")]
    Input {
        /// Numbers needed.
        expected: usize,
        /// Numbers given.
        actual: usize,
    },
    /// A channel or class that the layer does not have.
    #[error("layer {layer} has no {what} {index}; it has {count}")]
    Index {
        /// The layer.
        layer: String,
        /// `channel` or `class`.
        what: &'static str,
        /// The index asked for.
        index: usize,
        /// How many there are.
        count: usize,
    },
}
