//! `vestibule agent`

use std::io::{self, IsTerminal as _};

use ::agent::controller::Environment;
use ipc::message::Code;
use tracing_subscriber::EnvFilter;

use crate::args::Agent;
use crate::failure::{Error, Result};

pub(crate) fn run(args: &Agent) -> Result<()> {
    if args.detached {
        platform::leave_terminal();
    }
    log();
    let environment = Environment::from_process()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| failed(&error))?;
    runtime
        .block_on(::agent::headless::run(environment))
        .map_err(|error| failed(&error))
}

fn failed(error: &dyn std::error::Error) -> Error {
    Error::new(Code::Internal, error.to_string(), "")
}

/// To stderr, which is the log file where a command started this agent. `RUST_LOG` says how much.
fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}

#[cfg(unix)]
mod platform {
    /// So that closing the terminal, or Ctrl-C in it, does not end the agent.
    pub(super) fn leave_terminal() {
        // Fails only for the leader of a process group, which has no terminal to leave.
        let _ = rustix::process::setsid();
    }
}

#[cfg(windows)]
mod platform {
    /// The command that started this one left it without a console.
    pub(super) fn leave_terminal() {}
}
