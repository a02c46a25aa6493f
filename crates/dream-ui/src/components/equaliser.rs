//! The octave equaliser: how much of what each octave has added is in the picture, changed at once
//! and without dreaming again.

use dream_protocol::{COLOR, GAIN, Range, Remix, STRENGTH};
use leptos::prelude::*;

use super::page;

/// The sliders, once there is a dream to remix.
#[component]
pub fn Equaliser() -> impl IntoView {
    let (state, _) = page();
    let octaves = Memo::new(move |_| match state.dream.with(Option::is_none) {
        true => state.ended.get().map_or(0, |(_, octaves)| octaves),
        false => 0,
    });
    let sliders = move || {
        let count = octaves.get();
        let slider = |octave: u32| view! { <OctaveSlider octave count/> };
        (0..count).map(slider).collect_view()
    };
    view! {
        <section class="equaliser" aria-label="Mix" hidden=move || octaves.get() == 0>
            <h2>"Mix"<small>" what was dreamed, without dreaming again"</small></h2>
            <Fader range=STRENGTH hint="below zero: the reverse"
                get=|it| it.strength set=|it, to| it.strength = to/>
            <Fader range=COLOR hint="0: light and shade alone"
                get=|it| it.color set=|it, to| it.color = to/>
            {sliders}
            <button
                class="link"
                type="button"
                disabled=move || state.remix.with(Remix::is_neutral)
                on:click=move |_| state.remix.set(Remix::default())
            >
                "As dreamed"
            </button>
        </section>
    }
}

#[component]
fn Fader(
    range: Range,
    hint: &'static str,
    get: fn(&Remix) -> f32,
    set: fn(&mut Remix, f32),
) -> impl IntoView {
    let (state, _) = page();
    let value = Memo::new(move |_| state.remix.with(get));
    let change = move |to| state.remix.update(|remix| set(remix, to));
    view! { <Track range name=range.name.to_owned() hint=hint.to_owned() value change/> }
}

#[component]
fn OctaveSlider(octave: u32, count: u32) -> impl IntoView {
    let (state, _) = page();
    let at = octave as usize;
    let value = Memo::new(move |_| state.remix.with(|remix| remix.gain(at)));
    let change = move |to| {
        state.remix.update(|remix| {
            let length = remix.gains.len().max(at + 1);
            remix.gains.resize(length, GAIN.default as f32);
            remix.gains[at] = to;
        });
    };
    let hint = match octave {
        0 if count > 1 => "the largest shapes",
        octave if octave + 1 == count && count > 1 => "the finest",
        _ => "",
    };
    let name = format!("Octave {}", octave + 1);
    view! { <Track range=GAIN name hint=hint.to_owned() value change/> }
}

#[component]
fn Track(
    range: Range,
    name: String,
    hint: String,
    value: Memo<f32>,
    change: impl Fn(f32) + 'static,
) -> impl IntoView {
    let id = format!("mix-{}", name.to_lowercase().replace(' ', "-"));
    let hint_id = format!("{id}-hint");
    let shown = move || format!("{:.2}", value.get());
    let filled = move || {
        format!("{}%", (f64::from(value.get()) - range.min) / (range.max - range.min) * 100.0)
    };
    let input = move |event| {
        if let Ok(number) = event_target_value(&event).parse() {
            change(number);
        }
    };
    view! {
        <div class="slider">
            <label for=id.clone()>{name}</label>
            <small id=hint_id.clone()>{hint}</small>
            <span class="value" aria-hidden="true">{shown}</span>
            <input
                id=id
                type="range"
                aria-describedby=hint_id
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
