//! Presets to choose by looking, and the surprise.

use leptos::prelude::*;

use super::page;
use crate::{
    presets::{self, Preset},
    reactive::text,
};

/// The grid of presets.
#[component]
pub fn Presets() -> impl IntoView {
    let (state, bridge) = page();
    let card = move |preset: Preset| {
        let chosen = move || {
            let model = state.model.read();
            state.settings.with(|it| preset.put_into(it, model.as_ref()) == *it)
        };
        view! {
            <button
                class="preset"
                type="button"
                aria-pressed=text(chosen)
                on:click=move |_| presets::choose(state, preset)
            >
                <img src=format!("presets/{}.jpg", preset.file) alt="" width="96" height="96" loading="lazy"/>
                <span>{preset.name}</span>
            </button>
        }
    };
    view! {
        <div class="presets" role="group" aria-label="Presets">
            {presets::ALL.map(card).collect_view()}
        </div>
        <button class="wide" type="button" title="A preset, bent a little, with a new seed (R)"
            on:click=move |_| presets::surprise(state, bridge)>
            "Surprise me"
        </button>
    }
}
