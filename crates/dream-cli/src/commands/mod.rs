//! The commands, one file each: its arguments and what it does.

pub mod atlas;
mod atlas_page;
pub mod bench;
pub mod classify;
pub mod dream;
pub mod film;
pub mod gradient;
pub mod layers;
pub mod teach;
pub mod zoom;
