//! Drives the real `dream` binary as a shell would and looks at its exit code, its words and the
//! files that it leaves.
#![allow(missing_docs, reason = "tests are named by what they hold")]

mod atlas;
mod bench;
mod command;
mod dreams;
mod errors;
mod gradients;
mod models;
mod motion;
mod objectives;
mod pictures;
mod recipes;
