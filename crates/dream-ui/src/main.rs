//! Pareidolia's page: shows the picture, takes the settings, and lets the worker dream.
//!
//! It knows settings and messages only; the engine lives in `dream-worker`.

mod app;
mod arrivals;
mod bridge;
mod climb;
mod components;
mod download;
mod exact;
mod export;
mod film;
mod inside;
mod intake;
mod keys;
mod mask;
mod materials;
mod moments;
mod notices;
mod objectives;
mod offline;
mod pace;
mod picture;
mod planning;
mod png;
mod presets;
mod reactive;
mod recipes;
mod scene;
mod seeing;
mod session;
mod shelf;
mod state;
mod steering;
mod store;
mod variants;
mod view;
mod words;
mod zip;

fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
}
