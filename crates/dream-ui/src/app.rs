//! The page as a whole: state and bridge for everyone below, and what concerns the whole window.

use dream_protocol::EngineChoice;
use leptos::{prelude::*, task::spawn_local};
use web_sys::UrlSearchParams;

use crate::{
    arrivals,
    bridge::Bridge,
    components::{Actions, Bench, Help, InsideView, Messages, Panel, Stage, Strip, Top},
    inside, intake, keys, moments,
    notices::Notices,
    offline,
    pace::breathe,
    planning,
    reactive::{effect, live, memo},
    recipes, seeing, session,
    shelf::Shelf,
    state::{Health, Phase, State},
    steering,
};

/// The page.
#[component]
pub fn App() -> impl IntoView {
    let asked = engine_asked_for();
    let state = State::new(asked.as_ref().copied().unwrap_or_default());
    if let Err(message) = asked {
        state.alert(message);
    }
    let bridge = Bridge::start(state);
    provide_context(state);
    provide_context(bridge);
    let notices = Notices::default();
    provide_context(notices);
    provide_context(Shelf::open(state, bridge));
    let dragging = RwSignal::new(false);
    intake::watch_window(state, bridge, dragging);
    session::begin(state, bridge, notices);
    arrivals::watch_launches(state, bridge);
    offline::keep_site(state, notices);
    planning::keep_planned(state, bridge);
    steering::keep_steered(state, bridge);
    seeing::keep_looking(state, bridge);
    recipes::keep_in_address(state);
    moments::keep(state);
    inside::keep_true(state);
    keys::listen(state, bridge);
    mark_document(state);
    // The picture is there first; what there is to choose comes breath by breath.
    let breaths = RwSignal::new(0);
    spawn_local(async move {
        for breath in 1..=3 {
            breathe().await;
            breaths.set(breath);
        }
    });
    let [first, second, third] = [1, 2, 3].map(|breath| memo(move || breaths.get() >= breath));
    view! {
        <Top/>
        <Messages/>
        {if asks_for("bench").is_some() {
            view! { <Bench/> }.into_any()
        } else {
            view! {
                <Stage/>
                <Strip/>
                {live(move || first.get().then(|| view! { <Panel more=second/> }))}
                <Actions/>
                {live(move || third.get().then(|| view! { <Help/> <InsideView/> }))}
            }
            .into_any()
        }}
        <div class="drop" class:shown=dragging aria-hidden="true">"Let go to see it dreamed"</div>
    }
}

/// The engine in the address, `?engine=cpu`; a wrong name is told and `auto` is used.
fn engine_asked_for() -> Result<EngineChoice, String> {
    let Some(asked) = asks_for("engine") else { return Ok(EngineChoice::Auto) };
    asked.parse().map_err(|error| format!("In the address of this page, {error}. Using auto."))
}

/// What the address of the page asks for: `?name=value`.
fn asks_for(name: &str) -> Option<String> {
    let search = window().location().search().unwrap_or_default();
    UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// Tells the state to style sheets and tests, as attributes of the root element: `data-ready`
/// (`true` when the worker listens and a picture is on show), `data-worker` (`starting`, `alive`,
/// `dead`) and `data-dream` (`idle`, `dreaming`, `stopping`, `interrupted`).
fn mark_document(state: State) {
    let mark = |name: &str, value: &str| {
        let root = document().document_element();
        // Setting an attribute of a valid name cannot fail.
        let _ = root.map(|root| root.set_attribute(name, value));
    };
    effect(move || {
        let worker = match state.worker.get() {
            Health::Starting => "starting",
            Health::Alive => "alive",
            Health::Dead(_) => "dead",
        };
        let shown = state.original.with(Option::is_some) && state.reading.get().is_none();
        mark("data-worker", worker);
        mark("data-ready", if shown && worker == "alive" { "true" } else { "false" });
    });
    effect(move || {
        mark(
            "data-dream",
            match state.dream.get().map(|dream| dream.phase) {
                None => "idle",
                Some(Phase::Running) => "dreaming",
                Some(Phase::Stopping) => "stopping",
                Some(Phase::Interrupted(_)) => "interrupted",
            },
        );
    });
}
