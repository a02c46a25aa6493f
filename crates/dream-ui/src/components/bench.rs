//! `?bench`: what an iteration costs in this browser, on every engine that it has.

use dream_protocol::{BenchTable, SIZE};
use leptos::prelude::*;

use super::{
    objectives::LayerSelect,
    page,
    panel::{EngineSelect, ModelSection},
};
use crate::{
    reactive::{text, whether},
    state,
};

/// Side of the picture at first: the size that the networks were trained at.
const SIDE: u32 = 224;

/// The measurement: what to measure, how far it is, and what came out.
#[component]
pub fn Bench() -> impl IntoView {
    let (state, bridge) = page();
    let side = RwSignal::new(SIDE);
    let running =
        whether(move || state.bench.with(|it| matches!(it, Some(state::Bench::Running(..)))));
    let choose_side = move |event| {
        if let Ok(asked) = event_target_value(&event).parse() {
            side.set(asked);
        }
    };
    view! {
        <main class="bench">
            <h2>"What an iteration costs here"</h2>
            <p class="hint">
                "Forward and backward pass of the network on a square picture, timed in turn on every
                engine that this browser has; the chosen engine beside the processor, or all of them."
            </p>
            <ModelSection/>
            <LayerSelect at=0/>
            <EngineSelect/>
            <label class="field" for="side">"Side of the picture, in pixels"</label>
            <input id="side" type="number" min=SIZE.min max=SIZE.max step=SIZE.step
                prop:value=text(move || side.get()) on:change=choose_side/>
            <button class="primary" type="button" disabled=running
                on:click=move |_| bridge.bench(side.get())>
                "Measure"
            </button>
            <Outcome/>
        </main>
    }
}

#[component]
fn Outcome() -> impl IntoView {
    let (state, _) = page();
    move || match state.bench.get() {
        None => ().into_any(),
        Some(state::Bench::Running(_, fraction, words)) => view! {
            <progress aria-label="Measurement" max=1 value=fraction></progress>
            <p class="hint" aria-live="polite">{words}</p>
        }
        .into_any(),
        Some(state::Bench::Done(table)) => view! { <Table table/> }.into_any(),
    }
}

#[component]
fn Table(table: BenchTable) -> impl IntoView {
    let BenchTable { title, columns, rows, notes } = table;
    let heads =
        columns.into_iter().map(|name| view! { <th scope="col">{name}</th> }).collect_view();
    let row = |row: dream_protocol::BenchRow| {
        let cells = row.cells.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view();
        view! { <tr><th scope="row">{row.name}</th>{cells}</tr> }
    };
    view! {
        <table>
            <caption>{title}</caption>
            <thead><tr><td></td>{heads}</tr></thead>
            <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
        </table>
        <ul class="notes">
            {notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view()}
        </ul>
    }
}
