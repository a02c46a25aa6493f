//! What the next dream would take: asked of the worker whenever something changes that decides it,
//! so that the page can say so before the dream begins.

use std::time::Duration;

use dream_protocol::{DreamSettings, EngineChoice, Request, RequestId};
use leptos::prelude::*;

use crate::{
    bridge::Bridge,
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
    /// How to dream.
    settings: DreamSettings,
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
        let (settings, engine) = (state.dream_settings(), state.engine_choice.get());
        idle.then_some(Self { width, height, settings, engine, model })
    }

    /// The question to the worker.
    pub fn request(self, id: RequestId) -> Request {
        let Self { width, height, settings, engine, .. } = self;
        Request::Plan { id, width, height, settings, engine }
    }
}

/// Asks the worker from now on.
pub fn keep_planned(state: State, bridge: Bridge) {
    let plan = Memo::new(move |_| Plan::of(state));
    Effect::new(move || {
        let Some(plan) = plan.get() else { return };
        let asked = set_timeout_with_handle(move || bridge.plan(plan.clone()), REST);
        on_cleanup(move || {
            // Without timers nothing was planned either.
            let _ = asked.map(|timer| timer.clear());
        });
    });
}
