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
    /// What looks at the whole picture at once cannot look over its edges.
    #[error(
        "{0} needs the whole picture at once, so the dream's edges cannot meet; choose an earlier \
         layer, or plain edges"
    )]
    EdgesMeet(String),
    /// A layer without positions cannot tell where it responds.
    #[error(
        "{0} sees the picture as a whole, so it cannot say where to change it; choose another layer, \
         or paint a mask"
    )]
    NoPlaces(String),
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
    /// A guide or style that did not come with the dream.
    #[error("an objective asks for picture {index} of the {count} that came with the dream")]
    Material {
        /// Its index.
        index: usize,
        /// How many came.
        count: usize,
    },
    /// A direction that was taught at another layer, or by another network.
    #[error(
        "the direction has {found} channels and layer {layer} has {channels}: it was taught at \
         another layer or with another model"
    )]
    Direction {
        /// The layer.
        layer: String,
        /// Its channels.
        channels: usize,
        /// Those of the direction.
        found: usize,
    },
    /// A class of a network that knows none.
    #[error("this model has no class head; it can dream, but not name what it sees")]
    NoHead,
    /// No picture to learn from.
    #[error("a concept needs at least one picture of it and one of something else")]
    NoExamples,
    /// Pictures of a concept that the layer cannot tell from the rest.
    #[error("layer {0} sees no difference between the pictures of the concept and the rest")]
    NoDifference(String),
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
