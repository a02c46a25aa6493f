//! The `dream` command: DeepDream in a shell.
//!
//! Results go to stdout, notes, progress and one-line errors to stderr. Exit codes: 0 done,
//! 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.

mod commands;
mod console;
mod dreamer;
mod frames;
mod interrupt;
mod model;
mod npy;
mod objectives;
mod options;
mod picture;
mod recipe;
mod series;

use std::{env, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::{commands::*, console::Console};

/// DeepDream: raise what a neural network sees in a picture.
#[derive(Parser)]
#[command(name = "dream", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Show no progress and no notes
    #[arg(long, short, global = true, display_order = 99)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Command {
    Dream(Box<dream::Arguments>),
    Zoom(Box<zoom::Arguments>),
    Film(Box<film::Arguments>),
    Layers(layers::Arguments),
    Classify(classify::Arguments),
    Teach(teach::Arguments),
    Gradient(gradient::Arguments),
    Bench(bench::Arguments),
    Atlas(atlas::Arguments),
}

fn main() -> ExitCode {
    keep_drivers_quiet();
    let cli = Cli::parse();
    let console = Console::new(cli.quiet);
    run(cli.command, &console).unwrap_or_else(|error| {
        console::complain(&error);
        ExitCode::FAILURE
    })
}

/// Where there is no desktop, a layer of Mesa that chooses between its screens complains on stderr,
/// which is ours; we need no screen.
fn keep_drivers_quiet() {
    if cfg!(target_os = "linux") && env::var_os("XDG_RUNTIME_DIR").is_none() {
        #[expect(unsafe_code, reason = "variables may be set while there is a single thread")]
        // SAFETY: nothing runs yet but this function.
        unsafe {
            env::set_var("NODEVICE_SELECT", "1");
        }
    }
}

fn run(command: Command, console: &Console) -> Result<ExitCode> {
    match command {
        Command::Dream(arguments) => return dream::run(&arguments, console),
        Command::Zoom(arguments) => return zoom::run(&arguments, console),
        Command::Film(arguments) => return film::run(&arguments, console),
        Command::Atlas(arguments) => return atlas::run(&arguments, console),
        Command::Layers(arguments) => layers::run(&arguments, console),
        Command::Classify(arguments) => classify::run(&arguments, console),
        Command::Teach(arguments) => teach::run(&arguments, console),
        Command::Gradient(arguments) => gradient::run(&arguments, console),
        Command::Bench(arguments) => bench::run(&arguments, console),
    }?;
    Ok(ExitCode::SUCCESS)
}
