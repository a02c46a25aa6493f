//! What page and worker say to each other.
//!
//! The page sends [`Request`]s, the worker answers with [`Event`]s that echo the request's id, so
//! that the page can ignore what belongs to a request it has given up. The worker speaks first:
//! [`Event::Ready`], because messages sent before it listens are lost.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    BenchTable, Classified, DreamSettings, EngineChoice, Firing, ModelCard, Remix, Scores,
};

/// Number that ties events to the request that caused them.
pub type RequestId = u32;

/// An RGBA picture, 8 bits a channel, rows top to bottom, alpha not premultiplied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// `width * height * 4` bytes.
    #[serde(with = "serde_bytes")]
    pub rgba: Vec<u8>,
}

/// A named file that the user opened, left where it is until the worker fetches it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// File name with its ending, without folders.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Where the worker reads it: an object URL of the page, so that nothing is copied on the way.
    pub url: String,
}

/// What the page asks of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Load another model: the `.onnx` file and, where it has them, its external-data files.
    /// No file at all means the built-in model.
    LoadModel {
        /// Echoed by the events.
        id: RequestId,
        /// The files.
        files: Vec<File>,
    },
    /// Say what a dream would take, without dreaming; answered by `Planned` or `Failed`.
    Plan {
        /// Echoed by the event.
        id: RequestId,
        /// Pixels across the picture.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Pixels across and down of the guides, styles and masks, as for `Dream`.
        #[serde(default)]
        materials: Vec<[u32; 2]>,
        /// How to dream.
        settings: DreamSettings,
        /// On what.
        engine: EngineChoice,
    },
    /// Dream; answered by `Started`, `Progress`, `Frame` and at last `Done` or `Failed`. Where the
    /// engine fails on the way, `Interrupted` asks what to do: `Continue` or `Stop`.
    Dream {
        /// Echoed by the events.
        id: RequestId,
        /// The picture to start from.
        picture: Picture,
        /// Guides and styles, which the settings' objectives name by their index.
        #[serde(default)]
        materials: Vec<Picture>,
        /// How to dream.
        settings: DreamSettings,
        /// On what.
        engine: EngineChoice,
    },
    /// Go on with the interrupted dream of that id, from the last finished octave.
    Continue {
        /// The id of the dream.
        id: RequestId,
        /// On what.
        engine: EngineChoice,
    },
    /// Dream on with other settings, without a restart: they count from the next burst on. The
    /// sizes of the octaves stay as they are. Settings that cannot be are answered by `Refused`,
    /// and the dream goes on as before.
    Update {
        /// The id of the dream.
        id: RequestId,
        /// How to dream from now on.
        settings: DreamSettings,
        /// The pictures that the settings name, where they are not those that the dream has.
        #[serde(default)]
        materials: Option<Vec<Picture>>,
    },
    /// Take up the dream of that id where it ended, for so many more iterations of its last octave
    /// as the settings say, or for the rest of it if it was stopped; answered like `Dream`.
    KeepGoing {
        /// The id of the dream that ended last.
        id: RequestId,
        /// How to go on.
        settings: DreamSettings,
        /// The pictures that the settings name, where they are not those that the dream has.
        #[serde(default)]
        materials: Option<Vec<Picture>>,
    },
    /// Put together anew what that dream's octaves added; answered by `Remixed` or `Failed`.
    Remix {
        /// The id of the dream that ended last.
        id: RequestId,
        /// How.
        remix: Remix,
    },
    /// End the dream of that id; it answers `Done` with what it has reached.
    Stop {
        /// The id of the dream to end.
        id: RequestId,
    },
    /// Measure an iteration of a dream; answered by `Measuring` and at last `Measured` or `Failed`.
    Bench {
        /// Echoed by the events.
        id: RequestId,
        /// The layer to raise; `None` means the model's default layer.
        layer: Option<String>,
        /// Side of the square picture in pixels.
        size: u32,
        /// The engine to measure beside the CPU engine; `Auto` means all that there are.
        engine: EngineChoice,
    },
    /// Make a small dream at once, a portrait of a channel for example; answered by `Sketched` or
    /// `Failed`. What ended last stays as it is.
    Sketch {
        /// Echoed by the event.
        id: RequestId,
        /// The picture to start from.
        picture: Picture,
        /// How to dream.
        settings: DreamSettings,
        /// On what.
        engine: EngineChoice,
    },
    /// Say which channels of a layer fire at the picture; answered by `Probed` or `Failed`.
    Probe {
        /// Echoed by the event.
        id: RequestId,
        /// The picture.
        picture: Picture,
        /// ONNX tensor name of the layer.
        layer: String,
        /// Where, from left to right and from top to bottom, 0 to 1; `None` means all over.
        at: Option<[f32; 2]>,
    },
    /// Name what the network sees in the picture; answered by `Classified`.
    Classify {
        /// Echoed by the event.
        id: RequestId,
        /// The picture.
        picture: Picture,
    },
}

