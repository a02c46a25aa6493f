//! Lets the page breathe between two pieces of work.

use gloo_timers::future::TimeoutFuture;

/// How often [`until`] looks, in milliseconds.
const LOOK: u32 = 60;

/// Waits until the browser has had time for input and painting: a macrotask, not a microtask.
pub async fn breathe() {
    TimeoutFuture::new(0).await;
}

/// Waits until something is so, looking a few times a second.
pub async fn until(so: impl Fn() -> bool) {
    while !so() {
        TimeoutFuture::new(LOOK).await;
    }
}
