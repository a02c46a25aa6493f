//! Dream or stop, go on from what was dreamed, save, and back to the start.

use leptos::{html::Button, prelude::*};

use super::{export::Export, page};
use crate::{
    bridge::Bridge,
    export, planning,
    reactive::{live, memo, text, whether},
    state::{Health, Phase, State},
    words,
};

/// The buttons.
#[component]
pub fn Actions() -> impl IntoView {
    let (state, bridge) = page();
    let dreaming = memo(move || state.dream.get().is_some());
    let stopping =
        whether(move || state.dream.get().is_some_and(|dream| dream.phase == Phase::Stopping));
    let cannot_dream = move || {
        matches!(state.worker.get(), Health::Dead(_))
            || state.reading.get().is_some()
            || state.opening.get().is_some()
            || state.original.with(Option::is_none)
    };
    let saving = RwSignal::new(false);
    let nothing = memo(move || dreaming.get() || state.frame.with(Option::is_none));
    let cannot_save = Signal::derive(move || nothing.get() || saving.get());
    let cannot_keep_going =
        whether(move || dreaming.get() || cannot_dream() || state.ended.get().is_none());
    let (dream, stop) = (NodeRef::<Button>::new(), NodeRef::<Button>::new());
    hand_over_focus(state, dream, stop);
    view! {
        <section class="actions" aria-label="Actions">
            <Long/>
            <button
                class="primary"
                type="button"
                node_ref=dream
                hidden=whether(move || dreaming.get())
                disabled=whether(cannot_dream)
                on:click=move |_| bridge.dream()
            >
                "Dream"
            </button>
            <button
                class="primary stop"
                type="button"
                node_ref=stop
                hidden=whether(move || !dreaming.get())
                disabled=stopping
                on:click=move |_| bridge.stop()
            >
                "Stop"
            </button>
            <button
                type="button"
                title="The picture with its recipe inside"
                disabled=cannot_save
                on:click=move |_| export::save(state, export::Kind::Png, saving)
            >
                "Save PNG"
            </button>
            <Export cannot_save saving/>
            <div class="more">
                <button
                    type="button"
                    title="As many iterations again, from where the dream is"
                    disabled=cannot_keep_going
                    on:click=move |_| bridge.keep_going()
                >
                    "Keep going"
                </button>
                <button
                    type="button"
                    title="Dream on the dream"
                    disabled=whether(move || nothing.get() || cannot_dream())
                    on:click=move |_| bridge.again()
                >
                    "Again"
                </button>
                <button type="button" on:click=move |_| reset(state, bridge)>"Reset"</button>
            </div>
        </section>
    }
}

/// How long a long dream takes, before it begins, with a way to a shorter one.
#[component]
fn Long() -> impl IntoView {
    let (state, _) = page();
    let smaller =
        memo(move || state.dream.with(Option::is_none).then(|| planning::smaller(state)).flatten());
    let told = text(move || state.need.with(|need| words::need(need.as_ref())));
    let offer = move |size: u32| {
        let shrink = move |_| state.settings.update(|it| it.size = size);
        view! {
            {told}" "
            <button class="link" type="button" on:click=shrink>
                {format!("Make it {size} pixels, in under a minute")}
            </button>
        }
    };
    view! {
        <p class="long hint" aria-live="polite" hidden=whether(move || smaller.get().is_none())>
            {live(move || smaller.get().map(offer))}
        </p>
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
