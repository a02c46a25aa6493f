//! The worker behind the page: holds model and engine, dreams, and keeps listening while it does.
//!
//! It speaks the words of `dream-protocol` and knows no page: anything that posts requests to it
//! can have dreams from it.

mod estimate;
mod failures;
mod fetch;
mod model;
mod pace;
mod port;
mod run;
mod vital;

fn main() {
    vital::watch_for_crashes();
    let port = port::Port::open();
    wasm_bindgen_futures::spawn_local(async move {
        vital::show_life().await;
        run::run(port).await;
    });
}
