//! The shelf: every model with what it is, one button that gets or uses it, and one that removes it.

use dream_protocol::ShelfModel;
use leptos::prelude::*;

use super::page;
use crate::{
    notices::Notices,
    reactive::{live, memo, text, whether},
    shelf::Shelf,
    words,
};

/// All models.
#[component]
pub fn ModelShelf() -> impl IntoView {
    let shelf = expect_context::<Shelf>();
    let notices = expect_context::<Notices>();
    let offline = text(move || match notices.offline.get() {
        None => "",
        Some(true) => "This page works without a network. ",
        Some(false) => "This browser does not keep the page for use without a network. ",
    });
    view! {
        <ul class="shelf" aria-label="Models">
            <For
                each=move || shelf.models.get()
                key=|model| model.address.clone()
                children=|model| view! { <Row model/> }
            />
        </ul>
        <p class="hint">
            {offline} "Fetched models are checked and kept in this browser. "
            <a href="licences.txt">"Licences of everything here"</a>
        </p>
    }
}

#[component]
fn Row(model: ShelfModel) -> impl IntoView {
    let (state, bridge) = page();
    let shelf = expect_context::<Shelf>();
    let built_in = untrack(|| shelf.built_in(&model.sha256));
    let hash = StoredValue::new(model.sha256.clone());
    let here = memo(move || hash.with_value(|hash| shelf.bytes_here(hash)));
    let bytes = model.bytes;
    let kept = memo(move || built_in || here.get() == bytes);
    let fetching = memo(move || shelf.fetching.get().is_some_and(|it| it == hash.get_value()));
    let busy =
        whether(move || shelf.fetching.with(Option::is_some) || state.opening.get().is_some());
    let label = {
        let model = model.clone();
        move || words::get_model(&model, here.get(), kept.get())
    };
    let wanted = model.clone();
    let choose = move |_| shelf.choose(bridge, wanted.clone());
    let unwanted = StoredValue::new(model.clone());
    let name = model.name.clone();
    let trouble = live(move || {
        let told = shelf.trouble.get().filter(|(of, _)| *of == hash.get_value());
        told.map(|(_, words)| view! { <p class="hint trouble" role="alert">{words}</p> })
    });
    let remove = live(move || {
        let removable = !built_in && !fetching.get() && here.get() > 0;
        removable.then(|| {
            view! {
                <button type="button" on:click=move |_| shelf.remove(unwanted.get_value())>
                    "Remove" <span class="unseen">" " {unwanted.get_value().name}</span>
                </button>
            }
        })
    });
    let progress = {
        let name = name.clone();
        move || {
            let name = name.clone();
            fetching.get().then(|| {
                view! {
                    <progress
                        max=bytes.to_string()
                        prop:value=text(move || here.get() as f64)
                        aria-label=format!("{name}: fetched")
                    ></progress>
                    <button type="button" on:click=move |_| shelf.cancel()>"Cancel"</button>
                }
            })
        }
    };
    view! {
        <li>
            <p>
                <b>{name}</b>
                <small>" · " {words::file_size(bytes)} " · " {model.licence.clone()}</small>
            </p>
            <div>
                <button type="button" hidden=whether(move || fetching.get()) disabled=busy on:click=choose>{label}</button>
                {progress}
                {remove}
            </div>
            {trouble}
        </li>
    }
}
