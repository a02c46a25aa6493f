//! One numeric setting: its name, what it means, its value, and a slider.

use dream_protocol::{DreamSettings, Range};
use leptos::prelude::*;

use super::{fields::Track, page};
use crate::reactive::memo;

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
    let id = range.name.to_ascii_lowercase().replace(' ', "-");
    let value = memo(move || state.settings.with(get));
    let change = Callback::new(move |to| state.settings.update(|settings| set(settings, to)));
    view! { <Track range id name=range.name hint note value change/> }
}
