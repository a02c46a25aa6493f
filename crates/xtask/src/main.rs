//! `cargo xtask serve | build | package | test`: set-up, building, serving, packing and testing of
//! this repository.
//!
//! Each command first installs what it lacks: the Rust target, the site builder, the browser, a
//! Vulkan driver. What is there in the right version stays as it is, so every command may be run
//! again at any time.

mod browser;
mod checks;
mod debian;
mod package;
mod serve;
mod shell;
mod site;
mod tally;
mod tools;
mod vulkan;

use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::prelude::*;
use shell::Shell;
use site::Options;

const USAGE: &str = "\
Usage: cargo xtask <COMMAND>

  serve [--port N]  set up, build the site in release, serve it on http://localhost:8080
  build             set up, build the site in release into dist/
    --model FILE    puts an ONNX model on the site's shelf; may be repeated
    --url ADDRESS   where the site will be, for links that must be absolute
  package           build, then pack the widget and its engine for npm
  test [STEP]...    set up, then run every check, or only the steps named:
                    format, lints, wasm-lints, tests, site, budget, wasm-tests, e2e
                    (what follows `--` goes to the end-to-end test runner)

Environment:
  PAREIDOLIA_CHROME   program of the Chrome or Chromium to test with
  PAREIDOLIA_SHARED   folder of reference photos and models (default ../shared); may be absent
  DREAM_REQUIRE_GPU   1: GPU tests fail where there is no adapter, instead of being skipped
  CI                  set: as DREAM_REQUIRE_GPU wherever there is a Vulkan driver; failed
                      end-to-end tests get a second try
  CARGO_TARGET_DIR    where everything built or installed goes (default target/)";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    match parse()? {
        Task::Help => println!("{USAGE}"),
        Task::Serve { port, options } => {
            let shell = Shell::new()?;
            site::set_up(&shell)?;
            site::build(&shell, &options)?;
            serve::serve(&shell.dist(), port)?;
        }
        Task::Build { options } => {
            let shell = Shell::new()?;
            site::set_up(&shell)?;
            site::build(&shell, &options)?;
            println!("The site is in {}", shell.dist().display());
        }
        Task::Package => {
            let shell = Shell::new()?;
            site::set_up(&shell)?;
            site::build(&shell, &Options::default())?;
            println!("The package is {}", package::pack(&shell)?.display());
        }
        Task::Test { steps, runner_args } => {
            checks::run_steps(&Shell::new()?, &steps, &runner_args)?;
        }
    }
    Ok(())
}

/// What the command line asks for.
enum Task {
    Help,
    Serve { port: u16, options: Options },
    Build { options: Options },
    Package,
    Test { steps: Vec<String>, runner_args: Vec<String> },
}

fn parse() -> Result<Task> {
    let mut parser = lexopt::Parser::from_env();
    let mut words = Vec::new();
    let mut port = None;
    let mut options = None;
    let mut runner_args = Vec::new();
    loop {
        if let Some(mut rest) = parser.try_raw_args()
            && rest.next_if(|arg| arg == "--").is_some()
        {
            runner_args = rest.map(|arg| arg.string()).collect::<Result<_, _>>()?;
            break;
        }
        match parser.next()? {
            Some(Long("port")) => port = Some(parser.value()?.parse()?),
            Some(Long("model")) => {
                let file = parser.value()?.into();
                options.get_or_insert_with(Options::default).models.push(file);
            }
            Some(Long("url")) => {
                let url = parser.value()?.string()?;
                options.get_or_insert_with(Options::default).url = Some(url);
            }
            Some(Short('h') | Long("help")) => return Ok(Task::Help),
            Some(Value(word)) => words.push(word.string()?),
            Some(other) => return Err(other.unexpected().into()),
            None => break,
        }
    }
    match words.split_first() {
        Some((command, [])) if command == "serve" => {
            Ok(Task::Serve { port: port.unwrap_or(8080), options: options.unwrap_or_default() })
        }
        Some((command, [])) if command == "build" && port.is_none() => {
            Ok(Task::Build { options: options.unwrap_or_default() })
        }
        Some((command, [])) if command == "package" && port.is_none() && options.is_none() => {
            Ok(Task::Package)
        }
        Some((command, steps)) if command == "test" && port.is_none() && options.is_none() => {
            Ok(Task::Test { steps: steps.to_vec(), runner_args })
        }
        None => Ok(Task::Help),
        Some(_) => bail!("unknown command or option\n\n{USAGE}"),
    }
}
