//! Lets the page breathe between two pieces of work.

use std::time::Duration;

use js_sys::Promise;
use leptos::prelude::window;
use wasm_bindgen_futures::JsFuture;

/// How often [`until`] looks.
const LOOK: Duration = Duration::from_millis(60);

/// Waits until the browser has had time for input and painting: a macrotask, not a microtask.
pub async fn breathe() {
    let breath = Promise::new(&mut |resolve, _| {
        if window().set_timeout_with_callback(&resolve).is_err() {
            // Without timers there is nobody to wait for.
            let _ = resolve.call0(&wasm_bindgen::JsValue::UNDEFINED);
        }
    });
    // A promise that only ever resolves.
    let _ = JsFuture::from(breath).await;
}

/// Waits until something is so, looking a few times a second.
pub async fn until(so: impl Fn() -> bool) {
    while !so() {
        let pause = Promise::new(&mut |resolve, _| {
            let wake = move || {
                // Resolving cannot fail.
                let _ = resolve.call0(&wasm_bindgen::JsValue::UNDEFINED);
            };
            leptos::prelude::set_timeout(wake, LOOK);
        });
        // A promise that only ever resolves.
        let _ = JsFuture::from(pause).await;
    }
}
