//! The windows' web pages, which the tray's build takes in.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::run::run;
use crate::workspace;

/// Builds `ui/dist`, unless it is newer than everything it is made from.
pub(crate) fn build() -> Result<()> {
    install()?;
    let ui = workspace::root()?.join("ui");
    let built = fs::metadata(ui.join("dist/index.html")).and_then(|built| built.modified());
    let changed = last_change(&ui)?;
    if built.is_ok_and(|built| built > changed) {
        return Ok(());
    }
    println!("Building the windows…");
    npm(&["run", "build"])
}

/// The interface's linter and tests.
pub(crate) fn test() -> Result<()> {
    install()?;
    npm(&["run", "lint"])?;
    npm(&["test"])
}

/// Installs the packages of the lockfile, unless they are the ones that lie there.
fn install() -> Result<()> {
    let ui = workspace::root()?.join("ui");
    let lock =
        fs::read(ui.join("package-lock.json")).context("cannot read ui/package-lock.json")?;
    let stamp = ui.join("node_modules/.installed-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("Fetching what the windows are built with…");
    npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"])?;
    Ok(fs::write(stamp, lock)?)
}

fn npm(arguments: &[&str]) -> Result<()> {
    let ui = workspace::root()?.join("ui");
    run(Command::new("npm").args(arguments).current_dir(ui))
}

/// When a source was last written; results and installed packages do not count.
fn last_change(folder: &Path) -> Result<SystemTime> {
    let mut latest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if ["dist", "node_modules"]
            .iter()
            .any(|skip| entry.file_name() == *skip)
        {
            continue;
        }
        let changed = if entry.file_type()?.is_dir() {
            last_change(&entry.path())?
        } else {
            entry.metadata()?.modified()?
        };
        latest = latest.max(changed);
    }
    Ok(latest)
}
