//! `cargo xtask test`: every check of this repository, one step after the other.

use std::{process::Command, time::Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    browser, package, serve,
    shell::{Shell, run, run_counted},
    site,
    tally::Tally,
    tools, vulkan,
};

/// Packages that are linted for WebAssembly too, because they run there.
const WASM_PACKAGES: &str = "-p dream-ui -p dream-worker";
/// Tests that run as WebAssembly. The worker is named so that dependencies get the features that
/// it gives them: a source of random numbers, without which they do not compile.
const WASM_TESTS: &str = "--package dream-worker --package engine-tests --test wasm";

/// Seconds that a test in a browser may take on a software GPU.
const BROWSER_SECONDS: &str = "900";

/// One check: how to get ready for it, and how to run it.
struct Step {
    name: &'static str,
    set_up: fn(&Shell) -> Result<()>,
    run: fn(&Shell, &[String]) -> Result<Tally>,
}

const STEPS: [Step; 8] = [
    Step { name: "format", set_up: tools::lints, run: format },
    Step { name: "lints", set_up: tools::lints, run: lints },
    Step { name: "wasm-lints", set_up: tools::wasm_target, run: wasm_lints },
    Step { name: "tests", set_up: vulkan::set_up, run: tests },
    Step { name: "site", set_up: site::set_up, run: site_builds },
    Step { name: "budget", set_up: |_| Ok(()), run: budget },
    Step { name: "wasm-tests", set_up: set_up_wasm_tests, run: wasm_tests },
    Step { name: "e2e", set_up: set_up_e2e, run: e2e },
];

/// Runs the named steps, or all when none is named, after the set-up of each.
///
/// # Errors
/// The first step that fails; or a name that is no step.
pub fn run_steps(shell: &Shell, names: &[String], runner_args: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| STEPS.iter().all(|step| step.name != *name)) {
        bail!("there is no step {unknown}; see `cargo xtask --help`");
    }
    let wanted = |step: &&Step| names.is_empty() || names.iter().any(|name| name == step.name);
    let steps: Vec<&Step> = STEPS.iter().filter(wanted).collect();

    let mut times = Vec::new();
    let start = Instant::now();
    println!("== set-up");
    for step in &steps {
        (step.set_up)(shell).with_context(|| format!("set-up for {} failed", step.name))?;
    }
    times.push(("set-up", start.elapsed()));

    let mut total = Tally::default();
    for step in &steps {
        println!("\n== {}", step.name);
        let start = Instant::now();
        total +=
            (step.run)(shell, runner_args).with_context(|| format!("step {} failed", step.name))?;
        times.push((step.name, start.elapsed()));
    }

    println!();
    for (name, time) in times {
        println!("{name:<12}{:>7.1} s", time.as_secs_f64());
    }
    if total != Tally::default() {
        println!("{total}");
    }
    Ok(())
}

fn format(shell: &Shell, _: &[String]) -> Result<Tally> {
    quiet(&mut shell.command("cargo fmt --all --check"))
}

fn lints(shell: &Shell, _: &[String]) -> Result<Tally> {
    quiet(&mut shell.command("cargo clippy --workspace --all-targets -- -D warnings"))
}

fn wasm_lints(shell: &Shell, _: &[String]) -> Result<Tally> {
    let line = format!(
        "cargo clippy --target wasm32-unknown-unknown {WASM_PACKAGES} --all-targets -- -D warnings"
    );
    quiet(&mut shell.command(&line))
}

/// All tests that run on this machine itself; builds the command-line program on the way.
fn tests(shell: &Shell, _: &[String]) -> Result<Tally> {
    quiet(&mut shell.command("cargo build --workspace --all-targets"))?;
    let mut tests = shell.command("cargo test --workspace --no-fail-fast");
    if vulkan::is_required() {
        tests.env("DREAM_REQUIRE_GPU", "1");
    }
    run_counted(&mut tests)
}

fn site_builds(shell: &Shell, _: &[String]) -> Result<Tally> {
    site::build(shell, &site::Options::default())?;
    Ok(Tally::default())
}

/// Page and engine are within their budgets of bytes.
fn budget(shell: &Shell, _: &[String]) -> Result<Tally> {
    site::sizes(shell)?.check()?;
    Ok(Tally::default())
}

fn set_up_wasm_tests(shell: &Shell) -> Result<()> {
    tools::node(shell)?;
    tools::wasm_target(shell)?;
    tools::wasm_bindgen(shell)?;
    browser::set_up_driver(shell)
}

/// Tests as WebAssembly in Node.js and, where one can be driven, in a browser with WebGPU; in
/// release as the page is.
fn wasm_tests(shell: &Shell, _: &[String]) -> Result<Tally> {
    let line = format!("cargo test --release --target wasm32-unknown-unknown {WASM_TESTS}");
    let mut tests = shell.command(&line);
    if let Some(driver) = browser::driver(shell) {
        tests.args(["--test", "browser"]).env("CHROMEDRIVER", driver);
        tests.env("WASM_BINDGEN_TEST_TIMEOUT", BROWSER_SECONDS);
    }
    run_counted(&mut tests)
}

fn set_up_e2e(shell: &Shell) -> Result<()> {
    tools::node(shell)?;
    browser::set_up(shell)?;
    browser::set_up_firefox(shell);
    tools::npm_packages(shell, &shell.root().join("tests/e2e"))
}

/// The page in a real browser, against the program built by `tests`.
fn e2e(shell: &Shell, runner_args: &[String]) -> Result<Tally> {
    let program = shell.built("dream");
    ensure!(program.is_file(), "no {}: run `cargo xtask test tests` first", program.display());
    let package = package::pack(shell)?;
    let port = serve::start(&shell.dist(), 0)?;
    let mut playwright = shell.command("npx --no-install playwright test");
    playwright
        .args(runner_args)
        .current_dir(shell.root().join("tests/e2e"))
        .env("PAREIDOLIA_URL", format!("http://localhost:{port}"))
        .env("PAREIDOLIA_CHROME", browser::program(shell)?)
        .env("PAREIDOLIA_CLI", program)
        .env("PAREIDOLIA_PACKAGE", package)
        .env("PAREIDOLIA_DIST", shell.dist())
        .envs(browser::firefox(shell).map(|program| (browser::FIREFOX, program)));
    run_counted(&mut playwright)
}

fn quiet(command: &mut Command) -> Result<Tally> {
    run(command)?;
    Ok(Tally::default())
}
