//! What the page knows, and how every event of the worker changes it.
//!
//! One bundle of signals, no DOM: [`State::apply`] and the actions next to it are plain functions
//! over it, tested natively. Components read the signals; `bridge` feeds the events.

mod apply;
mod inside;
mod parts;
mod raised;

use std::sync::Arc;

use dream_protocol::{
    Classified, DreamSettings, EngineChoice, EngineInUse, ModelCard, Need, Objective,
    ObjectiveKind, Picture, Progress, Recipe, Remix, RequestId, Scores,
};
use leptos::prelude::*;

pub use inside::{Answer, Channel, Fired, Inside, Raised, Sight};
pub use parts::{Alert, Bench, Dream, Health, Original, Outcome, Phase, Restored};

use crate::{
    film::Film,
    mask::Brush,
    materials::Materials,
    moments::{Moment, Moments},
    seeing::Seen,
    view::View,
};

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
    /// How the dream under way, or the last one, has climbed.
    pub curve: RwSignal<Vec<Scores>>,
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
    /// What made the frame, as far as settings can tell.
    pub made: RwSignal<Option<Recipe>>,
    /// How to dream.
    pub settings: RwSignal<DreamSettings>,
    /// The pictures that objectives and mask take, by the keys that the settings name.
    pub materials: RwSignal<Materials>,
    /// Keys of those that the dream in the worker holds.
    pub sent: RwSignal<Vec<u32>>,
    /// The objective whose place the next touch of the picture sets.
    pub pointing: RwSignal<Option<usize>>,
    /// How the mask is painted.
    pub brush: RwSignal<Brush>,
    /// The objective whose mask that is; that of the whole dream without one.
    pub masked: RwSignal<Option<usize>>,
    /// How to put together what the octaves add.
    pub remix: RwSignal<Remix>,
    /// How the frame was put together.
    pub mixed: RwSignal<Remix>,
    /// Whether the worker is at a remix.
    pub mixing: RwSignal<bool>,
    /// The dream that the frame shows and that can be remixed or taken up, with its octaves.
    pub ended: RwSignal<Option<(RequestId, u32)>>,
    /// The dream that the worker holds, whatever the frame shows.
    pub held: RwSignal<Option<(RequestId, u32)>>,
    /// What the network saw in the picture that it was last asked about.
    pub classes: RwSignal<Option<(RequestId, Vec<Classified>)>>,
    /// Whether what the network sees is on show.
    pub looking: RwSignal<bool>,
    /// What it sees.
    pub seen: RwSignal<Seen>,
    /// Which of how many variants is being dreamed.
    pub variants: RwSignal<Option<(u32, u32)>>,
    /// A recipe that was opened, until its words are dismissed.
    pub restored: RwSignal<Option<Restored>>,
    /// SHA-256 of the built-in model, once it is loaded.
    pub built_in: RwSignal<String>,
    /// SHA-256 of the model of a recipe that was opened, until the shelf has looked for it.
    pub wanted: RwSignal<Option<String>>,
    /// What undo and redo bring back.
    pub moments: RwSignal<Moments>,
    /// What the last [`State::reset`] took away.
    pub undo: RwSignal<Option<Moment>>,
    /// Percent of the picture, from the left, that shows the original.
    pub compare: RwSignal<f64>,
    /// Whether the whole original is shown for as long as something is held down.
    pub holding: RwSignal<bool>,
    /// What was dreamed, on this visit and before.
    pub film: RwSignal<Film, LocalStorage>,
    /// The still on show.
    pub still: RwSignal<Option<u32>>,
    /// What is compared with the frame in place of the original, and which still it is.
    pub beside: RwSignal<Option<(u32, Arc<Picture>)>>,
    /// Which part of the picture is seen.
    pub view: RwSignal<View>,
    /// Whether the sheet of keyboard shortcuts is open.
    pub help: RwSignal<bool>,
    /// Whether single keys do something.
    pub letters: RwSignal<bool>,
    /// The request that asks what the network sees, while it is under way.
    pub classifying: RwSignal<Option<RequestId>>,
    /// The inside of the network.
    pub inside: Inside,
    /// On what to dream.
    pub engine_choice: RwSignal<EngineChoice>,
    /// The measurement under way or the last one.
    pub bench: RwSignal<Option<Bench>>,
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
            curve: RwSignal::new(Vec::new()),
            notes: RwSignal::new(Vec::new()),
            alerts: RwSignal::new(Vec::new()),
            reading: RwSignal::new(None),
            original: RwSignal::new(None),
            frame: RwSignal::new(None),
            made: RwSignal::new(None),
            settings: RwSignal::new(DreamSettings::default()),
            materials: RwSignal::new(Materials::default()),
            sent: RwSignal::new(Vec::new()),
            pointing: RwSignal::new(None),
            brush: RwSignal::new(Brush::default()),
            masked: RwSignal::new(None),
            remix: RwSignal::new(Remix::default()),
            mixed: RwSignal::new(Remix::default()),
            mixing: RwSignal::new(false),
            ended: RwSignal::new(None),
            held: RwSignal::new(None),
            classes: RwSignal::new(None),
            looking: RwSignal::new(false),
            seen: RwSignal::new(Seen::default()),
            variants: RwSignal::new(None),
            restored: RwSignal::new(None),
            built_in: RwSignal::new(String::new()),
            wanted: RwSignal::new(None),
            moments: RwSignal::new(Moments::default()),
            undo: RwSignal::new(None),
            compare: RwSignal::new(0.0),
            holding: RwSignal::new(false),
            film: RwSignal::new_local(Film::default()),
            still: RwSignal::new(None),
            beside: RwSignal::new(None),
            view: RwSignal::new(View::default()),
            help: RwSignal::new(false),
            letters: RwSignal::new(true),
            classifying: RwSignal::new(None),
            inside: Inside::new(),
            engine_choice: RwSignal::new(engine_choice),
            bench: RwSignal::new(None),
        }
    }

    /// Notes that a dream was asked for.
    pub fn begin_dream(&self, id: RequestId) {
        self.set_phase(id, Phase::Running);
        self.planning.set(None);
        self.outcome.set(None);
        self.progress.set(None);
        self.curve.set(Vec::new());
        self.notes.set(Vec::new());
        self.alerts.set(Vec::new());
        self.undo.set(None);
        self.restored.set(None);
        self.forget_ended();
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
        self.classifying.set(None);
        self.forget_ended();
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
        self.made.set(None);
        self.ended.set(None);
        self.still.set(None);
        self.beside.set(None);
        self.view.set(View::default());
        self.notes.set(Vec::new());
        self.undo.set(None);
        self.compare.set(0.0);
        self.original.set(Some(original));
    }

    /// Back to the original picture and the default settings.
    pub fn reset(&self) {
        let undo = untrack(|| Moment::of(*self));
        self.end_dream(None);
        self.settings.set(DreamSettings::default());
        self.remix.set(Remix::default());
        self.frame.set(None);
        self.made.set(None);
        self.ended.set(None);
        self.notes.set(Vec::new());
        self.compare.set(0.0);
        self.undo.set(Some(undo));
    }

    /// Takes the last reset back.
    pub fn undo_reset(&self) {
        let Some(undo) = self.undo.get_untracked() else { return };
        undo.restore(*self);
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

    /// The settings for a dream, without objectives that the model cannot have: at layers that it
    /// lacks, or of classes where it knows none. Classes find their layer themselves.
    pub fn dream_settings(&self) -> DreamSettings {
        let mut settings = self.settings.get();
        self.model.with(|model| {
            let Some(model) = model else { return };
            let has = |name: &str| model.layers.iter().any(|layer| layer.name == name);
            let is_class = |it: &Objective| matches!(it.kind, ObjectiveKind::Class { .. });
            settings.objectives.retain(|it| match is_class(it) {
                true => model.classifies,
                false => it.layer.is_empty() || has(&it.layer),
            });
            settings
                .objectives
                .iter_mut()
                .filter(|it| is_class(it))
                .for_each(|it| it.layer.clear());
            if settings.objectives.is_empty() {
                settings.objectives.push(Objective::layer(&model.default_layer));
            }
        });
        settings
    }

    /// Notes that the worker holds no dream that has ended.
    fn forget_ended(&self) {
        self.mixing.set(false);
        self.ended.set(None);
        self.held.set(None);
    }

    /// Notes that the worker has answered what the network sees; says whether it was asked.
    fn end_classifying(&self, id: RequestId) -> bool {
        let asked = self.classifying.get_untracked() == Some(id);
        if asked {
            self.classifying.set(None);
        }
        asked
    }

    /// Whether it is the dream under way.
    pub fn dreams(&self, id: RequestId) -> bool {
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
}

#[cfg(test)]
mod tests;
