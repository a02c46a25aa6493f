//! The octave equaliser: how much of what each octave has added is in the picture, changed at once
//! and without dreaming again.

use dream_protocol::{COLOR, GAIN, Range, Remix, STRENGTH};
use leptos::prelude::*;

use super::{fields::Track, page};
use crate::reactive::{live, memo, whether};

/// The sliders, once there is a dream to remix.
#[component]
pub fn Equaliser() -> impl IntoView {
    let (state, _) = page();
    let octaves = memo(move || match state.dream.with(Option::is_none) {
        true => state.ended.get().map_or(0, |(_, octaves)| octaves),
        false => 0,
    });
    let sliders = live(move || {
        let count = octaves.get();
        let slider = |octave: u32| view! { <OctaveSlider octave count/> };
        (0..count).map(slider).collect_view()
    });
    view! {
        <section class="equaliser" aria-label="Mix" hidden=whether(move || octaves.get() == 0)>
            <h2>"Mix"<small>" what was dreamed, without dreaming again"</small></h2>
            <Fader range=STRENGTH hint="below zero: the reverse"
                get=|it| it.strength set=|it, to| it.strength = to/>
            <Fader range=COLOR hint="0: light and shade alone"
                get=|it| it.color set=|it, to| it.color = to/>
            {sliders}
            <button
                class="link"
                type="button"
                disabled=whether(move || state.remix.with(Remix::is_neutral))
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
    let value = memo(move || f64::from(state.remix.with(get)));
    let change = Callback::new(move |to: f64| state.remix.update(|remix| set(remix, to as f32)));
    view! { <Track range id=id(range.name) name=range.name hint value change/> }
}

#[component]
fn OctaveSlider(octave: u32, count: u32) -> impl IntoView {
    let (state, _) = page();
    let at = octave as usize;
    let value = memo(move || f64::from(state.remix.with(|remix| remix.gain(at))));
    let change = Callback::new(move |to: f64| {
        state.remix.update(|remix| {
            let length = remix.gains.len().max(at + 1);
            remix.gains.resize(length, GAIN.default as f32);
            remix.gains[at] = to as f32;
        });
    });
    let hint = match octave {
        0 if count > 1 => "the largest shapes",
        octave if octave + 1 == count && count > 1 => "the finest",
        _ => "",
    };
    let name = format!("Octave {}", octave + 1);
    view! { <Track range=GAIN id=id(&name) name hint value change/> }
}

fn id(name: &str) -> String {
    format!("mix-{}", name.to_ascii_lowercase().replace(' ', "-"))
}
