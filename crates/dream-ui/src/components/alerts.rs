//! Errors, in words, until they are dismissed; and the way back when the worker has died.

use leptos::prelude::*;

use super::page;
use crate::state::{Alert, Health};

/// All alerts.
#[component]
pub fn Alerts() -> impl IntoView {
    let (state, bridge) = page();
    let dead = Memo::new(move |_| match state.worker.get() {
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
            {move || dead.get().map(died)}
            <For each=move || state.alerts.get() key=|alert| alert.key children=alert/>
        </div>
    }
}
