//! The picture, with the original behind a slider, and how far the dream is.

use dream_protocol::Picture;
use leptos::{
    ev::{KeyboardEvent, PointerEvent, WheelEvent},
    html::{Canvas, Figure, Main},
    prelude::*,
};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::{page, tools::Tools, veil::Veil};
use crate::{
    inside,
    picture::draw,
    reactive::{effect, live, memo, number_in, text, whether},
    state::State,
    view::{Fingers, Touch},
    words,
};

/// The picture and what belongs on it.
#[component]
pub fn Stage() -> impl IntoView {
    let (state, bridge) = page();
    let ratio = text(move || {
        let original = state.original.read();
        let picture = original.as_ref().map(|original| &original.picture);
        picture.map_or(4.0 / 3.0, |it| f64::from(it.width) / f64::from(it.height)).to_string()
    });
    let dreamed = memo(move || state.frame.with(Option::is_some));
    let shown = move || if state.holding.get() { 100.0 } else { state.compare.get() };
    let before = text(move || format!("{}%", if dreamed.get() { shown() } else { 0.0 }));
    let (main, figure) = (NodeRef::<Main>::new(), NodeRef::<Figure>::new());
    let fingers = StoredValue::new(Fingers::default());
    let place = move |x: i32, y: i32| {
        let frame = figure.get_untracked().map(|figure| figure.get_bounding_client_rect());
        frame.map_or([0.0; 2], |frame| {
            [
                (f64::from(x) - frame.left()) / frame.width(),
                (f64::from(y) - frame.top()) / frame.height(),
            ]
        })
    };
    let wheel = move |event: WheelEvent| {
        event.prevent_default();
        let factor = (-event.delta_y().clamp(-100.0, 100.0) / 300.0).exp();
        let at = place(event.client_x(), event.client_y());
        state.view.update(|view| *view = view.zoomed(factor, at));
    };
    let touch = move |event: PointerEvent, touch: Touch| {
        let at = place(event.client_x(), event.client_y());
        // Whoever holds the knob compares.
        let knob = event.target().is_some_and(|it| it.dyn_ref::<HtmlInputElement>().is_some());
        if touch == Touch::Down && !knob && state.inside.pointing.get_untracked() {
            let view = state.view.get_untracked();
            let on_picture = [(at[0] - view.x) / view.scale, (at[1] - view.y) / view.scale];
            inside::point(state, bridge, on_picture.map(|part| part.clamp(0.0, 1.0) as f32));
            return;
        }
        let (id, view) = (event.pointer_id(), state.view.get_untracked());
        fingers.update_value(|fingers| {
            if let Some(view) = fingers.moved(id, at, touch, knob, view) {
                state.view.set(view);
            }
        });
    };
    Effect::new(move |was: Option<bool>| {
        let dreaming = state.dream.with(Option::is_some);
        // Where the settings lie below the picture, whoever pressed Dream there wants to see it.
        if dreaming && was == Some(false) {
            let _ = main.get_untracked().map(|main| main.scroll_into_view());
        }
        dreaming
    });
    view! {
        <main class="stage" node_ref=main>
            <div class="mat" style:--ratio=ratio>
                <figure
                    class="picture"
                    class:dreamed=whether(move || dreamed.get())
                    class:holding=whether(move || state.holding.get())
                    class:pointing=whether(move || state.inside.pointing.get())
                    class:zoomed=whether(move || state.view.get().is_zoomed())
                    style:--before=before
                    style:--scale=text(move || state.view.get().scale)
                    style:--x=text(move || format!("{}%", state.view.get().x * 100.0))
                    style:--y=text(move || format!("{}%", state.view.get().y * 100.0))
                    node_ref=figure
                    on:wheel=wheel
                    on:pointerdown=move |event| touch(event, Touch::Down)
                    on:pointermove=move |event| touch(event, Touch::Move)
                    on:pointerup=move |event| touch(event, Touch::Up)
                    on:pointercancel=move |event| touch(event, Touch::Up)
                >
                    <DreamCanvas/>
                    <div class="before"><OriginalCanvas/></div>
                    <div class="knob" aria-hidden="true" hidden=whether(move || !dreamed.get())></div>
                    <CompareSlider dreamed/>
                    <Veil/>
                    <ProgressBar/>
                </figure>
            </div>
            <Caption dreamed/>
        </main>
    }
}

