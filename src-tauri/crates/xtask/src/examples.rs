//! `cargo xtask bench` and `cargo xtask screenshots`: the programs of `tests/examples` that drive
//! the real thing, and what they need.

use std::fs;
use std::process::Command;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::packages::{self, COMPILER, SCREENSHOTS, TEST, WINDOWS};
use crate::run::run as execute;
use crate::tools::Tools;
use crate::{ui, workspace};

#[derive(Args)]
pub(crate) struct Bench {
    /// Only this, which needs no more than a compiler
    only: Option<Measured>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measured {
    /// The portal of a large company under load
    Portal,
}

/// Measures release builds beside AWS's own client and programs that do nothing.
pub(crate) fn bench(options: &Bench) -> Result<()> {
    if options.only == Some(Measured::Portal) {
        return bench_portal();
    }
    let tools = prepare(&[])?;
    let programs = workspace::target()?.join("release");
    execute(workspace::cargo()?.args([
        "build",
        "--release",
        "--package=cli",
        "--package=portal",
        "--package=aws-files",
        "--package=vestibule-tray",
        "--bins",
        "--example=bare_tray",
        "--example=edit",
    ]))?;
    let source = programs.join("empty.rs");
    fs::write(&source, "fn main() {}\n")?;
    execute(
        Command::new("rustc")
            .args(["-O", "-C", "strip=symbols", "-o"])
            .arg(programs.join("empty"))
            .arg(source),
    )?;
    execute(
        workspace::cargo()?
            .args(["run", "--package=e2e", "--example=bench"])
            .env("VESTIBULE_PROGRAMS", programs)
            .env("VESTIBULE_TOOLS", tools.folder),
    )
}

/// Measures the portal alone.
fn bench_portal() -> Result<()> {
    let needed: Vec<_> = COMPILER.iter().collect();
    packages::install(&needed, false)?;
    let build = ["build", "--release", "--package=portal"];
    execute(
        workspace::cargo()?
            .args(build)
            .args(["--bins", "--example=bench_portal"]),
    )?;
    let programs = workspace::target()?.join("release");
    execute(
        Command::new(programs.join("examples/bench_portal"))
            .env("VESTIBULE_PORTAL", programs.join("vestibule-portal")),
    )
}

/// Takes the README's pictures.
pub(crate) fn screenshots() -> Result<()> {
    let tools = prepare(SCREENSHOTS)?;
    execute(workspace::cargo()?.args(["build", "--workspace", "--all-targets"]))?;
    let pictures = workspace::root()?.join("icons/screenshots");
    fs::create_dir_all(&pictures)?;
    execute(
        Command::new(workspace::target()?.join("debug/examples/screenshots"))
            .arg(pictures)
            .env("VESTIBULE_TOOLS", tools.folder),
    )
}

fn prepare(more: &[packages::Package]) -> Result<Tools> {
    let needed: Vec<_> = [COMPILER, WINDOWS, TEST, more]
        .into_iter()
        .flatten()
        .collect();
    packages::install(&needed, false)?;
    ui::build()?;
    Tools::install()
}
