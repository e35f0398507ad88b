//! The user's shell with a role in its prompt: its own start files first, then ours.
//!
//! The role's name stands in a variable that the prompt shows, never in the prompt's text: an
//! account may be called `$(reboot)`.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use agent::exports::Syntax;
use ipc::dirs::Env;
use tempfile::TempDir;

use crate::environment::Changes;
use crate::failure::Result;
use crate::output::Output;
use crate::run;

const BASH: &str = include_str!("bashrc");
const ZSH: [(&str, &str); 2] = [
    (".zshenv", include_str!("zshenv")),
    (".zshrc", include_str!("zshrc")),
];
const FISH: &str = include_str!("config.fish");

/// A shell to start, and start files of its own.
pub(crate) struct Shell {
    command: Command,
    files: Option<TempDir>,
}

impl Shell {
    /// The user's shell, `$SHELL`: bash, zsh and fish show the role; others only have it in
    /// `VESTIBULE_ROLE`. It gets the changes, against its start files too.
    ///
    /// # Errors
    /// The start files cannot be written.
    pub(crate) fn of_user(changes: &Changes, env: Env<'_>) -> io::Result<Self> {
        let program = env("SHELL").filter(|shell| !shell.is_empty());
        let program = PathBuf::from(program.unwrap_or_else(|| OsString::from(DEFAULT)));
        let mut command = Command::new(&program);
        let name = program.file_stem().and_then(|name| name.to_str());
        let files = match name {
            Some("bash") => Some(bash(&mut command, changes)?),
            Some("zsh") => Some(zsh(&mut command, changes, env)?),
            Some("fish") => Some(fish(&mut command, changes)?),
            _ => None,
        };
        changes.apply(&mut command);
        Ok(Self { command, files })
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// stderr is closed.
    pub(crate) fn run(self, output: &mut Output) -> Result<ExitCode> {
        let ended = run::attended(self.command, output);
        drop(self.files);
        ended
    }
}

const DEFAULT: &str = if cfg!(windows) {
    "powershell.exe"
} else {
    "/bin/sh"
};

fn bash(command: &mut Command, changes: &Changes) -> io::Result<TempDir> {
    let folder = folder()?;
    let file = folder.path().join("bashrc");
    write(&file, BASH, Syntax::Posix, changes)?;
    command.arg("--rcfile").arg(file).arg("-i");
    Ok(folder)
}

fn zsh(command: &mut Command, changes: &Changes, env: Env<'_>) -> io::Result<TempDir> {
    let folder = folder()?;
    for (name, text) in ZSH {
        write(&folder.path().join(name), text, Syntax::Posix, changes)?;
    }
    if let Some(own) = env("ZDOTDIR") {
        command.env("VESTIBULE_ZDOTDIR", own);
    }
    command.env("ZDOTDIR", folder.path()).arg("-i");
    Ok(folder)
}

fn fish(command: &mut Command, changes: &Changes) -> io::Result<TempDir> {
    let folder = folder()?;
    let file = folder.path().join("config.fish");
    write(&file, FISH, Syntax::Fish, changes)?;
    // Its own start files come first; ours is named by a variable, which needs no quotes.
    command.env("VESTIBULE_FISH", &file).args([
        "-C",
        "source $VESTIBULE_FISH; set -e VESTIBULE_FISH",
        "-i",
    ]);
    Ok(folder)
}

fn folder() -> io::Result<TempDir> {
    tempfile::Builder::new().prefix("vestibule-").tempdir()
}

/// Ours come last, and take back what the user's own set against the role.
fn write(file: &Path, text: &str, syntax: Syntax, changes: &Changes) -> io::Result<()> {
    let unset = syntax.lines(&changes.never(), &[]);
    fs::write(file, [text, &unset].concat())
}
