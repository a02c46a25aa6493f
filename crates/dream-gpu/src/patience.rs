//! How long a device may take to open: some browsers never answer once their GPU has crashed.

use std::pin::pin;

use dream_graph::EngineError;
use futures_util::future::{Either, select};

use crate::device::unavailable;

/// Seconds; a software device on a busy machine takes several.
const PATIENCE: u32 = 15;

/// Passes on what `opening` comes to.
///
/// # Errors
/// Those of `opening`, and [`EngineError::Unavailable`] where a browser takes too long.
pub async fn within<T>(
    opening: impl Future<Output = Result<T, EngineError>>,
) -> Result<T, EngineError> {
    match select(pin!(opening), pin!(run_out())).await {
        Either::Left((opened, _)) => opened,
        Either::Right(_) => Err(unavailable(&format!(
            "WebGPU has not answered for {PATIENCE} seconds; choose cpu or auto, or start the \
             browser anew"
        ))),
    }
}

#[cfg(target_arch = "wasm32")]
async fn run_out() {
    gloo_timers::future::TimeoutFuture::new(1000 * PATIENCE).await;
}

/// Native drivers answer before their call returns.
#[cfg(not(target_arch = "wasm32"))]
async fn run_out() {
    std::future::pending().await
}
