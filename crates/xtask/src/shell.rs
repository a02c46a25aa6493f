//! Where things are, and how other programs are run: from the repository's root, with our own
//! tools first on the path.

use std::{
    env,
    ffi::OsString,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

use crate::tally::Tally;

/// The places of this repository.
pub struct Shell {
    root: PathBuf,
    /// Folder this program was built into, `…/target/debug`.
    built: PathBuf,
    path: OsString,
}

impl Shell {
    /// Finds the repository from what cargo tells the programs that it runs.
    ///
    /// # Errors
    /// When not run through `cargo xtask`.
    pub fn new() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask`")?;
        let root = Path::new(&manifest).ancestors().nth(2).context("xtask is not in crates/")?;
        let program = env::current_exe()?;
        let built = program.parent().context("no folder around xtask")?;
        let mut shell =
            Self { root: root.to_owned(), built: built.to_owned(), path: OsString::new() };
        let own = [shell.tools().join("cargo/bin"), shell.tools().join("npm/node_modules/.bin")];
        let inherited = env::var_os("PATH").unwrap_or_default();
        let cargo_bin = env::home_dir().map(|home| home.join(".cargo/bin"));
        let path = own.into_iter().chain(env::split_paths(&inherited)).chain(cargo_bin);
        shell.path = env::join_paths(path)?;
        Ok(shell)
    }

    /// The repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The built page.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Where the npm package is made.
    pub fn package(&self) -> PathBuf {
        self.built.with_file_name("package")
    }

    /// Where tools are installed that this machine lacks.
    pub fn tools(&self) -> PathBuf {
        self.built.with_file_name("tools")
    }

    /// A program that cargo built in the dev profile.
    pub fn built(&self, name: &str) -> PathBuf {
        self.built.join(name).with_extension(env::consts::EXE_EXTENSION)
    }

    /// The first of these programs that is on the path.
    pub fn find(&self, names: &[&str]) -> Option<PathBuf> {
        names.iter().find_map(|name| {
            env::split_paths(&self.path)
                .map(|folder| folder.join(name).with_extension(env::consts::EXE_EXTENSION))
                .find(|file| file.is_file())
        })
    }

    /// A command line, split at spaces, to be run at the root.
    pub fn command(&self, line: &str) -> Command {
        let mut words = line.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).current_dir(&self.root).env("PATH", &self.path).stdin(Stdio::null());
        command
    }

    /// What a command prints, or `None` where the program is missing or fails.
    pub fn output(&self, line: &str) -> Option<String> {
        let output = self.command(line).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// Prints and runs a command.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub fn run(command: &mut Command) -> Result<()> {
    let line = announce(command);
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    ensure!(status.success(), "`{line}` failed ({status})");
    Ok(())
}

/// Prints and runs a test runner, passing its lines on and adding up the tests that it reports.
///
/// # Errors
/// When it cannot be started, does not succeed, or has run no test.
pub fn run_counted(command: &mut Command) -> Result<Tally> {
    let line = announce(command);
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{line}`"))?;
    let mut tally = Tally::default();
    if let Some(stdout) = child.stdout.take() {
        for text in BufReader::new(stdout).lines() {
            let text = text?;
            println!("{text}");
            tally.read(&text);
        }
    }
    let status = child.wait()?;
    ensure!(status.success(), "`{line}` failed ({status})");
    if tally.passed == 0 {
        bail!("`{line}` ran no test");
    }
    Ok(tally)
}

fn announce(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    println!("$ {line}");
    line
}
