//! Under the picture: undo, zoom, full screen, help.

use leptos::{html::Dialog, prelude::*};

use super::page;
use crate::{
    keys, moments,
    reactive::{effect, text, whether},
    view::View,
    words,
};

/// The row of small buttons.
#[component]
pub fn Tools() -> impl IntoView {
    let (state, _) = page();
    let dreaming = move || state.dream.with(Option::is_some);
    let no_undo = whether(move || dreaming() || state.moments.with(|moments| !moments.has_past()));
    let no_redo =
        whether(move || dreaming() || state.moments.with(|moments| !moments.has_future()));
    let fits = whether(move || !state.view.get().is_zoomed());
    let percent = text(move || words::fixed(state.view.get().scale * 100.0, 0) + "%");
    view! {
        <div class="tools" role="group" aria-label="View">
            <button type="button" aria-label="Undo" title="Undo (Ctrl Z)" disabled=no_undo
                on:click=move |_| moments::step(state, false)>"↶"</button>
            <button type="button" aria-label="Redo" title="Redo (Ctrl Shift Z)" disabled=no_redo
                on:click=move |_| moments::step(state, true)>"↷"</button>
            <button type="button" aria-label="Zoom out" title="Zoom out (−)" disabled=fits
                on:click=move |_| keys::zoom(state, false)>"−"</button>
            <button type="button" class="scale" aria-label=text(move || format!("{}: see all of the picture", percent.get()))
                title="See all of the picture (0)" disabled=fits
                on:click=move |_| state.view.set(View::default())>{percent}</button>
            <button type="button" aria-label="Zoom in" title="Zoom in (+), or turn the wheel"
                on:click=move |_| keys::zoom(state, true)>"+"</button>
            <button type="button" aria-label="Full screen" title="Full screen (F)"
                on:click=move |_| keys::full_screen(state)>"⤢"</button>
            <button type="button" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)"
                on:click=move |_| state.help.set(true)>"?"</button>
        </div>
    }
}

/// The sheet of keyboard shortcuts.
#[component]
pub fn Help() -> impl IntoView {
    let (state, _) = page();
    let dialog = NodeRef::<Dialog>::new();
    effect(move || {
        let (Some(dialog), wanted) = (dialog.get(), state.help.get()) else { return };
        if wanted && !dialog.open() {
            // It is not open, and it is in the document.
            let _ = dialog.show_modal();
        } else if !wanted {
            dialog.close();
        }
    });
    let row = |(keys, what): (&'static str, &'static str)| {
        view! { <div><dt>{keys}</dt><dd>{what}</dd></div> }
    };
    let toggle = move |event| state.letters.set(event_target_checked(&event));
    view! {
        <dialog class="help" node_ref=dialog aria-labelledby="help-title"
            on:close=move |_| state.help.set(false)>
            <h2 id="help-title">"Keyboard shortcuts"</h2>
            <dl>{keys::HELP.map(row).collect_view()}</dl>
            <label class="check">
                <input type="checkbox" prop:checked=whether(move || state.letters.get()) on:change=toggle/>
                "Single keys do something"
            </label>
            <button type="button" on:click=move |_| state.help.set(false)>"Close"</button>
        </dialog>
    }
}
