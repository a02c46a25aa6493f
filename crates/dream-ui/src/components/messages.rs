//! What the page has to say: errors, and what came of a recipe that was opened.

use dream_protocol::ModelId;
use leptos::prelude::*;

use super::{alerts::Alerts, notices::NoticeList, page};
use crate::{
    reactive::{live, text, whether},
    state::Restored,
};

/// All of it.
#[component]
pub fn Messages() -> impl IntoView {
    view! {
        <div class="messages">
            <Alerts/>
            <RecipeNotice/>
            <NoticeList/>
        </div>
    }
}

/// That settings were restored, what keeps them from remaking the dream, and the way back to the
/// picture that was there.
#[component]
fn RecipeNotice() -> impl IntoView {
    let (state, bridge) = page();
    let notice = move |Restored { file, recipe, before }: Restored| {
        let doubts = text(move || {
            let model = state.model.with(|model| model.as_ref().map(ModelId::from));
            model.map_or(Vec::new(), |model| recipe.doubts(&model)).join(" ")
        });
        let words = match (&file, &before) {
            (None, _) => "The settings in this link are restored. ".to_owned(),
            (Some(file), None) => format!("The settings of {file} are restored. "),
            (Some(file), Some(_)) => format!(
                "The settings of {file} are restored, and it is the picture to begin with now. \
                 To remake it, begin with the photo that it was dreamed on. "
            ),
        };
        let missing = live(move || {
            match state.missing() {
            0 => None,
            1 => Some(" It also takes a picture that no recipe holds: choose it at the objective or the mask.".to_owned()),
            count => Some(format!(" It also takes {count} pictures that no recipe holds: choose them at the objectives or the mask.")),
        }
        });
        let back = before.map(|before| {
            let name = before.name.clone();
            let go_back = move |_| {
                let restored = state.restored.get_untracked();
                bridge.abandon();
                state.open(before.clone());
                state.restored.set(restored.map(|it| Restored { before: None, ..it }));
            };
            view! {
                <button type="button" on:click=go_back>{format!("Begin with {name}")}</button>
            }
        });
        view! {
            <p>{words}{doubts}{missing}</p>
            <div>
                {back}
                <button type="button" on:click=move |_| state.restored.set(None)>"Understood"</button>
            </div>
        }
    };
    let hidden = whether(move || state.restored.with(Option::is_none));
    view! {
        <section class="notice" aria-label="Recipe" aria-live="polite" hidden=hidden>
            {live(move || state.restored.get().map(notice))}
        </section>
    }
}
