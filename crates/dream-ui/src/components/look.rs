//! The look: what a dream begins with, how the gradient becomes a step, what holds the picture
//! back, its colours and edges.

use dream_protocol::{
    AGAIN, ALPHA_NORM, BLUR, DreamSettings, Finish, L2, LAPLACIAN_LEVELS, Start, TOTAL_VARIATION,
};
use leptos::prelude::*;

use super::{
    fields::{Pick, choice},
    page,
    slider::Slider,
};
use crate::reactive::{memo, text, whether};

/// What a dream can begin with.
const STARTS: [(&str, &str); 3] = [
    ("Photo", "the picture on show"),
    ("Noise", "nothing but faint noise of the picture's size; the seed makes it"),
    ("Flat colour", "one colour, of the picture's size"),
];
/// The colour that is offered first.
const GREY: [u8; 3] = [128; 3];

/// All of it, collapsed at first.
#[component]
pub fn Look() -> impl IntoView {
    let (state, _) = page();
    let when = |shown: fn(&DreamSettings) -> bool| {
        let shown = memo(move || state.settings.with(shown));
        whether(move || !shown.get())
    };
    let no_levels = when(|it| it.prior.finish == Finish::Laplacian);
    let no_goal = when(|it| it.prior.l2 > 0.0 || it.prior.alpha_norm > 0.0);
    view! {
        <details>
            <summary>"Look"</summary>
            <Beginning/>
            {choice("climbs", "What climbs", |it| it.prior.parametrisation, |it, to| it.prior.parametrisation = to)}
            {choice("finish", "Finish", |it| it.prior.finish, |it, to| it.prior.finish = to)}
            <div hidden=no_levels>
                <Slider range=LAPLACIAN_LEVELS hint="from fine to coarse"
                    get=|it| it.prior.laplacian_levels.into() set=|it, to| it.prior.laplacian_levels = to as u32/>
            </div>
            {choice("colours", "Colours", |it| it.prior.color, |it, to| it.prior.color = to)}
            <Slider range=TOTAL_VARIATION hint="flat areas, sharp edges"
                get=|it| it.prior.total_variation.into() set=|it, to| it.prior.total_variation = to as f32/>
            <Slider range=BLUR hint="softens what is dreamed, pixels"
                get=|it| it.prior.blur.into() set=|it, to| it.prior.blur = to as f32/>
            <Slider range=L2 hint="draws every pixel back"
                get=|it| it.prior.l2.into() set=|it, to| it.prior.l2 = to as f32/>
            <Slider range=ALPHA_NORM hint="draws back only the farthest"
                get=|it| it.prior.alpha_norm.into() set=|it, to| it.prior.alpha_norm = to as f32/>
            <div hidden=no_goal>
                {choice("goal", "Draw back to", |it| it.prior.goal, |it, to| it.prior.goal = to)}
            </div>
            {choice("edges", "Edges", |it| it.prior.edges, |it, to| it.prior.edges = to)}
            <Slider range=AGAIN hint="rounds on its own result"
                get=|it| it.again.into() set=|it, to| it.again = to as u32/>
        </details>
    }
}

/// What the dream begins with.
#[component]
fn Beginning() -> impl IntoView {
    let (state, _) = page();
    let last = StoredValue::new(GREY);
    let chosen = memo(move || match state.settings.with(|it| it.start) {
        Start::Picture => 0,
        Start::Noise => 1,
        Start::Flat { .. } => 2,
    });
    let begin = move |start| state.settings.update(|it| it.start = start);
    let choose = Callback::new(move |at| {
        begin(match at {
            0 => Start::Picture,
            1 => Start::Noise,
            _ => Start::Flat { color: last.get_value() },
        });
    });
    let color = text(move || {
        let color = match state.settings.with(|it| it.start) {
            Start::Flat { color } => color,
            Start::Picture | Start::Noise => last.get_value(),
        };
        let [red, green, blue] = color;
        format!("#{red:02x}{green:02x}{blue:02x}")
    });
    let paint = move |event| {
        if let Ok(start @ Start::Flat { color }) = event_target_value(&event).parse() {
            last.set_value(color);
            begin(start);
        }
    };
    view! {
        <Pick id="begin" name="Begin with" options=STARTS.to_vec() chosen choose/>
        <label class="check" hidden=whether(move || chosen.get() != 2)>
            <input type="color" prop:value=color on:input=paint/>
            "Start colour"
        </label>
    }
}
