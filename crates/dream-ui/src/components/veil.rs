//! What lies over the picture while the mask is open or a place is pointed at: it shows the mask,
//! and takes what the pointer does there.

use leptos::{ev::PointerEvent, html::Canvas, prelude::*};

use super::{mask::put, page};
use crate::{
    mask::Strengths,
    picture::draw,
    reactive::{effect, memo, whether},
};

/// The veil.
#[component]
pub fn Veil() -> impl IntoView {
    let (state, _) = page();
    let canvas = NodeRef::<Canvas>::new();
    let painted = StoredValue::new(None::<(Strengths, [f64; 2])>);
    let stroking = RwSignal::new(false);
    let takes = memo(move || state.pointing.get().is_some() || state.brush.get().paints);
    let shown = memo(move || {
        // While it dreams, the dream is what one wants to see, but for the length of a stroke.
        let at_rest = state.dream.with(Option::is_none) && state.brush.get().shown;
        (at_rest || stroking.get()).then(|| state.mask()).flatten()
    });
    let show = move |mask: &Strengths| {
        // Where the browser cannot draw it, the picture itself has told so already.
        let _ = canvas.get_untracked().map(|canvas| draw(&canvas, &mask.overlay()));
    };
    effect(move || {
        if canvas.get().is_some() {
            shown.with(|mask| mask.as_ref().map(show));
        }
    });
    let place = move |event: &PointerEvent| {
        let frame = canvas.get_untracked().map(|canvas| canvas.get_bounding_client_rect());
        frame.map_or([0.0; 2], |frame| {
            [
                (f64::from(event.client_x()) - frame.left()) / frame.width(),
                (f64::from(event.client_y()) - frame.top()) / frame.height(),
            ]
        })
    };
    let stroke = move |event: &PointerEvent, from: Option<[f64; 2]>| {
        let to = place(event);
        // Pens know how hard they are pressed.
        let pressure = if event.pointer_type() == "pen" { event.pressure() } else { 1.0 };
        painted.update_value(|painted| {
            if let Some((mask, last)) = painted {
                let brush = state.brush.get_untracked();
                mask.stroke(from.unwrap_or(*last), to, &brush, pressure.into());
                *last = to;
                show(mask);
            }
        });
    };
    let down = move |event: PointerEvent| {
        event.stop_propagation();
        let at = place(&event);
        if let Some(objective) = state.pointing.get_untracked() {
            return state.point(objective, at);
        }
        if let (Some(mask), Some(canvas)) = (untrack(|| state.mask()), canvas.get_untracked()) {
            // Without it the stroke ends at the edge.
            let _ = canvas.set_pointer_capture(event.pointer_id());
            painted.set_value(Some((mask, at)));
            stroking.set(true);
            stroke(&event, Some(at));
        }
    };
    let moved = move |event: PointerEvent| {
        event.stop_propagation();
        stroke(&event, None);
    };
    let up = move |event: PointerEvent| {
        event.stop_propagation();
        if let Some((mask, _)) = painted.try_update_value(Option::take).flatten() {
            put(state, &mask);
        }
        stroking.set(false);
    };
    view! {
        <canvas
            class="veil"
            class:takes=whether(move || takes.get())
            node_ref=canvas
            hidden=whether(move || !takes.get() && shown.with(Option::is_none))
            class:empty=whether(move || shown.with(Option::is_none))
            aria-hidden="true"
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=up
            on:pointercancel=up
        ></canvas>
    }
}
