//! The pictures to begin with: one's own, or one of the four that are drawn in code.

use leptos::{html::Canvas, prelude::*, task::spawn_local};

use super::{film::Filmstrip, page};
use crate::{
    intake,
    picture::draw,
    reactive::{effect, memo, text, whether},
    scene::Scene,
};

/// Pixels across a thumbnail.
const THUMBNAIL: u32 = 160;

/// The strip of pictures to begin with.
#[component]
pub fn Strip() -> impl IntoView {
    let scenes = Scene::ALL.map(|scene| view! { <SceneButton scene/> });
    view! {
        <nav class="strip" aria-label="Pictures to begin with">
            <OpenPhoto/>
            <span class="rule" aria-hidden="true"></span>
            {scenes}
            <Filmstrip/>
            <p class="tip">"Or drop or paste a picture anywhere. It never leaves your device."</p>
        </nav>
    }
}

#[component]
fn OpenPhoto() -> impl IntoView {
    let (state, bridge) = page();
    let open = move |event: leptos::ev::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let file = intake::list(input.files()).into_iter().next();
        if let Some(file) = file {
            intake::open_photo(state, bridge, file);
        }
        // So that the same file can be opened again.
        input.set_value("");
    };
    view! {
        <label class="cell open">
            <input class="unseen" type="file" accept="image/*" on:change=open/>
            <span>"Open a photo"</span>
        </label>
    }
}

#[component]
fn SceneButton(scene: Scene) -> impl IntoView {
    let (state, bridge) = page();
    let canvas = NodeRef::<Canvas>::new();
    effect(move || {
        let Some(canvas) = canvas.get() else { return };
        spawn_local(async move {
            let thumbnail = intake::painted_at(scene, THUMBNAIL).await;
            if let Err(error) = draw(&canvas, &thumbnail) {
                state.alert(format!("The browser cannot draw ({error:?})."));
            }
        });
    });
    let on_show =
        memo(move || state.original.with(|it| it.as_ref().and_then(|it| it.scene)) == Some(scene));
    view! {
        <button
            class="cell"
            class:on=whether(move || on_show.get())
            type="button"
            aria-pressed=text(move || on_show.get())
            on:click=move |_| intake::open_scene(state, bridge, scene)
        >
            <canvas node_ref=canvas aria-hidden="true"></canvas>
            <span>{scene.name()}</span>
        </button>
    }
}
