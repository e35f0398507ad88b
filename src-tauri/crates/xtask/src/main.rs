//! `cargo xtask`: everything one does with this checkout, in one command each.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that talks to its user"
)]

mod demo;
mod examples;
mod fuzz;
mod icons;
mod package;
mod packages;
mod run;
mod test;
mod tools;
mod ui;
mod workspace;

use std::process::ExitCode;

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
    /// Start everything with an example organization, touching nothing of yours
    Demo(demo::Options),
    /// Render the icons from their drawings
    Icons,
    /// Measure release builds beside AWS's own client
    Bench(examples::Bench),
    /// Take the README's pictures from the running program
    Screenshots,
    /// Build a .deb with desktop file, icons, completions and manual pages
    Package,
    /// Try every fuzz target for a while; needs a nightly compiler
    Fuzz(fuzz::Options),
    /// Check everything: formatting, lints, docs, licences, unit, interface and end-to-end tests
    Test(test::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Demo(options) => demo::run(&options),
        Task::Icons => icons::run(),
        Task::Bench(options) => examples::bench(&options),
        Task::Screenshots => examples::screenshots(),
        Task::Package => package::run(),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Test(options) => test::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
