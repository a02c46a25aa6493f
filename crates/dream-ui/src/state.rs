//! What the page knows, and how every event of the worker changes it.
//!
//! One bundle of signals, no DOM: [`State::apply`] and the actions next to it are plain functions
//! over it, tested natively. Components read the signals; `bridge` feeds the events.

use std::sync::Arc;

use dream_protocol::{
    BenchTable, DreamSettings, EngineChoice, EngineInUse, Event, Failure, ModelCard, Need,
    Objective, Picture, Progress, RequestId,
};
use leptos::prelude::*;

use crate::scene::Scene;

/// Everything that the page shows, as signals.
#[derive(Clone, Copy)]
pub struct State {
    /// Whether the worker can be asked for anything.
    pub worker: RwSignal<Health>,
    /// The model to dream with.
    pub model: RwSignal<Option<ModelCard>>,
    /// The request that loads another model, while it is under way.
    pub opening: RwSignal<Option<RequestId>>,
    /// The dream under way.
    pub dream: RwSignal<Option<Dream>>,
    /// How the last dream ended.
    pub outcome: RwSignal<Option<Outcome>>,
    /// The engine that dreams, dreamed last, or would dream next.
    pub engine: RwSignal<Option<EngineInUse>>,
    /// What the dream under way or the next one takes, or why it cannot be.
    pub need: RwSignal<Option<Result<Need, String>>>,
    /// The request that asks what the next dream takes, while it is under way.
    pub planning: RwSignal<Option<RequestId>>,
    /// How far the dream under way is.
    pub progress: RwSignal<Option<Progress>>,
    /// What the session said about the dream: scaled down, octaves dropped.
    pub notes: RwSignal<Vec<String>>,
    /// Errors that the user has not dismissed.
    pub alerts: RwSignal<Vec<Alert>>,
    /// Ticket of the picture that is being decoded or drawn.
    pub reading: RwSignal<Option<u32>>,
    /// The picture to dream on.
    pub original: RwSignal<Option<Original>>,
    /// The newest preview or the result.
    pub frame: RwSignal<Option<Arc<Picture>>>,
    /// How to dream.
    pub settings: RwSignal<DreamSettings>,
    /// What the last [`State::reset`] took away.
    pub undo: RwSignal<Option<Undo>>,
    /// Percent of the picture, from the left, that shows the original.
    pub compare: RwSignal<f64>,
    /// Whether the whole original is shown for as long as something is held down.
    pub holding: RwSignal<bool>,
    /// On what to dream.
    pub engine_choice: RwSignal<EngineChoice>,
    /// The measurement under way or the last one.
    pub bench: RwSignal<Option<Bench>>,
}

/// A measurement.
#[derive(Clone, Debug, PartialEq)]
pub enum Bench {
    /// Under way: the id of its request, how far it is (0 to 1), and what is being done.
    Running(RequestId, f64, String),
    /// Done.
    Done(BenchTable),
}

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

/// What a reset took away.
#[derive(Clone, Debug, PartialEq)]
pub struct Undo {
    settings: DreamSettings,
    frame: Option<Arc<Picture>>,
    outcome: Option<Outcome>,
    notes: Vec<String>,
}

impl State {
    /// A page that has just been opened.
    pub fn new(engine_choice: EngineChoice) -> Self {
        Self {
            worker: RwSignal::new(Health::Starting),
            model: RwSignal::new(None),
            opening: RwSignal::new(None),
            dream: RwSignal::new(None),
            outcome: RwSignal::new(None),
            engine: RwSignal::new(None),
            need: RwSignal::new(None),
            planning: RwSignal::new(None),
            progress: RwSignal::new(None),
            notes: RwSignal::new(Vec::new()),
            alerts: RwSignal::new(Vec::new()),
            reading: RwSignal::new(None),
            original: RwSignal::new(None),
            frame: RwSignal::new(None),
            settings: RwSignal::new(DreamSettings::default()),
            undo: RwSignal::new(None),
            compare: RwSignal::new(0.0),
            holding: RwSignal::new(false),
            engine_choice: RwSignal::new(engine_choice),
            bench: RwSignal::new(None),
        }
    }

