//! The parts of the page, one file each.

mod actions;
mod alerts;
mod bench;
mod climb;
mod equaliser;
mod export;
mod fields;
mod film;
mod inside;
mod look;
mod mask;
mod messages;
mod notices;
mod objectives;
mod panel;
mod presets;
mod seen;
mod shelf;
mod slider;
mod stage;
mod strip;
mod tools;
mod top;
mod veil;

pub use actions::Actions;
pub use bench::Bench;
pub use inside::InsideView;
pub use messages::Messages;
pub use panel::Panel;
pub use stage::Stage;
pub use strip::Strip;
pub use tools::Help;
pub use top::Top;

use leptos::prelude::expect_context;

use crate::{bridge::Bridge, state::State};

/// What `App` has provided.
fn page() -> (State, Bridge) {
    (expect_context(), expect_context())
}
