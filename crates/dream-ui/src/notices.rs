//! What the page has to say about itself rather than about a dream: that it has brought back what
//! the user was doing, that there is a new version of it, whether it works without a network.

use leptos::prelude::RwSignal;

/// The notices, as signals.
#[derive(Clone, Copy, Default)]
pub struct Notices {
    /// Picture and settings of an earlier visit are on show.
    pub restored: RwSignal<bool>,
    /// A new version waits to take over.
    pub update: RwSignal<bool>,
    /// Whether the site is kept for use without a network; `None` until that is known.
    pub offline: RwSignal<Option<bool>>,
}
