//! What the next dream would take: asked of the worker whenever something changes that decides it,
//! so that the page can say so before the dream begins.

use std::time::Duration;

use dream_protocol::{DreamSettings, EngineChoice, Need, Picture, Request, RequestId, SIZE};
use leptos::prelude::*;

use crate::{
    bridge::Bridge,
    materials,
    reactive::{effect, memo},
    state::{Health, State},
};

/// How long the settings must rest before the worker is asked.
const REST: Duration = Duration::from_millis(300);

/// Everything that decides what a dream takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Pixels across the picture.
    width: u32,
    /// Pixels down.
    height: u32,
    /// How to dream, its materials counted.
    settings: DreamSettings,
    /// Pixels across and down of those.
    materials: Vec<[u32; 2]>,
    /// On what.
    engine: EngineChoice,
    /// The model's name: another one takes another amount.
    model: String,
}

impl Plan {
    /// The plan of the next dream; `None` while the worker cannot be asked, or is busy.
    pub fn of(state: State) -> Option<Self> {
        let idle = state.worker.get() == Health::Alive
            && state.opening.get().is_none()
            && state.dream.with(Option::is_none);
        let (width, height) = state
            .original
            .with(|original| original.as_ref().map(|it| (it.picture.width, it.picture.height)))?;
        let model = state.model.with(|model| Some(model.as_ref()?.name.clone()))?;
        let (settings, keys) = materials::counted(&state.dream_settings());
        let extent = |picture: &Picture| [picture.width, picture.height];
        let materials = state.materials.with(|all| {
            keys.iter().filter_map(|key| Some(extent(&all.get(*key)?.picture))).collect()
        });
        let engine = state.engine_choice.get();
        idle.then_some(Self { width, height, settings, materials, engine, model })
    }

    /// The question to the worker.
    pub fn request(self, id: RequestId) -> Request {
        let Self { width, height, settings, materials, engine, .. } = self;
        Request::Plan { id, width, height, materials, settings, engine }
    }
}

/// Seconds that anybody waits for a dream.
const PATIENCE: f64 = 60.0;

/// A size at which the next dream takes less than a minute, if it takes longer; tracked.
pub fn smaller(state: State) -> Option<u32> {
    let seconds = state.need.with(|need| match need {
        Some(Ok(Need { seconds: Some(seconds), .. })) => Some(f64::from(*seconds)),
        _ => None,
    })?;
    let longest =
        state.original.with(|it| it.as_ref().map(|it| it.picture.width.max(it.picture.height)))?;
    size_for(seconds, longest.min(state.settings.with(|it| it.size)))
}

/// The size for a dream of `size` that takes so long. Time grows with the pixels.
fn size_for(seconds: f64, size: u32) -> Option<u32> {
    let fits = f64::from(size) * (0.8 * PATIENCE / seconds).sqrt();
    let size = (fits / SIZE.step).floor() * SIZE.step;
    (seconds > PATIENCE).then(|| size.max(SIZE.min) as u32)
}

/// Asks the worker from now on.
pub fn keep_planned(state: State, bridge: Bridge) {
    let plan = memo(move || Plan::of(state));
    effect(move || {
        let Some(plan) = plan.get() else { return };
        if let Some(lacks) = state.lacks() {
            state.planning.set(None);
            return state.need.set(Some(Err(lacks)));
        }
        let asked = set_timeout_with_handle(move || bridge.plan(plan.clone()), REST);
        on_cleanup(move || {
            // Without timers nothing was planned either.
            let _ = asked.map(|timer| timer.clear());
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smaller_size_is_offered_where_it_takes_long() {
        assert_eq!(size_for(59.0, 4000), None);
        assert_eq!(size_for(192.0, 4000), Some(1984));
        assert_eq!(size_for(1e9, 4000), Some(32));
    }
}
