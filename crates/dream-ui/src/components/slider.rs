//! One numeric setting: its name, what it means, its value, and a slider.

use dream_protocol::{DreamSettings, Range};
use leptos::prelude::*;

use super::page;

/// A slider over one number of the settings; limits and name come from its [`Range`].
#[component]
pub fn Slider(
    range: Range,
    /// What it means, in plain words.
    hint: &'static str,
    /// Reads the number.
    get: fn(&DreamSettings) -> f64,
    /// Writes it.
    set: fn(&mut DreamSettings, f64),
    /// Id of something else that says what it means.
    #[prop(optional)]
    note: &'static str,
) -> impl IntoView {
    let (state, _) = page();
    let id = range.name.to_lowercase().replace(' ', "-");
    let hint_id = format!("{id}-hint");
    let described_by = format!("{hint_id} {note}");
    let digits = match range.step {
        step if step < 0.1 => 2,
        step if step < 1.0 => 1,
        _ => 0,
    };
    let value = Memo::new(move |_| state.settings.with(get));
    let shown = move || format!("{:.digits$}", value.get());
    let filled =
        move || format!("{}%", (value.get() - range.min) / (range.max - range.min) * 100.0);
    let input = move |event| {
        let Ok(number) = event_target_value(&event).parse() else { return };
        state.settings.update(|settings| set(settings, number));
    };
    view! {
        <div class="slider">
            <label for=id.clone()>{range.name}</label>
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
