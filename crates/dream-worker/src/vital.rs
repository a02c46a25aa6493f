//! Signs of life and last words, so that the page never waits for a worker that is gone.

use std::panic;

use dream_protocol::{Event, Failure, FailureKind};
use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::PromiseRejectionEvent;

use crate::port;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["navigator", "locks"], js_name = request, catch)]
    fn request_lock(name: &str, granted: &Function) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_name = reportError)]
    fn report_error(error: &JsValue);
}

/// Lets a panic tell the page before the program traps, and makes any other trap end the worker
/// with an error that the page hears, instead of leaving it mute.
pub fn watch_for_crashes() {
    panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        let message = format!("a defect of ours ({info})");
        port::post(&Event::Failed {
            id: None,
            failure: Failure { kind: FailureKind::Crash, message },
        });
    }));
    let on_trap =
        Closure::<dyn FnMut(PromiseRejectionEvent)>::new(|event: PromiseRejectionEvent| {
            report_error(&event.reason());
            port::scope().close();
        });
    let listened = port::scope()
        .add_event_listener_with_callback("unhandledrejection", on_trap.as_ref().unchecked_ref());
    if listened.is_ok() {
        on_trap.forget();
    }
}

/// Takes the lock named like this worker and holds it until the worker ends, whichever way. The
/// page waits for the same lock. Where there are no locks (outside secure origins), only loud
/// deaths are noticed.
pub async fn show_life() {
    let taken = Promise::new(&mut |resolve, _| {
        // A resolver takes any value and cannot fail.
        let go_on = move || drop(resolve.call0(&JsValue::UNDEFINED));
        let go_on_locked = go_on.clone();
        let hold = Closure::once_into_js(move || {
            go_on_locked();
            Promise::new(&mut |_, _| {})
        });
        match request_lock(&port::scope().name(), hold.unchecked_ref()) {
            Ok(held) => spawn_local(async move {
                // It ends only by being refused.
                if JsFuture::from(held).await.is_err() {
                    go_on();
                }
            }),
            Err(_) => go_on(),
        }
    });
    // Resolves always, see above.
    let _ = JsFuture::from(taken).await;
}
