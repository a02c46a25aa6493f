//! The words that the page, the worker and the command line share.
//!
//! Plain data only: what a dream is asked to be ([`DreamSettings`]), what a model offers
//! ([`ModelCard`], [`Layer`]), what remakes a dream ([`Recipe`]), and what page and worker say to each other ([`Request`], [`Event`]).
//! Nothing here computes, and nothing here knows an engine, a browser or a file format.

mod bench;
mod edges;
mod label;
mod layer;
mod message;
mod objective;
mod portrait;
mod prior;
mod recipe;
mod remix;
mod scores;
mod seen;
mod settings;
mod shelf;
mod start;

pub use bench::{BenchDevice, BenchEngine, BenchReport, BenchRow, BenchTable};
pub use edges::Edges;
pub use label::classes_like;
pub use layer::{Layer, ModelCard};
pub use message::{
    EngineInUse, Event, Failure, FailureKind, File, Need, Picture, Progress, Request, RequestId,
};
pub use objective::{COSINE_POWER, Concept, Objective, ObjectiveKind, WEIGHT};
pub use portrait::portrait_settings;
pub use prior::{
    ALPHA_NORM, BLUR, Choice, ColorMode, Finish, Goal, L2, LAPLACIAN_LEVELS, Mask, Parametrisation,
    Prior, RANDOM_ROTATION, RANDOM_SCALE, REDIRECTED, TOTAL_VARIATION,
};
pub use recipe::{ModelId, RECIPE_KEYWORD, Recipe};
pub use remix::{COLOR, GAIN, Remix, STRENGTH};
pub use scores::Scores;
pub use seen::{Classified, Firing};
pub use settings::{
    DreamSettings, EngineChoice, ITERATIONS, JITTER, OCTAVE_SCALE, OCTAVES, Range, SEED, SIZE,
    STEP_SIZE, SettingsError,
};
pub use shelf::{InputNote, ShelfModel};
pub use start::{AGAIN, Start};
