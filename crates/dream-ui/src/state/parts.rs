//! What the state is made of.

use std::sync::Arc;

use dream_protocol::{BenchTable, Picture, Recipe, RequestId};

use crate::scene::Scene;

/// How the worker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Being fetched and compiled; requests wait.
    Starting,
    /// Listening.
    Alive,
    /// Gone, with what is known about why.
    Dead(String),
}

/// A dream under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dream {
    /// Id of its request.
    pub id: RequestId,
    /// What it is at.
    pub phase: Phase,
}

/// What a dream under way is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Dreaming, or about to.
    Running,
    /// Asked to stop; the worker will say what it has reached.
    Stopping,
    /// Its engine has failed, for this reason; waits for the user to say how to go on.
    Interrupted(String),
}

/// How a dream ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// It ran to its end or was stopped.
    Done {
        /// Whether the user stopped it.
        stopped: bool,
        /// How long it took.
        seconds: f64,
    },
    /// It broke; an alert says why.
    Failed,
}

/// An error on show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Tells it from the others.
    pub key: u32,
    /// What happened and what to do.
    pub message: String,
}

/// A picture to dream on.
#[derive(Clone, Debug, PartialEq)]
pub struct Original {
    /// File name without its ending, for the name of the saved dream.
    pub name: String,
    /// The start picture that it is, if it is one.
    pub scene: Option<Scene>,
    /// Its pixels.
    pub picture: Arc<Picture>,
}

/// A recipe that was opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Restored {
    /// Where it came from: the name of a file, or nothing for a link.
    pub file: Option<String>,
    /// What it says.
    pub recipe: Recipe,
    /// The picture that was there before the file's own.
    pub before: Option<Original>,
}

/// A measurement.
#[derive(Clone, Debug, PartialEq)]
pub enum Bench {
    /// Under way: the id of its request, how far it is (0 to 1), and what is being done.
    Running(RequestId, f64, String),
    /// Done.
    Done(BenchTable),
}
