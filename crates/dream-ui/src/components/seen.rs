//! What the network sees in the picture, before and now.

use leptos::{ev::Event, prelude::*};
use web_sys::HtmlDetailsElement;

use super::page;
use crate::{
    reactive::{live, whether},
    seeing::Row,
    words,
};

/// The table, collapsed at first; only while it is open is the network asked.
#[component]
pub fn SeenTable() -> impl IntoView {
    let (state, _) = page();
    let toggle =
        move |event: Event| state.looking.set(event_target::<HtmlDetailsElement>(&event).open());
    let classifies =
        whether(move || state.model.with(|it| it.as_ref().is_none_or(|it| it.classifies)));
    let percent = |probability: Option<f32>| match probability {
        Some(probability) => words::percent(probability, 1),
        None => "–".to_owned(),
    };
    let row = move |Row { label, before, now }: Row| {
        view! { <tr><th scope="row">{label}</th><td>{percent(before)}</td><td>{percent(now)}</td></tr> }
    };
    let rows =
        live(move || state.seen.with(|seen| seen.rows().into_iter().map(row).collect_view()));
    view! {
        <details on:toggle=toggle>
            <summary>"What it sees"</summary>
            <p class="hint" hidden=classifies>"This model knows no classes."</p>
            <table class="seen" hidden=whether(move || !classifies.get())>
                <caption>"The five things that the network finds most likely in the picture"</caption>
                <thead>
                    <tr><th scope="col">"Thing"</th><th scope="col">"Before"</th><th scope="col">"Now"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
}
