//! Every way out for a dream but the plain PNG: other formats, the clipboard, sharing, a link to
//! its recipe, and sets of variants.

use dream_protocol::Range;
use leptos::prelude::*;

use super::page;
use crate::{
    export::{self, Kind},
    reactive::{number_in, text, whether},
    state::State,
    variants,
};

/// The button and its list.
#[component]
pub fn Export(
    /// Whether there is nothing to export now.
    cannot_save: Signal<bool>,
    /// Whether a file is being written.
    saving: RwSignal<bool>,
) -> impl IntoView {
    let (state, bridge) = page();
    let save = move |kind: Kind| {
        view! {
            <button type="button" disabled=cannot_save on:click=move |_| export::save(state, kind, saving)>
                {kind.label()}
            </button>
        }
    };
    let files = [Kind::Jpeg, Kind::WebP, Kind::Sides].map(save).collect_view();
    let share = export::can_share().then(|| save(Kind::Share));
    view! {
        <button type="button" popovertarget="export">"Export"</button>
        <div class="export" id="export" popover="auto" role="dialog" aria-label="Export">
            {files}
            {save(Kind::Copy)}
            {share}
            <CopyLink state/>
            <p class="hint">
                "The link holds the settings, never the picture, and nothing of it is sent anywhere."
            </p>
            <VariantsForm state bridge cannot_save/>
        </div>
    }
}

#[component]
fn CopyLink(state: State) -> impl IntoView {
    let copied = RwSignal::new(false);
    let label =
        text(move || if copied.get() { "Link copied" } else { "Copy a link to the recipe" });
    view! {
        <button type="button" on:click=move |_| export::copy_link(state, copied)>{label}</button>
    }
}

/// Dreams the same with several seeds.
#[component]
fn VariantsForm(
    state: State,
    bridge: crate::bridge::Bridge,
    cannot_save: Signal<bool>,
) -> impl IntoView {
    let count = RwSignal::new(variants::COUNT.default as u32);
    let Range { min, max, .. } = variants::COUNT;
    let input = move |event| {
        let asked = number_in(&event).unwrap_or_default();
        count.set(asked.clamp(min, max) as u32);
    };
    let cannot = whether(move || cannot_save.get() || state.variants.get().is_some());
    let label = text(move || match state.variants.get() {
        Some((at, of)) => format!("Dreaming {at} of {of}…"),
        None => "Save the set as ZIP".to_owned(),
    });
    view! {
        <label class="count" for="variants">
            {variants::COUNT.name}
            <input
                id="variants"
                type="number"
                min=min
                max=max
                aria-describedby="variants-hint"
                prop:value=text(move || count.get())
                on:change=input
            />
        </label>
        <p class="hint" id="variants-hint">
            "The same dream with as many seeds, and a table of what was dreamed into each."
        </p>
        <button type="button" disabled=cannot on:click=move |_| variants::dream(state, bridge, count.get_untracked())>
            {label}
        </button>
    }
}
