//! Packages of Debian, which set-up may install by itself where we are root.

use std::fs;

use anyhow::Result;

use crate::shell::{Shell, run};

/// Whether [`install`] can work here.
pub fn can_install(shell: &Shell) -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=debian") && shell.output("id -u").as_deref() == Some("0")
}

/// Installs a package, after whoever else is installing packages at the moment.
///
/// # Errors
/// When it cannot be had.
pub fn install(shell: &Shell, package: &str) -> Result<()> {
    println!("Installing {package} from Debian");
    run(&mut shell.command("apt-get update --quiet"))?;
    let mut install =
        shell.command("apt-get install --yes --quiet --option DPkg::Lock::Timeout=300");
    run(install.arg(package).env("DEBIAN_FRONTEND", "noninteractive"))
}
