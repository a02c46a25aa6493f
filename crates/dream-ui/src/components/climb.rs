//! How the dream climbs: a small plot of what its objectives amount to.

use leptos::prelude::*;

use super::page;
use crate::{
    climb::{Line, lines},
    reactive::{live, memo, whether},
};

/// The plot, as soon as there is something to show.
#[component]
pub fn Climb() -> impl IntoView {
    let (state, _) = page();
    let lines = memo(move || {
        let expected = state.progress.get().map_or(0, |it| it.octaves * it.iterations);
        let made =
            state.made.with_untracked(|it| it.as_ref().map(|it| it.settings.objectives.clone()));
        let mut objectives = made.unwrap_or_default();
        if objectives.is_empty() {
            objectives.push(Default::default());
        }
        state.curve.with(|curve| lines(curve, &objectives, expected as usize))
    });
    let path = |Line { path, .. }: &Line| view! { <path d=path.clone()></path> };
    let paths = live(move || lines.with(|lines| lines.iter().map(path).collect_view()));
    let told = live(move || {
        let told = |Line { told, .. }: &Line| view! { <li>{told.clone()}</li> };
        lines.with(|lines| lines.iter().map(told).collect_view())
    });
    view! {
        <details open hidden=whether(move || lines.with(Vec::is_empty))>
            <summary>"How it climbs"</summary>
            <svg class="climb" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">{paths}</svg>
            <ul class="notes">{told}</ul>
        </details>
    }
}
