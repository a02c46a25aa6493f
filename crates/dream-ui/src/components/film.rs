//! The filmstrip: what was dreamed, octave by octave, to be brought back or compared.

use leptos::{html::Canvas, prelude::*};

use super::page;
use crate::{
    film::{self, BUDGET, Still},
    picture::draw,
    reactive::{effect, memo, text, whether},
    words,
};

/// All stills, and what can be done with them.
#[component]
pub fn Filmstrip() -> impl IntoView {
    let (state, _) = page();
    let comparing = RwSignal::new(false);
    let empty = memo(move || state.film.with(|film| film.stills.is_empty()));
    let stills = move || state.film.with(|film| film.stills.clone());
    let kept = text(move || {
        let bytes = state.film.with(film::Film::bytes);
        format!("{} of {} kept on this device", words::file_size(bytes), words::file_size(BUDGET))
    });
    let original = move |_| state.beside.set(None);
    view! {
        <section class="film" aria-label="Filmstrip" hidden=whether(move || empty.get())>
            <For each=stills key=|still| still.key let:still>
                <Cell still comparing/>
            </For>
            <div class="film-tools">
                <button
                    type="button"
                    title="The next still that you choose is shown on the left of the slider"
                    aria-pressed=text(move || comparing.get())
                    on:click=move |_| comparing.update(|it| *it = !*it)
                >
                    "Compare with…"
                </button>
                <button
                    type="button"
                    hidden=whether(move || state.beside.with(Option::is_none))
                    on:click=original
                >
                    "Compare with the original"
                </button>
                <button class="link" type="button" title=kept on:click=move |_| film::clear(state)>
                    "Clear the filmstrip"
                </button>
            </div>
        </section>
    }
}

#[component]
fn Cell(still: Still, comparing: RwSignal<bool>) -> impl IntoView {
    let (state, bridge) = page();
    let canvas = NodeRef::<Canvas>::new();
    let Still { key, run, octave: [octave, octaves], thumbnail, parent, name, .. } = still;
    effect(move || {
        if let Some(canvas) = canvas.get()
            && let Err(error) = draw(&canvas, &thumbnail)
        {
            state.alert(format!("The browser cannot draw ({error:?})."));
        }
    });
    let on_show = memo(move || state.still.get() == Some(key));
    let beside = whether(move || state.beside.with(|it| it.as_ref().is_some_and(|it| it.0 == key)));
    let choose = move |_| {
        if comparing.get_untracked() {
            comparing.set(false);
            film::compare(state, key);
        } else {
            film::restore(state, bridge, key);
        }
    };
    let from = move || {
        let parent = state.film.with(|film| film.find(parent?).map(|it| it.run));
        parent.filter(|run| *run > 0).map(|run| format!(", grown from dream {run}"))
    };
    let label = if run == 0 {
        format!("Start: {name}")
    } else {
        format!("Dream {run} · {octave}/{octaves} octaves")
    };
    let short = if run == 0 { name } else { format!("{run} · {octave}/{octaves}") };
    view! {
        <button
            class="cell still"
            class:on=whether(move || on_show.get())
            class:beside=beside
            class:first=octave <= 1
            type="button"
            aria-label=text(move || format!("{label}{}", from().unwrap_or_default()))
            aria-pressed=text(move || on_show.get())
            on:click=choose
        >
            <canvas node_ref=canvas aria-hidden="true"></canvas>
            <span>{short}</span>
        </button>
    }
}
