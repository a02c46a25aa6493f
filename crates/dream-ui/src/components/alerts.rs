//! Errors, in words, until they are dismissed; the ways on when the engine has failed in the middle
//! of a dream, and the way back when the worker has died.

use leptos::prelude::*;

use super::page;
use crate::{
    reactive::{live, memo},
    state::{Alert, Health, Phase},
    words,
};

/// All alerts.
#[component]
pub fn Alerts() -> impl IntoView {
    let (state, bridge) = page();
    let dead = memo(move || match state.worker.get() {
        Health::Dead(why) => Some(why),
        Health::Starting | Health::Alive => None,
    });
    let died = move |why: String| {
        view! {
            <div class="alert">
                <p>
                    <b>"The engine has stopped: "</b>
                    {why}
                    ". Your picture and your settings are still here."
                </p>
                <button type="button" on:click=move |_| bridge.restart()>"Restart"</button>
            </div>
        }
    };
    let interrupted = memo(move || match state.dream.get()?.phase {
        Phase::Interrupted(why) => Some(why),
        Phase::Running | Phase::Stopping => None,
    });
    let ways_on = move |why: String| {
        let failed = state.engine.with_untracked(|it| it.as_ref().map(|it| it.engine));
        let way = move |(engine, label)| {
            view! { <button type="button" on:click=move |_| bridge.go_on(engine)>{label}</button> }
        };
        let ways = words::ways_on(failed.unwrap_or_default()).into_iter().map(way).collect_view();
        view! {
            <div class="alert ways">
                <p>
                    <b>"The dream is interrupted: "</b>
                    {why}
                    " The picture is as the last finished octave left it."
                </p>
                <div>
                    {ways}
                    <button type="button" on:click=move |_| bridge.stop()>"Keep this"</button>
                </div>
            </div>
        }
    };
    let alert = move |alert: Alert| {
        let dismiss = move |_| state.alerts.update(|all| all.retain(|it| it.key != alert.key));
        view! {
            <div class="alert">
                <p>{alert.message}</p>
                <button type="button" on:click=dismiss>"Dismiss"</button>
            </div>
        }
    };
    view! {
        <div class="alerts" role="alert">
            {live(move || dead.get().map(died))}
            {live(move || interrupted.get().map(ways_on))}
            <For each=move || state.alerts.get() key=|alert| alert.key children=alert/>
        </div>
    }
}
