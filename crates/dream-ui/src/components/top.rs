//! The top line: name, what is going on, model and engine.

use leptos::prelude::*;

use super::page;
use crate::{
    reactive::{live, memo, text},
    words,
};

/// The top line.
#[component]
pub fn Top() -> impl IntoView {
    let (state, _) = page();
    let status = memo(move || {
        words::status(
            &state.worker.get(),
            state.opening.get().is_some(),
            state.dream.get().as_ref().map(|dream| &dream.phase),
            state.progress.get(),
            state.outcome.get(),
        )
    });
    // Screen readers hear of every octave, not of every iteration.
    let announced = memo(move || match state.progress.get() {
        Some(progress) => format!("Octave {} of {}", progress.octave, progress.octaves),
        None => status.get(),
    });
    view! {
        <header>
            <div class="top">
                <h1 class="mark"><span class="eye" aria-hidden="true"></span>"Pareidolia"</h1>
                <p class="status" role="status" aria-live="off">{status}</p>
                <p class="unseen" aria-live="polite">{announced}</p>
            </div>
            <div class="chips">
                <a href="motion.html">"Moving pictures"</a>
                <ModelChip/>
                <EngineChip/>
            </div>
        </header>
    }
}

#[component]
fn ModelChip() -> impl IntoView {
    let (state, _) = page();
    let chip = move |model: &dream_protocol::ModelCard| {
        let size = words::file_size(model.bytes);
        let layers = format!("{} layers to choose from", model.layers.len());
        view! {
            <p class="chip" title=layers>
                <span class="unseen">"Model: "</span>
                <b>{model.name.clone()}</b>
                " · "
                {size}
            </p>
        }
    };
    move || state.model.with(|model| model.as_ref().map(chip))
}

#[component]
fn EngineChip() -> impl IntoView {
    let (state, _) = page();
    let speed = memo(move || state.progress.with(|it| it.map(|it| it.pixels_per_second)));
    let last_speed = Memo::new(move |last: Option<&Option<f64>>| {
        speed.get().filter(|it| *it > 0.0).or_else(|| last.copied().flatten())
    });
    let name = text(move || match state.engine.get() {
        Some(engine) => engine.name,
        None => format!("{} engine", state.engine_choice.get()),
    });
    let reason = text(move || state.engine.with(|engine| words::engine(engine.as_ref())));
    let speed = live(move || last_speed.get().map(|speed| format!(" · {}", words::speed(speed))));
    view! {
        <p class="chip" title=reason>
            <span class="unseen">"Engine: "</span>
            <b>{name}</b>
            {speed}
            <span class="unseen">". " {reason}</span>
        </p>
    }
}
