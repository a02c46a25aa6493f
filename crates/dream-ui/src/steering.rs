//! Nothing restarts: settings that change while it dreams are taken up by the dream, and sliders of
//! the equaliser remix it once it has ended.

use std::time::Duration;

use dream_protocol::{DreamSettings, Recipe, Remix};
use leptos::prelude::*;

use crate::{
    bridge::Bridge,
    reactive::{effect, memo},
    state::{Phase, State},
};

/// How long a setting must rest before a dream under way takes it up.
const REST: Duration = Duration::from_millis(80);

/// Steers the worker from now on.
pub fn keep_steered(state: State, bridge: Bridge) {
    let running =
        memo(move || state.dream.get().is_some_and(|dream| dream.phase == Phase::Running));
    let settings = memo(move || state.lacks().is_none().then(|| state.dream_settings()));
    effect(move || {
        let (running, made) = (running.get(), state.made.get_untracked());
        let (Some(settings), Some(made), true) = (settings.get(), made, running) else { return };
        let settings = taken_up(&made.settings, settings);
        if settings == made.settings {
            return;
        }
        let update = move || {
            state.made.update(|made| {
                if let Some(made) = made {
                    *made = Recipe { settings: settings.clone(), steered: true, ..made.clone() };
                }
            });
            bridge.steer();
        };
        let asked = set_timeout_with_handle(update, REST);
        on_cleanup(move || {
            // Without timers nothing was asked either.
            let _ = asked.map(|timer| timer.clear());
        });
    });
    effect(move || {
        let (remix, mixed) = (state.remix.get(), state.mixed.get());
        let ready =
            state.ended.get().is_some() && state.dream.with(Option::is_none) && !state.mixing.get();
        if ready && !looks_like(&remix, &mixed) {
            bridge.remix(remix);
        }
    });
}

/// What a dream under way takes up: sizes, rounds and what climbs stay as they are.
fn taken_up(before: &DreamSettings, after: DreamSettings) -> DreamSettings {
    let DreamSettings { octaves, octave_scale, size, again, .. } = *before;
    let mut taken = DreamSettings { octaves, octave_scale, size, again, ..after };
    taken.prior.parametrisation = before.prior.parametrisation;
    taken
}

fn looks_like(a: &Remix, b: &Remix) -> bool {
    let octaves = a.gains.len().max(b.gains.len());
    (a.strength, a.color) == (b.strength, b.color)
        && (0..octaves).all(|octave| a.gain(octave) == b.gain(octave))
}

#[cfg(test)]
mod tests {
    use dream_protocol::Parametrisation;

    use super::*;

    #[test]
    fn sizes_and_what_climbs_are_for_the_next_dream() {
        let before = DreamSettings::default();
        let mut after = DreamSettings { octaves: 2, size: 320, ..before.clone() };
        after.prior.parametrisation = Parametrisation::Fourier;
        assert_eq!(taken_up(&before, after.clone()), before);
        let taken = taken_up(&before, DreamSettings { step_size: 3.0, ..after });
        assert_eq!(taken, DreamSettings { step_size: 3.0, ..before });
    }

    #[test]
    fn gains_that_are_missing_are_ones() {
        let all = Remix { gains: vec![1.0, 1.0], ..Remix::default() };
        assert!(looks_like(&all, &Remix::default()));
        assert!(!looks_like(&Remix { gains: vec![1.0, 0.0], ..all.clone() }, &all));
    }
}
