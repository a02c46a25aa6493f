//! Dream or stop, save, and back to the start.

use leptos::{html::Button, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlAnchorElement, Url};

use super::page;
use crate::{
    bridge::Bridge,
    picture,
    state::{Health, Phase, State},
};

/// The buttons.
#[component]
pub fn Actions() -> impl IntoView {
    let (state, bridge) = page();
    let dreaming = Memo::new(move |_| state.dream.get().is_some());
    let stopping = move || state.dream.get().is_some_and(|dream| dream.phase == Phase::Stopping);
    let cannot_dream = move || {
        matches!(state.worker.get(), Health::Dead(_))
            || state.reading.get().is_some()
            || state.opening.get().is_some()
            || state.original.with(Option::is_none)
    };
    let saving = RwSignal::new(false);
    let cannot_save = move || dreaming.get() || saving.get() || state.frame.with(Option::is_none);
    let (dream, stop) = (NodeRef::<Button>::new(), NodeRef::<Button>::new());
    hand_over_focus(state, dream, stop);
    view! {
        <section class="actions" aria-label="Actions">
            <button
                class="primary"
                type="button"
                node_ref=dream
                hidden=dreaming
                disabled=cannot_dream
                on:click=move |_| bridge.dream()
            >
                "Dream"
            </button>
            <button
                class="primary stop"
                type="button"
                node_ref=stop
                hidden=move || !dreaming.get()
                disabled=stopping
                on:click=move |_| bridge.stop()
            >
                "Stop"
            </button>
            <button type="button" disabled=cannot_save on:click=move |_| save(state, saving)>
                "Save PNG"
            </button>
            <button type="button" on:click=move |_| reset(state, bridge)>"Reset"</button>
        </section>
    }
}

/// Whoever pressed a button that is gone with the keyboard finds the one of the two that is there
/// under the finger.
fn hand_over_focus(state: State, dream: NodeRef<Button>, stop: NodeRef<Button>) {
    Effect::new(move |was: Option<Option<Phase>>| {
        let is = state.dream.get().map(|dream| dream.phase);
        let (Some(dream), Some(stop)) = (dream.get(), stop.get()) else { return is };
        if was.is_some_and(|was| was != is) {
            let (from, to) = if is.is_some() { (dream, stop) } else { (stop, dream) };
            request_animation_frame(move || {
                let focused = document().active_element();
                if focused.is_none_or(|it| it == **from || it.tag_name() == "BODY") {
                    // A button that cannot take the focus leaves it where it is.
                    let _ = to.focus();
                }
            });
        }
        is
    });
}

fn reset(state: State, bridge: Bridge) {
    bridge.abandon();
    state.reset();
}

fn save(state: State, saving: RwSignal<bool>) {
    let (Some(frame), Some(original)) =
        (state.frame.get_untracked(), state.original.get_untracked())
    else {
        return;
    };
    saving.set(true);
    spawn_local(async move {
        let saved = match picture::png_file(&frame).await {
            Ok(file) => download(&file, &format!("{}-dream.png", original.name))
                .map_err(|error| format!("The picture could not be saved: {error:?}.")),
            Err(error) => Err(error.to_string()),
        };
        if let Err(message) = saved {
            state.alert(message);
        }
        saving.set(false);
    });
}

fn download(file: &Blob, name: &str) -> Result<(), wasm_bindgen::JsValue> {
    let url = Url::create_object_url_with_blob(file)?;
    let link: HtmlAnchorElement = document().create_element("a")?.dyn_into()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The browser reads the file after the click has been handled.
    set_timeout(move || drop(Url::revoke_object_url(&url)), std::time::Duration::from_secs(60));
    Ok(())
}