/// What the worker tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The worker listens; it has loaded the built-in model.
    Ready {
        /// That model.
        model: ModelCard,
    },
    /// A model was loaded and is now the one to dream with.
    ModelLoaded {
        /// Of the request.
        id: RequestId,
        /// The model.
        model: ModelCard,
    },
    /// What a dream would take.
    Planned {
        /// Of the request.
        id: RequestId,
        /// What would run it.
        engine: EngineInUse,
        /// What it would take.
        need: Need,
    },
    /// A dream has begun, or goes on after an interruption.
    Started {
        /// Of the request.
        id: RequestId,
        /// What runs it.
        engine: EngineInUse,
        /// What it takes.
        need: Need,
        /// What a user should know before it begins: scaled down, octaves dropped.
        notes: Vec<String>,
    },
    /// An iteration is done.
    Progress {
        /// Of the request.
        id: RequestId,
        /// How far the dream is.
        progress: Progress,
    },
    /// A preview, at the size of the octave under way.
    Frame {
        /// Of the request.
        id: RequestId,
        /// The picture as it is now.
        picture: Picture,
        /// How the dream has climbed since the frame before.
        scores: Vec<Scores>,
    },
    /// Settings that a dream under way could not take up; it goes on with those that it had.
    Refused {
        /// Of the dream.
        id: RequestId,
        /// Why.
        failure: Failure,
    },
    /// The engine has failed in the middle of a dream; it waits for `Continue` or `Stop`.
    Interrupted {
        /// Of the request.
        id: RequestId,
        /// Why.
        failure: Failure,
        /// What the last finished octave has left, at working size.
        picture: Picture,
    },
    /// The dream has ended, by itself or by `Stop`.
    Done {
        /// Of the request.
        id: RequestId,
        /// The result at working size.
        picture: Picture,
        /// Whether `Stop` ended it early.
        stopped: bool,
        /// How long it took.
        seconds: f64,
        /// Octaves whose share can be remixed.
        octaves: u32,
    },
    /// The dream that ended last, remixed.
    Remixed {
        /// Of the dream.
        id: RequestId,
        /// The result at working size.
        picture: Picture,
    },
    /// A measurement is under way.
    Measuring {
        /// Of the request.
        id: RequestId,
        /// How far it is, 0 to 1.
        fraction: f64,
        /// What is being done.
        words: String,
    },
    /// A measurement is done.
    Measured {
        /// Of the request.
        id: RequestId,
        /// The numbers, in words.
        table: BenchTable,
    },
    /// A small dream.
    Sketched {
        /// Of the request.
        id: RequestId,
        /// The result at working size.
        picture: Picture,
    },
    /// The channels that fire.
    Probed {
        /// Of the request.
        id: RequestId,
        /// All channels of the layer, the strongest first.
        firing: Vec<Firing>,
    },
    /// The classes that the network sees, most likely first.
    Classified {
        /// Of the request.
        id: RequestId,
        /// At most five.
        classes: Vec<Classified>,
    },
    /// The request failed; what the worker held before it, it still holds.
    Failed {
        /// Of the request; `None` when the worker itself broke.
        id: Option<RequestId>,
        /// Why.
        failure: Failure,
    },
}

/// The engine of a dream, with what a user should know about the choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineInUse {
    /// Which; never `Auto`.
    pub engine: EngineChoice,
    /// Its name as users know it: `CPU`.
    pub name: String,
    /// Why that one.
    pub reason: String,
}

/// What a dream takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// Memory of its largest octave in MB.
    pub megabytes: u32,
    /// Tiles of its largest octave.
    pub tiles: u32,
    /// About how long it takes, where a dream like it has been measured.
    #[serde(default)]
    pub seconds: Option<u32>,
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "about {} MB", self.megabytes)?;
        if self.tiles > 1 { write!(f, ", in {} tiles", self.tiles) } else { Ok(()) }
    }
}

/// How far a dream is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Octave under way, from 1.
    pub octave: u32,
    /// Octaves in all.
    pub octaves: u32,
    /// Iterations done in this octave.
    pub iteration: u32,
    /// Iterations of an octave.
    pub iterations: u32,
    /// Pixel iterations done over pixel iterations in all, 0 to 1.
    pub fraction: f64,
    /// Time gone.
    pub seconds: f64,
    /// Estimated time to go, once there is something to estimate from.
    pub seconds_left: Option<f64>,
    /// Pixel iterations a second.
    pub pixels_per_second: f64,
}

/// An error in words for the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of thing went wrong.
    pub kind: FailureKind,
    /// What happened and what to do, one or two sentences.
    pub message: String,
}

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// The model file cannot be used; the model before it stays.
    Model,
    /// The picture cannot be used.
    Picture,
    /// A setting is out of range or names a layer that the model lacks.
    Settings,
    /// The engine asked for is not to be had or broke.
    Engine,
    /// A defect of ours; the worker must be restarted.
    Crash,
}

#[cfg(test)]
mod tests {
    use super::Need;

    #[test]
    fn tiles_are_told_where_there_are_several() {
        assert_eq!(Need { megabytes: 310, tiles: 1, seconds: None }.to_string(), "about 310 MB");
        assert_eq!(
            Need { megabytes: 900, tiles: 6, seconds: Some(9) }.to_string(),
            "about 900 MB, in 6 tiles"
        );
    }
}
