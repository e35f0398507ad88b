//! The command `vestibule`: says to the agent what the user asks, and shows what it answers.
//!
//! It decides little: the agent owns the state. A warm `vestibule credentials` is one round trip
//! on the agent's socket, with no runtime and no TLS set up for it.

mod agent_process;
mod args;
mod ask;
mod clock;
mod commands;
mod default_profile;
mod endpoint;
mod environment;
mod failure;
mod format;
mod mfa_code;
mod output;
mod prompt;
mod role;
mod run;
mod shells;
mod sign_in;
mod terminal;
mod wait;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

/// The whole command line, for completions and manual pages.
#[must_use]
pub fn command() -> clap::Command {
    args::Args::command()
}

/// Runs the command line of this process. Exit codes: 0 done, 2 usage, 3 sign-in needed,
/// 4 no such session, account or role, 5 portal unreachable, 1 anything else; `exec` and `shell`
/// pass on that of their command.
#[must_use]
pub fn main() -> ExitCode {
    let args = args::Args::parse();
    let mut output = output::Output::of_process();
    match commands::run(args.command, &env, &mut output) {
        Ok(code) => code,
        Err(error) => error.report(&mut output),
    }
}

pub(crate) fn env(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
