//! `cargo xtask`: everything one does with this checkout, in one command each.

#![expect(clippy::print_stdout, reason = "a program that talks to its user")]

mod packages;
mod run;
mod test;
mod tools;
mod ui;
mod workspace;

use clap::{Parser, Subcommand};

/// Builds, shows, checks and packages Vestibule.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Check everything: formatting, lints, docs, licences, unit, interface and end-to-end tests
    Test(test::Options),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().task {
        Task::Test(options) => test::run(&options),
    }
}
