//! The scripts and styles of moving pictures, packed: one file each, instead of dozens that a
//! browser would find one by one; and the worker that makes PNG files.

use anyhow::{Context, Result};

use crate::shell::{Shell, run};

const PACK: &str = "www/vendor/node_modules/.bin/esbuild www/motion/motion.js \
                    www/motion/png-writer.js www/motion/page.css \
                    --outdir=dist/motion --bundle --format=esm --minify \
                    --target=es2022 --charset=utf8 --log-level=warning";
/// What lies beside them in the site, and is loaded when it is needed.
const BESIDE: [&str; 2] = ["../dream-motion.js", "./mediabunny.js"];

/// Packs them into the site.
///
/// # Errors
/// A packer that is not installed, or a script that it cannot read.
pub fn pack(shell: &Shell) -> Result<()> {
    let mut packer = shell.command(PACK);
    packer.args(BESIDE.iter().map(|file| format!("--external:{file}")));
    run(&mut packer).context("moving pictures cannot be packed")
}
