//! Where things are.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// Arguments of `cargo build` for all programs, out of the same compiled dependencies as the tests.
///
/// Cargo chooses a dependency's features by what is built in one go. All packages and one target
/// that may use dev-dependencies (the smallest, an example) make it the tests' choice, so that a
/// demonstration after the tests compiles nothing, and the tests after it only what is theirs.
pub(crate) const PROGRAMS_AS_TESTED: [&str; 3] = ["--workspace", "--bins", "--example=bare_tray"];

/// Root of the checkout. Cargo names the package's folder to whatever it runs.
pub(crate) fn root() -> Result<PathBuf> {
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .context("CARGO_MANIFEST_DIR is not set; start this as `cargo xtask`")?;
    Path::new(&package)
        .ancestors()
        .nth(3)
        .map(Path::to_path_buf)
        .context("the xtask package has moved out of src-tauri/crates")
}

/// Cargo's target folder, absolute.
pub(crate) fn target() -> Result<PathBuf> {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => Ok(std::path::absolute(folder)?),
        None => Ok(root()?.join("target")),
    }
}

/// Cargo, as it was started, at the root of the checkout.
pub(crate) fn cargo() -> Result<Command> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()?);
    Ok(cargo)
}