    /// Takes in what the worker said; events of dreams that were given up change nothing.
    pub fn apply(&self, event: Event) {
        match event {
            Event::Ready { model } => {
                self.worker.set(Health::Alive);
                self.model.set(Some(model));
            }
            Event::ModelLoaded { id, model } => {
                // Whichever request it answers: it is what the worker now holds.
                self.model.set(Some(model));
                if self.opening.get_untracked() == Some(id) {
                    self.opening.set(None);
                }
            }
            Event::Planned { id, engine, need } if self.plans(id) => {
                self.planning.set(None);
                self.engine.set(Some(engine));
                self.need.set(Some(Ok(need)));
            }
            Event::Started { id, engine, need, notes } if self.dreams(id) => {
                self.engine.set(Some(engine));
                self.need.set(Some(Ok(need)));
                self.notes.set(notes);
            }
            Event::Progress { id, progress } if self.dreams(id) => {
                self.progress.set(Some(progress));
            }
            Event::Frame { id, picture } if self.dreams(id) => {
                self.frame.set(Some(Arc::new(picture)));
            }
            Event::Interrupted { id, failure, picture } if self.dreams(id) => {
                self.frame.set(Some(Arc::new(picture)));
                self.set_phase(id, Phase::Interrupted(failure.message));
            }
            Event::Done { id, picture, stopped, seconds } if self.dreams(id) => {
                self.frame.set(Some(Arc::new(picture)));
                self.end_dream(Some(Outcome::Done { stopped, seconds }));
            }
            Event::Measuring { id, fraction, words } if self.measures(id) => {
                self.bench.set(Some(Bench::Running(id, fraction, words)));
            }
            Event::Measured { id, table, .. } if self.measures(id) => {
                self.bench.set(Some(Bench::Done(table)));
            }
            Event::Failed { id: Some(id), failure } => self.fail(id, failure),
            Event::Failed { id: None, failure } => self.worker_died(failure.message),
            Event::Planned { .. }
            | Event::Started { .. }
            | Event::Progress { .. }
            | Event::Frame { .. }
            | Event::Interrupted { .. }
            | Event::Done { .. }
            | Event::Measuring { .. }
            | Event::Measured { .. }
            | Event::Classified { .. } => {}
        }
    }

    /// Notes that a dream was asked for.
    pub fn begin_dream(&self, id: RequestId) {
        self.set_phase(id, Phase::Running);
        self.planning.set(None);
        self.outcome.set(None);
        self.progress.set(None);
        self.notes.set(Vec::new());
        self.alerts.set(Vec::new());
        self.undo.set(None);
    }

    /// Notes that the dream under way was asked to stop, and says which it is.
    pub fn begin_stop(&self) -> Option<RequestId> {
        let id = self.dream.get_untracked()?.id;
        self.set_phase(id, Phase::Stopping);
        Some(id)
    }

    /// Notes that the interrupted dream was asked to go on, and says which it is.
    pub fn begin_continue(&self) -> Option<RequestId> {
        let dream = self.dream.get_untracked()?;
        if !matches!(dream.phase, Phase::Interrupted(_)) {
            return None;
        }
        self.set_phase(dream.id, Phase::Running);
        Some(dream.id)
    }

    /// Forgets the dream under way; what it still says is ignored.
    pub fn end_dream(&self, outcome: Option<Outcome>) {
        self.dream.set(None);
        self.progress.set(None);
        self.outcome.set(outcome);
    }

    /// Notes that the worker is gone; picture, settings and the last preview stay.
    pub fn worker_died(&self, why: String) {
        if matches!(self.worker.get_untracked(), Health::Dead(_)) {
            return;
        }
        self.worker.set(Health::Dead(why));
        self.opening.set(None);
        self.planning.set(None);
        self.bench.set(None);
        if self.dream.get_untracked().is_some() {
            self.end_dream(Some(Outcome::Failed));
        }
    }

