//! Pareidolia's page: shows the picture, takes the settings, and lets the worker dream.
//!
//! It knows settings and messages only; the engine lives in `dream-worker`.

mod app;
mod bridge;
mod components;
mod exact;
mod intake;
mod pace;
mod picture;
mod planning;
mod png;
mod scene;
mod state;
mod words;

fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
}
