//! Undo and redo: what the page showed and how it would have dreamed, moment by moment.
//!
//! A moment is kept whenever nothing has changed for a while, so that the many positions of a
//! slider on its way are one step.

use std::{sync::Arc, time::Duration};

use dream_protocol::{DreamSettings, Picture, Recipe, Remix, RequestId};
use leptos::prelude::*;

use crate::{
    reactive::effect,
    state::{Original, Outcome, State},
};

/// How long nothing must have changed.
const REST: Duration = Duration::from_millis(400);
/// At most this many moments are kept.
const MOST: usize = 60;

/// All that undo brings back.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    settings: DreamSettings,
    original: Option<Original>,
    frame: Option<Arc<Picture>>,
    made: Option<Recipe>,
    outcome: Option<Outcome>,
    notes: Vec<String>,
    remix: Remix,
    mixed: Remix,
    ended: Option<(RequestId, u32)>,
}

/// Moments before and after the one on show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moments {
    past: Vec<Moment>,
    now: Option<Moment>,
    future: Vec<Moment>,
}

impl Moment {
    /// The page as it is now; tracked.
    pub fn of(state: State) -> Self {
        Self {
            settings: state.settings.get(),
            original: state.original.get(),
            frame: state.frame.get(),
            made: state.made.get(),
            outcome: state.outcome.get(),
            notes: state.notes.get(),
            remix: state.remix.get(),
            mixed: state.mixed.get(),
            ended: state.ended.get(),
        }
    }

    /// Shows it again; a dream under way is for the caller to end.
    pub fn restore(self, state: State) {
        // Only the dream that ended last can still be remixed.
        let held = self.ended.filter(|_| self.ended == state.held.get_untracked());
        state.ended.set(held);
        state.mixed.set(self.mixed);
        state.remix.set(self.remix);
        state.settings.set(self.settings);
        if state.original.get_untracked() != self.original {
            state.original.set(self.original);
        }
        state.frame.set(self.frame);
        state.made.set(self.made);
        state.outcome.set(self.outcome);
        state.notes.set(self.notes);
    }

    /// Whether only words differ.
    fn looks_like(&self, other: &Self) -> bool {
        self.settings == other.settings
            && self.remix == other.remix
            && self.original == other.original
            && self.frame == other.frame
    }
}

impl Moments {
    /// Whether there is something to undo.
    pub fn has_past(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is something to redo.
    pub fn has_future(&self) -> bool {
        !self.future.is_empty()
    }

    /// Keeps a moment, if it is a new one.
    pub fn keep(&mut self, moment: Moment) {
        if self.now.as_ref().is_some_and(|now| now.looks_like(&moment)) {
            self.now = Some(moment);
            return;
        }
        self.past.extend(self.now.replace(moment));
        self.future.clear();
        if self.past.len() > MOST {
            self.past.remove(0);
        }
    }

    /// The moment before.
    pub fn back(&mut self) -> Option<Moment> {
        let moment = self.past.pop()?;
        self.future.extend(self.now.replace(moment.clone()));
        Some(moment)
    }

    /// The moment after.
    pub fn forth(&mut self) -> Option<Moment> {
        let moment = self.future.pop()?;
        self.past.extend(self.now.replace(moment.clone()));
        Some(moment)
    }
}

/// Keeps moments from now on; while a picture is read or dreamed, there are none.
pub fn keep(state: State) {
    effect(move || {
        let busy = state.dream.with(Option::is_some)
            || state.reading.get().is_some()
            || state.mixing.get();
        let moment = Moment::of(state);
        if busy || moment.original.is_none() {
            return;
        }
        let kept = set_timeout_with_handle(
            move || state.moments.update(|moments| moments.keep(moment)),
            REST,
        );
        on_cleanup(move || {
            // Without timers nothing was kept either.
            let _ = kept.map(|timer| timer.clear());
        });
    });
}

/// Shows the moment before, or with `forth` the one after.
pub fn step(state: State, forth: bool) {
    if state.dream.with_untracked(Option::is_some) {
        return;
    }
    let mut moments = state.moments.get_untracked();
    // What has not rested yet is a step too.
    moments.keep(untrack(|| Moment::of(state)));
    let moment = if forth { moments.forth() } else { moments.back() };
    if let Some(moment) = moment {
        state.moments.set(moments);
        moment.restore(state);
    }
}

#[cfg(test)]
mod tests {
    use dream_protocol::EngineChoice;

    use super::*;

    fn with_seed(state: State, seed: u32) -> Moment {
        state.settings.update(|settings| settings.seed = seed);
        Moment::of(state)
    }

    #[test]
    fn moments_come_back_and_forth_until_another_way_is_taken() {
        let state = State::new(EngineChoice::Auto);
        let [one, two, three] = [1, 2, 3].map(|seed| with_seed(state, seed));
        let mut moments = Moments::default();
        for moment in [&one, &one, &two, &three] {
            moments.keep(moment.clone());
        }
        assert_eq!(moments.back(), Some(two.clone()));
        assert_eq!(moments.back(), Some(one.clone()));
        assert_eq!(moments.back(), None);
        assert_eq!(moments.forth(), Some(two.clone()));
        moments.keep(one.clone());
        assert_eq!(moments.forth(), None, "another way was taken");
        assert_eq!(moments.back(), Some(two));
    }

    #[test]
    fn undo_shows_what_was_there() {
        let state = State::new(EngineChoice::Auto);
        state.moments.update(|moments| moments.keep(with_seed(state, 1)));
        state.settings.update(|settings| settings.seed = 2);
        step(state, false);
        assert_eq!(state.settings.get_untracked().seed, 1);
        step(state, true);
        assert_eq!(state.settings.get_untracked().seed, 2);
    }
}