#[component]
fn DreamCanvas() -> impl IntoView {
    let (state, _) = page();
    let canvas = NodeRef::<Canvas>::new();
    effect(move || {
        let Some(canvas) = canvas.get() else { return };
        if let Some(frame) = state.frame.get() {
            show(state, &canvas, &frame);
        } else if let Some(original) = state.original.get() {
            show(state, &canvas, &original.picture);
        }
    });
    view! { <canvas node_ref=canvas role="img" aria-label="Dream"></canvas> }
}

#[component]
fn OriginalCanvas() -> impl IntoView {
    let (state, _) = page();
    let canvas = NodeRef::<Canvas>::new();
    effect(move || {
        let (Some(canvas), Some(original)) = (canvas.get(), state.original.get()) else { return };
        let beside = state.beside.get().map(|(_, picture)| picture);
        show(state, &canvas, &beside.unwrap_or(original.picture));
    });
    view! { <canvas node_ref=canvas aria-hidden="true"></canvas> }
}

fn show(state: State, canvas: &web_sys::HtmlCanvasElement, picture: &Picture) {
    if let Err(error) = draw(canvas, picture) {
        let size = words::extent(picture);
        state.alert(format!("The browser cannot show a picture of {size} pixels ({error:?})."));
    }
}

#[component]
fn CompareSlider(dreamed: Memo<bool>) -> impl IntoView {
    let (state, _) = page();
    let input = move |event| {
        state.compare.set(number_in(&event).unwrap_or_default());
    };
    let spoken = text(move || {
        format!("original on the left {} percent", words::fixed(state.compare.get(), 0))
    });
    let is_space = |event: &KeyboardEvent| event.key() == " ";
    let press = move |event: KeyboardEvent| {
        if is_space(&event) {
            event.prevent_default();
            state.holding.set(true);
        }
    };
    let release = move |event: KeyboardEvent| {
        if is_space(&event) {
            state.holding.set(false);
        }
    };
    view! {
        <input
            class="compare"
            type="range"
            min="0"
            max="100"
            step="1"
            aria-label="Compare"
            aria-valuetext=spoken
            title="Slide to compare with the original; hold C or Space to see all of it"
            hidden=whether(move || !dreamed.get())
            prop:value=text(move || state.compare.get())
            on:input=input
            on:keydown=press
            on:keyup=release
        />
    }
}

#[component]
fn HoldButton(dreamed: Memo<bool>) -> impl IntoView {
    let (state, _) = page();
    let hold = move |held: bool| state.holding.set(held);
    let presses = |event: &KeyboardEvent| matches!(event.key().as_str(), " " | "Enter");
    view! {
        <button
            class="hold"
            type="button"
            hidden=whether(move || !dreamed.get())
            aria-pressed=text(move || state.holding.get())
            on:pointerdown=move |_| hold(true)
            on:pointerup=move |_| hold(false)
            on:pointercancel=move |_| hold(false)
            on:pointerleave=move |_| hold(false)
            on:contextmenu=move |event| event.prevent_default()
            on:keydown=move |event| if presses(&event) { hold(true) }
            on:keyup=move |event| if presses(&event) { hold(false) }
            on:blur=move |_| hold(false)
        >
            "Hold to compare"
        </button>
    }
}

#[component]
fn ProgressBar() -> impl IntoView {
    let (state, _) = page();
    let dreaming = whether(move || state.dream.get().is_some());
    let percent = memo(move || {
        state.progress.get().map_or(0.0, |it| (it.fraction * 100.0).clamp(0.0, 100.0))
    });
    view! {
        <div
            class="progress"
            class:shown=dreaming
            role="progressbar"
            aria-label="Progress"
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=text(move || words::fixed(percent.get(), 0))
            style:--done=text(move || format!("{}%", percent.get()))
        ></div>
    }
}

/// Under the picture: what there is to know about it, and the way back from a reset.
#[component]
fn Caption(dreamed: Memo<bool>) -> impl IntoView {
    let (state, _) = page();
    let size = live(move || {
        let original = state.original.get()?;
        Some(match (state.frame.get(), state.dream.get()) {
            (Some(frame), None) => words::extent(&frame),
            _ => words::extent(&original.picture),
        })
    });
    let undo = live(move || {
        state.undo.get().map(|_| {
            view! {
                "Back to the original and the default settings. "
                <button class="link" type="button" on:click=move |_| state.undo_reset()>"Undo"</button>
            }
        })
    });
    let notes = live(move || {
        state.notes.get().into_iter().map(|note| view! { <li>{note}</li> }).collect_view()
    });
    view! {
        <div class="caption">
            <p>{size}</p>
            <p class="undo">{undo}</p>
            <ul>{notes}</ul>
            <HoldButton dreamed/>
            <Tools/>
        </div>
    }
}
