//! Lets the page breathe between two pieces of work.

use js_sys::Promise;
use leptos::prelude::window;
use wasm_bindgen_futures::JsFuture;

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
