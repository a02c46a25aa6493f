//! The parts of the page, one file each.

mod actions;
mod alerts;
mod bench;
mod panel;
mod slider;
mod stage;
mod strip;
mod top;

pub use actions::Actions;
pub use alerts::Alerts;
pub use bench::Bench;
pub use panel::Panel;
pub use stage::Stage;
pub use strip::Strip;
pub use top::Top;

use leptos::prelude::expect_context;

use crate::{bridge::Bridge, state::State};

/// What `App` has provided.
fn page() -> (State, Bridge) {
    (expect_context(), expect_context())
}
