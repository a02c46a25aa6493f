//! The keyboard, wherever the focus is, except where it types or chooses. Single letters can be
//! switched off, for those who speak to their computer.

use leptos::{ev::KeyboardEvent, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::{
    bridge::Bridge,
    export::{self, Kind},
    film, moments, presets,
    state::State,
    view::View,
};

/// What the help sheet lists: keys, and what they do.
pub const HELP: [(&str, &str); 14] = [
    ("D", "Dream, or stop the dream under way"),
    ("K", "Keep going: more iterations from where the dream is"),
    ("A", "Again: dream on the dream"),
    ("R", "Surprise me"),
    ("S", "Save PNG"),
    ("C or Space", "Hold to see the original"),
    ("Ctrl Z, Ctrl Shift Z", "Undo, redo"),
    ("[ and ]", "The picture before and after in the filmstrip"),
    ("+ and −", "Zoom in and out"),
    ("Arrow keys", "Move the part that is seen, when zoomed in"),
    ("0", "All of the picture"),
    ("F", "Full screen"),
    ("?", "This sheet"),
    ("Esc", "Close this sheet, leave full screen"),
];
/// How far an arrow key moves what is seen, in frames.
const PAN: f64 = 0.1;
/// How much a key magnifies.
const ZOOM: f64 = 1.25;

/// Listens from now on.
pub fn listen(state: State, bridge: Bridge) {
    window_event_listener(leptos::ev::keydown, move |event| {
        if event.default_prevented() || event.alt_key() || types_text(&event) {
            return;
        }
        let heard = if event.ctrl_key() || event.meta_key() {
            with_control(state, &event)
        } else {
            state.letters.get_untracked() && plain(state, bridge, &event)
        };
        if heard {
            event.prevent_default();
        }
    });
    window_event_listener(leptos::ev::keyup, move |event| {
        if event.key().eq_ignore_ascii_case("c") {
            state.holding.set(false);
        }
    });
    window_event_listener(leptos::ev::blur, move |_| state.holding.set(false));
}

/// Magnifies or reduces around the middle.
pub fn zoom(state: State, closer: bool) {
    let factor = if closer { ZOOM } else { 1.0 / ZOOM };
    state.view.update(|view| *view = view.zoomed(factor, [0.5, 0.5]));
}

/// Fills the screen with the picture, or leaves that.
pub fn full_screen(state: State) {
    if document().fullscreen_element().is_some() {
        document().exit_fullscreen();
        return;
    }
    let stage = document().query_selector(".stage").ok().flatten();
    if stage.is_none_or(|stage| stage.request_fullscreen().is_err()) {
        state.alert("This browser does not let the page fill the screen.");
    }
}

fn with_control(state: State, event: &KeyboardEvent) -> bool {
    match event.key().to_ascii_lowercase().as_str() {
        "z" => moments::step(state, event.shift_key()),
        "y" => moments::step(state, true),
        _ => return false,
    }
    true
}

fn plain(state: State, bridge: Bridge, event: &KeyboardEvent) -> bool {
    let dreaming = state.dream.with_untracked(Option::is_some);
    let zoomed = state.view.get_untracked().is_zoomed() && !on_slider(event);
    let pan = |by| state.view.update(|view| *view = view.panned(by));
    match event.key().to_ascii_lowercase().as_str() {
        "c" if state.frame.with_untracked(Option::is_some) => state.holding.set(true),
        "?" => state.help.set(true),
        "+" | "=" => zoom(state, true),
        "-" => zoom(state, false),
        "0" => state.view.set(View::default()),
        "f" => full_screen(state),
        "d" if dreaming => bridge.stop(),
        "d" => bridge.dream(),
        "arrowleft" if zoomed => pan([PAN, 0.0]),
        "arrowright" if zoomed => pan([-PAN, 0.0]),
        "arrowup" if zoomed => pan([0.0, PAN]),
        "arrowdown" if zoomed => pan([0.0, -PAN]),
        _ if dreaming => return false,
        "k" => bridge.keep_going(),
        "a" => bridge.again(),
        "r" => presets::surprise(state, bridge),
        "s" => export::save(state, Kind::Png, RwSignal::new(false)),
        "[" => film::step(state, bridge, false),
        "]" => film::step(state, bridge, true),
        _ => return false,
    }
    true
}

fn types_text(event: &KeyboardEvent) -> bool {
    is(event, "select, textarea, input:not([type=range]):not([type=checkbox]), dialog *")
}

fn on_slider(event: &KeyboardEvent) -> bool {
    is(event, "input, summary, [role=slider]")
}

fn is(event: &KeyboardEvent, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.matches(selector).unwrap_or(false))
}
