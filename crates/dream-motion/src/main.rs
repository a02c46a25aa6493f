//! The program behind the page of moving pictures: what this library offers, for scripts.

#[cfg(target_arch = "wasm32")]
mod script;

fn main() {
    #[cfg(target_arch = "wasm32")]
    console_error_panic_hook::set_once();
}
