//! Time: breaths between bursts, and clocks.

use js_sys::{Date, Function, Promise};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

/// Shortest time between two previews within an octave, in milliseconds.
const PREVIEW_PAUSE: f64 = 250.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(wake: &Function);
}

/// Lets waiting messages in: a macrotask, because a microtask would run before them.
pub async fn breathe() {
    let breath = Promise::new(&mut |resolve, _| set_timeout(&resolve));
    // A promise that only ever resolves.
    let _: Result<JsValue, JsValue> = JsFuture::from(breath).await;
}

/// Measures a dream and paces its previews.
pub struct Clock {
    started: f64,
    last_preview: f64,
}

impl Clock {
    /// Starts now.
    pub fn start() -> Self {
        Self { started: Date::now(), last_preview: 0.0 }
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        (Date::now() - self.started) / 1000.0
    }

    /// Whether it is time for a preview: always at the end of an octave, else a few times a second.
    pub fn preview_due(&mut self, octave_ended: bool) -> bool {
        let now = Date::now();
        let due = octave_ended || now - self.last_preview >= PREVIEW_PAUSE;
        if due {
            self.last_preview = now;
        }
        due
    }
}
