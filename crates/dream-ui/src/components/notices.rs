//! What the page has to say about itself, each with a way to answer or dismiss it.

use leptos::prelude::*;

use super::page;
use crate::{notices::Notices, offline, session};

/// All notices.
#[component]
pub fn NoticeList() -> impl IntoView {
    let (state, bridge) = page();
    let notices = expect_context::<Notices>();
    let afresh = move || session::start_afresh(state, bridge, notices);
    let back = "Your last picture and settings are back.";
    let ready = "A new version of Pareidolia is ready. Your picture and settings will be back.";
    view! {
        <section aria-label="Notices" aria-live="polite">
            {notice(notices.restored, back, "Start afresh", afresh)}
            {notice(notices.update, ready, "Update now", offline::update)}
        </section>
    }
}

fn notice(
    shown: RwSignal<bool>,
    words: &'static str,
    answer: &'static str,
    act: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let notice = move || {
        view! {
            <div class="notice">
                <p>{words}</p>
                <div>
                    <button type="button" on:click=move |_| act()>{answer}</button>
                    <button type="button" on:click=move |_| shown.set(false)>"Dismiss"</button>
                </div>
            </div>
        }
    };
    move || shown.get().then(notice)
}
