//! Leptos's generic parts with types of their own, so that each is compiled once, however often it
//! is used.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// Runs soon, and again whenever something changes that it has read.
pub fn effect(run: impl FnMut() + 'static) {
    fn begin(mut run: Box<dyn FnMut()>) {
        Effect::new(move |_: Option<()>| run());
    }
    begin(Box::new(run));
}

/// The number that was typed or slid to, if it is one.
pub fn number_in(event: &web_sys::Event) -> Option<f64> {
    let input = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    Some(input.value_as_number()).filter(|number| number.is_finite())
}
