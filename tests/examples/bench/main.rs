//! `cargo xtask bench`: measures what the README claims, with release builds and real clients.
#![expect(clippy::print_stdout, reason = "its answer")]

mod commands;
mod large;
mod listing;
mod menu;
mod stats;
mod tray;
mod ways;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

fn main() -> Result<()> {
    let programs = std::env::var_os("VESTIBULE_PROGRAMS")
        .context("run `cargo xtask bench`; it builds the programs this measures")?;
    println!(
        "== One command, whole process, {} runs interleaved",
        commands::RUNS
    );
    e2e::in_world(async |world| commands::measure(world, Path::new(&programs)).await)?;
    println!("\n== The AWS CLI by each way of delivery, whole process, interleaved");
    e2e::in_world(async |world| ways::measure(world).await)?;
    println!("\n== Listing accounts under 20 requests a second");
    e2e::in_world(async |world| listing::measure(world).await)?;
    println!("\n== One edit of an AWS config file, medians");
    let edit = Command::new(Path::new(&programs).join("examples/edit")).status()?;
    ensure!(edit.success(), "the edit ended with {edit}");
    println!("\n== A large organization");
    e2e::in_world(async |world| large::measure(world).await)?;
    println!("\n== The tray");
    e2e::in_world(async |world| tray::measure_idle(world, Path::new(&programs)).await)?;
    println!("\n== A change of the menu, medians");
    for backend in ["ksni", "native"] {
        for (accounts, roles) in [(20, 10), (300, 10)] {
            e2e::in_world(async |world| menu::measure(world, backend, accounts, roles).await)?;
        }
    }
    Ok(())
}
