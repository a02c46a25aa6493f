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

/// A text that changes with what it is made of.
pub fn text<T: ToString>(of: impl Fn() -> T + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(move || of().to_string())
}

/// Something that is so or not, as what it depends on changes.
pub fn whether(is: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(is)
}

/// What is made of other things, told only when it has changed.
pub fn memo<T: PartialEq + Send + Sync + 'static>(
    of: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    fn begin<T: PartialEq + Send + Sync + 'static>(
        of: Box<dyn Fn() -> T + Send + Sync>,
    ) -> Memo<T> {
        Memo::new(move |_| of())
    }
    begin(Box::new(of))
}

/// A part of the page that is made anew when something changes that it has read.
pub fn live<V: IntoView + 'static>(part: impl Fn() -> V + Send + 'static) -> AnyView {
    fn begin(part: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
        part.into_any()
    }
    begin(Box::new(move || part().into_any()))
}

/// The number that was typed or slid to, if it is one.
pub fn number_in(event: &web_sys::Event) -> Option<f64> {
    let input = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    Some(input.value_as_number()).filter(|number| number.is_finite())
}