    /// Notes that a picture is being read; the ticket tells it from those read before and after.
    pub fn begin_reading(&self) -> u32 {
        let ticket = self.reading.get_untracked().map_or(0, |ticket| ticket + 1);
        self.reading.set(Some(ticket));
        ticket
    }

    /// Whether the picture that was read is still wanted; if so, reading is over.
    pub fn end_reading(&self, ticket: u32) -> bool {
        let wanted = self.reading.get_untracked() == Some(ticket);
        if wanted {
            self.reading.set(None);
        }
        wanted
    }

    /// Shows another picture; what was dreamed on the one before is gone.
    pub fn open(&self, original: Original) {
        self.end_dream(None);
        self.frame.set(None);
        self.notes.set(Vec::new());
        self.undo.set(None);
        self.compare.set(0.0);
        self.original.set(Some(original));
    }

    /// Back to the original picture and the default settings.
    pub fn reset(&self) {
        let undo = Undo {
            settings: self.settings.get_untracked(),
            frame: self.frame.get_untracked(),
            outcome: self.outcome.get_untracked(),
            notes: self.notes.get_untracked(),
        };
        self.end_dream(None);
        self.settings.set(DreamSettings::default());
        self.frame.set(None);
        self.notes.set(Vec::new());
        self.compare.set(0.0);
        self.undo.set(Some(undo));
    }

    /// Takes the last reset back.
    pub fn undo_reset(&self) {
        let Some(undo) = self.undo.get_untracked() else { return };
        self.settings.set(undo.settings);
        self.frame.set(undo.frame);
        self.outcome.set(undo.outcome);
        self.notes.set(undo.notes);
        self.undo.set(None);
    }

    /// Shows an error until it is dismissed; the same words are not shown twice.
    pub fn alert(&self, message: impl Into<String>) {
        let message = message.into();
        self.alerts.update(|alerts| {
            alerts.retain(|alert| alert.message != message);
            let key = alerts.last().map_or(0, |alert| alert.key + 1);
            alerts.push(Alert { key, message });
        });
    }

    /// The layer to raise: the chosen one if this model has it, else the model's default.
    pub fn layer(&self) -> Option<String> {
        self.model.with(|model| {
            let model = model.as_ref()?;
            let chosen =
                self.settings.with(|settings| Some(settings.objectives.first()?.layer.clone()));
            chosen
                .filter(|name| model.layers.iter().any(|layer| layer.name == *name))
                .or_else(|| Some(model.default_layer.clone()))
        })
    }

    /// The settings as the worker gets them, with a layer that the model has.
    pub fn dream_settings(&self) -> DreamSettings {
        let objectives = self.layer().map(Objective::layer).into_iter().collect();
        DreamSettings { objectives, ..self.settings.get() }
    }

    fn dreams(&self, id: RequestId) -> bool {
        self.dream.with_untracked(|dream| dream.as_ref().is_some_and(|dream| dream.id == id))
    }

    fn measures(&self, id: RequestId) -> bool {
        self.bench.with_untracked(|it| matches!(it, Some(Bench::Running(of, ..)) if *of == id))
    }

    fn plans(&self, id: RequestId) -> bool {
        self.planning.get_untracked() == Some(id)
    }

    fn set_phase(&self, id: RequestId, phase: Phase) {
        self.dream.set(Some(Dream { id, phase }));
    }

    fn fail(&self, id: RequestId, failure: Failure) {
        if self.plans(id) {
            self.planning.set(None);
            self.engine.set(None);
            self.need.set(Some(Err(failure.message)));
            return;
        }
        if self.dreams(id) {
            self.end_dream(Some(Outcome::Failed));
        } else if self.measures(id) {
            self.bench.set(None);
        } else if self.opening.get_untracked() == Some(id) {
            self.opening.set(None);
        } else {
            return;
        }
        self.alert(failure.message);
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
