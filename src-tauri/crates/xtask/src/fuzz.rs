//! `cargo xtask fuzz`: every fuzz target there is, each for a while.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use crate::run::{output, run as execute, succeeds};
use crate::workspace;

/// The compiler that can instrument programs.
const TOOLCHAIN: &str = "nightly";

#[derive(Args)]
pub(crate) struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

/// Runs the targets of every crate that has some, and stops at the first that finds something.
pub(crate) fn run(options: &Options) -> Result<()> {
    let programs = cargo_fuzz()?;
    for package in packages()? {
        for target in targets(&package)? {
            println!("\n== {}: {target}", package.display());
            let limit = format!("-max_total_time={}", options.seconds);
            execute(fuzz(&programs, &package).args(["run", &target, "--", &limit, "-timeout=20"]))?;
        }
    }
    Ok(())
}

/// The crates' folders with a `fuzz` in them.
fn packages() -> Result<Vec<PathBuf>> {
    let mut packages = Vec::new();
    for entry in fs::read_dir(workspace::root()?.join("src-tauri/crates"))? {
        let package = entry?.path();
        if package.join("fuzz/Cargo.toml").is_file() {
            packages.push(package);
        }
    }
    packages.sort();
    Ok(packages)
}

fn targets(package: &Path) -> Result<Vec<String>> {
    let mut targets = Vec::new();
    for entry in fs::read_dir(package.join("fuzz/fuzz_targets"))? {
        let file = entry?.path();
        let name = file.file_stem().context("a target has a name")?;
        targets.push(name.to_string_lossy().into_owned());
    }
    targets.sort();
    Ok(targets)
}

fn fuzz(programs: &Path, package: &Path) -> Command {
    // Out of the way of what is compiled without instruments.
    let target = programs.with_file_name("fuzz");
    // Only rustup's own door leads to another compiler than the one that runs this.
    let mut cargo = Command::new("rustup");
    cargo
        .args(["run", TOOLCHAIN, "cargo", "fuzz"])
        .current_dir(package)
        .env("CARGO_TARGET_DIR", target)
        // A finding is told by the functions it went through, and fuzzing is no release.
        .env("CARGO_PROFILE_RELEASE_STRIP", "none")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("PATH", with_first(&programs.join("bin")));
    cargo
}

fn with_first(folder: &Path) -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).unwrap_or(path)
}

/// Installs cargo-fuzz beside what is compiled, unless it is there already.
fn cargo_fuzz() -> Result<PathBuf> {
    output(Command::new("rustup").args(["run", TOOLCHAIN, "rustc", "--version"]))
        .context("fuzzing needs a nightly compiler: rustup toolchain install nightly")?;
    let programs = workspace::target()?.join("cargo-fuzz");
    let program = programs.join("bin/cargo-fuzz");
    if !succeeds(Command::new(&program).args(["fuzz", "--version"])) {
        execute(
            workspace::cargo()?
                .args(["install", "cargo-fuzz", "--locked", "--root"])
                .arg(&programs),
        )?;
    }
    Ok(programs)
}
