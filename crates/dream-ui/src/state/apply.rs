//! What every event of the worker changes.

use std::sync::Arc;

use dream_protocol::{Event, Failure, Remix, RequestId};
use leptos::prelude::*;

use super::{Bench, Health, Outcome, Phase, State};

impl State {
    /// Takes in what the worker said; events of dreams that were given up change nothing.
    pub fn apply(&self, event: Event) {
        let asked = self.inside.asked.get_untracked();
        self.inside.hear(&event);
        match event {
            Event::Ready { model } => {
                self.worker.set(Health::Alive);
                self.built_in.set(model.sha256.clone());
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
            Event::Frame { id, picture, scores } if self.dreams(id) => {
                self.frame.set(Some(Arc::new(picture)));
                if !scores.is_empty() {
                    self.curve.update(|curve| curve.extend(scores));
                }
            }
            Event::Interrupted { id, failure, picture } if self.dreams(id) => {
                self.frame.set(Some(Arc::new(picture)));
                self.set_phase(id, Phase::Interrupted(failure.message));
            }
            Event::Refused { id, failure } if self.dreams(id) => {
                // It has not taken the pictures either.
                self.sent.set(Vec::new());
                self.alert(failure.message);
            }
            Event::Remixed { id, picture } => {
                self.mixing.set(false);
                if self.ended.get_untracked().is_some_and(|(ended, _)| ended == id) {
                    self.frame.set(Some(Arc::new(picture)));
                }
            }
            Event::Done { id, picture, stopped, seconds, octaves } if self.dreams(id) => {
                self.frame.set(Some(Arc::new(picture)));
                self.mixed.set(Remix::default());
                self.ended.set(Some((id, octaves)));
                self.held.set(Some((id, octaves)));
                self.end_dream(Some(Outcome::Done { stopped, seconds }));
            }
            Event::Measuring { id, fraction, words } if self.measures(id) => {
                self.bench.set(Some(Bench::Running(id, fraction, words)));
            }
            Event::Measured { id, table, .. } if self.measures(id) => {
                self.bench.set(Some(Bench::Done(table)));
            }
            Event::Classified { id, classes } => {
                self.classes.set(Some((id, classes)));
                self.end_classifying(id);
            }
            Event::Failed { id: Some(id), failure } if asked == Some(id) => {
                self.alert(failure.message);
            }
            Event::Failed { id: Some(id), failure } => self.fail(id, failure),
            Event::Failed { id: None, failure } => self.worker_died(failure.message),
            Event::Planned { .. }
            | Event::Started { .. }
            | Event::Progress { .. }
            | Event::Frame { .. }
            | Event::Interrupted { .. }
            | Event::Refused { .. }
            | Event::Measuring { .. }
            | Event::Measured { .. }
            | Event::Sketched { .. }
            | Event::Probed { .. }
            | Event::Done { .. } => {}
        }
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
        } else if self.end_classifying(id) {
            self.classes.set(None);
        } else if self.opening.get_untracked() == Some(id) {
            self.opening.set(None);
        } else {
            return;
        }
        self.alert(failure.message);
    }
}
