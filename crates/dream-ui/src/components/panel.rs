//! The settings: what to look for, how far to go, everything else, and the model.

use dream_protocol::{
    ITERATIONS, JITTER, OCTAVE_SCALE, OCTAVES, RANDOM_ROTATION, RANDOM_SCALE, REDIRECTED, SEED,
    SIZE, STEP_SIZE,
};
use leptos::prelude::*;

use super::{
    climb::Climb, equaliser::Equaliser, inside::InsideButtons, look::Look, mask::MaskSection,
    objectives::Objectives, page, presets::Presets, seen::SeenTable, shelf::ModelShelf,
    slider::Slider,
};
use crate::{
    intake,
    reactive::{live, text, whether},
    words,
};

/// All settings: at first what to look for and how far to go, then `more`.
#[component]
pub fn Panel(more: Memo<bool>) -> impl IntoView {
    let rest = live(move || more.get().then(|| view! { <Rest/> }));
    view! {
        <aside class="panel" aria-label="Settings">
            <section>
                <h2>"What to look for"</h2>
                <Presets/>
                <Objectives/>
                <InsideButtons/>
            </section>
            <section>
                <h2>"How far"</h2>
                <Slider range=STEP_SIZE hint="how strong; below zero, a dream in reverse"
                    get=|it| it.step_size.into() set=|it, to| it.step_size = to as f32/>
                <Slider range=ITERATIONS hint="how long, for each size"
                    get=|it| it.iterations.into() set=|it, to| it.iterations = to as u32/>
                <Slider range=OCTAVES hint="how many sizes of thing"
                    get=|it| it.octaves.into() set=|it, to| it.octaves = to as u32/>
            </section>
            {rest}
        </aside>
    }
}

/// The settings that few change.
#[component]
fn Rest() -> impl IntoView {
    view! {
        <Equaliser/>
        <Look/>
        <MaskSection/>
        <Climb/>
        <SeenTable/>
        <details open>
            <summary>"Everything else"</summary>
            <Slider range=OCTAVE_SCALE hint="from one size to the next"
                get=|it| it.octave_scale.into() set=|it, to| it.octave_scale = to as f32/>
            <Slider range=JITTER hint="pixels of shake, against seams"
                get=|it| it.jitter.into() set=|it, to| it.jitter = to as u32/>
            <Slider range=RANDOM_ROTATION hint="degrees of turning, against slanted noise"
                get=|it| it.prior.random_rotation.into() set=|it, to| it.prior.random_rotation = to as f32/>
            <Slider range=RANDOM_SCALE hint="nearer and farther, against fine noise"
                get=|it| it.prior.random_scale.into() set=|it, to| it.prior.random_scale = to as f32/>
            <Slider range=REDIRECTED hint="first steps that wake what is silent"
                get=|it| it.prior.redirected.into() set=|it, to| it.prior.redirected = to as u32/>
            <Slider range=SEED hint="another number, another dream"
                get=|it| it.seed.into() set=|it, to| it.seed = to as u32/>
            <Slider range=SIZE hint="longest side of the dream, in pixels" note="need"
                get=|it| it.size.into() set=|it, to| it.size = to as u32/>
            <NeedHint/>
            <EngineSelect/>
        </details>
        <section>
            <h2>"The network that dreams"</h2>
            <ModelSection/>
        </section>
    }
}

/// What the dream takes, or why it cannot be.
#[component]
fn NeedHint() -> impl IntoView {
    let (state, _) = page();
    let need = text(move || state.need.with(|need| words::need(need.as_ref())));
    let trouble = whether(move || state.need.with(|need| matches!(need, Some(Err(_)))));
    view! { <p class="hint need" class:trouble=trouble id="need">{need}</p> }
}

/// On what to dream.
#[component]
pub fn EngineSelect() -> impl IntoView {
    let (state, _) = page();
    let options = words::ENGINES.map(|(choice, label)| {
        let selected = whether(move || state.engine_choice.get() == choice);
        view! { <option value=choice.to_string() prop:selected=selected>{label}</option> }
    });
    let choose = move |event| {
        if let Ok(choice) = event_target_value(&event).parse() {
            state.engine_choice.set(choice);
        }
    };
    let hint = text(move || state.engine.with(|engine| words::engine(engine.as_ref())));
    view! {
        <label class="field" for="engine">"Engine"</label>
        <select id="engine" aria-describedby="engine-hint" on:change=choose>
            {options}
        </select>
        <p class="hint" id="engine-hint">{hint}</p>
    }
}

/// Which network dreams.
#[component]
pub fn ModelSection() -> impl IntoView {
    let (state, bridge) = page();
    let open = move |event: leptos::ev::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let files = intake::list(input.files());
        if !files.is_empty() {
            intake::open_model(state, bridge, files);
        }
        // So that the same file can be opened again.
        input.set_value("");
    };
    let notes = live(move || {
        let notes =
            state.model.with(|it| it.as_ref().map(|it| it.notes.clone()).unwrap_or_default());
        notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view()
    });
    view! {
        <label class="file">
            <input class="unseen" type="file" multiple aria-describedby="model-hint" on:change=open/>
            <span>"Open a model"</span>
        </label>
        <p class="hint" id="model-hint">
            "An image network as ONNX file, with its data files if it has any. It stays on your device."
        </p>
        <ul class="notes">{notes}</ul>
        <ModelShelf/>
    }
}
