//! Ctrl-C: the first asks the work to stop and save, the second ends the program at once.

use std::{
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, Result};

/// Exit code of a program ended by Ctrl-C, as shells count: 128 + SIGINT.
pub const EXIT_CODE: u8 = 130;

/// Whether Ctrl-C was pressed.
#[derive(Clone, Debug)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Takes over Ctrl-C from now on.
    ///
    /// # Errors
    /// A system that does not let it.
    pub fn listen() -> Result<Self> {
        let pressed = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&pressed);
        ctrlc::set_handler(move || {
            if seen.swap(true, Ordering::Relaxed) {
                process::exit(EXIT_CODE.into());
            }
        })
        .context("cannot listen for Ctrl-C")?;
        Ok(Self(pressed))
    }

    /// Whether to stop.
    pub fn pressed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
