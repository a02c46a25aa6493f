//! The few kinds of control that everything else is made of: a slider, a choice, a switch, a file.

use dream_protocol::{Choice, DreamSettings, Range};
use leptos::prelude::*;

use super::page;
use crate::{
    intake,
    reactive::{live, memo, number_in, text, whether},
    words,
};

/// A slider with its name, what it means and its value.
#[component]
pub fn Track(
    range: Range,
    #[prop(into)] id: String,
    #[prop(into)] name: String,
    #[prop(into)] hint: String,
    /// Id of something else that says what it means.
    #[prop(optional)]
    note: &'static str,
    #[prop(into)] value: Signal<f64>,
    change: Callback<f64>,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let described_by = format!("{hint_id} {note}");
    let digits = match range.step {
        step if step < 0.1 => 2,
        step if step < 1.0 => 1,
        _ => 0,
    };
    let shown = text(move || words::fixed(value.get(), digits));
    let filled =
        text(move || format!("{}%", (value.get() - range.min) / (range.max - range.min) * 100.0));
    let input = move |event| {
        if let Some(number) = number_in(&event) {
            change.run(number);
        }
    };
    view! {
        <div class="slider">
            <label for=id.clone()>{name}</label>
            <small id=hint_id>{hint}</small>
            <span class="value" aria-hidden="true">{shown}</span>
            <input
                id=id
                type="range"
                aria-describedby=described_by.trim().to_owned()
                min=range.min.to_string()
                max=range.max.to_string()
                step=range.step.to_string()
                style:--filled=filled
                prop:value=shown
                on:input=input
            />
        </div>
    }
}

/// One of a few possibilities, each with its name and what it means.
#[component]
pub fn Pick(
    #[prop(into)] id: String,
    name: &'static str,
    options: Vec<(&'static str, &'static str)>,
    #[prop(into)] chosen: Signal<usize>,
    choose: Callback<usize>,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let hints: Vec<_> = options.iter().map(|(_, hint)| *hint).collect();
    let option = move |(at, (name, _)): (usize, (&'static str, &'static str))| {
        view! { <option value=at.to_string() prop:selected=whether(move || chosen.get() == at)>{name}</option> }
    };
    let options = options.into_iter().enumerate().map(option).collect_view();
    let change = move |event| {
        if let Ok(at) = event_target_value(&event).parse() {
            choose.run(at);
        }
    };
    view! {
        <label class="field" for=id.clone()>{name}</label>
        <select id=id aria-describedby=hint_id.clone() on:change=change>{options}</select>
        <p class="hint" id=hint_id>{live(move || hints.get(chosen.get()).copied())}</p>
    }
}

/// The choice of one of the settings.
pub fn choice<C: Choice + Send + Sync>(
    id: &'static str,
    name: &'static str,
    get: fn(&DreamSettings) -> C,
    set: fn(&mut DreamSettings, C),
) -> impl IntoView {
    let (state, _) = page();
    let place = move |settings: &DreamSettings| C::ALL.iter().position(|it| *it == get(settings));
    let chosen = memo(move || state.settings.with(place).unwrap_or_default());
    let choose = Callback::new(move |at: usize| {
        state
            .settings
            .update(|settings| C::ALL.get(at).map(|it| set(settings, *it)).unwrap_or_default());
    });
    let options = C::ALL.iter().map(|choice| choice.words()).collect();
    view! { <Pick id name options chosen choose/> }
}

/// Something that is on or off.
#[component]
pub fn Check(
    name: &'static str,
    hint: &'static str,
    #[prop(into)] value: Signal<bool>,
    change: Callback<bool>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=value
                on:change=move |event| change.run(event_target_checked(&event))/>
            <span>{name}<small>" "{hint}</small></span>
        </label>
    }
}

/// A button that opens a file for one of the settings; files can be dropped on it too.
#[component]
pub fn FileField(
    #[prop(into)] name: Signal<String>,
    accept: &'static str,
    /// What the file is for.
    #[prop(into)]
    purpose: String,
) -> impl IntoView {
    let (state, _) = page();
    let target = purpose.clone();
    let change = move |event: leptos::ev::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        if let Some(file) = intake::list(input.files()).into_iter().next() {
            intake::open_for(state, &purpose, file);
        }
        // So that the same file can be opened again.
        input.set_value("");
    };
    view! {
        <label class="file" data-takes=target>
            <input class="unseen" type="file" accept=accept on:change=change/>
            <span>{name}</span>
        </label>
    }
}
