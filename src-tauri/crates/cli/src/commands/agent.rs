//! `vestibule agent`

use std::io::{self, IsTerminal as _};

use ::agent::controller::Environment;
use ::agent::{headless, server};
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
        .map_err(|error| {
            failed(
                &error,
                "Free some memory or end other programs, then try again.",
            )
        })?;
    runtime
        .block_on(headless::run(environment))
        .map_err(|error| failed(&error, next_step(&error)))
}

fn next_step(error: &headless::Error) -> &'static str {
    match error {
        headless::Error::Server(server::Error::AlreadyRunning) => "Every command uses that one.",
        headless::Error::Server(_) => "Set that right, or let XDG_RUNTIME_DIR name another folder.",
        headless::Error::Http(_) => "Check the certificates of this system.",
    }
}

fn failed(error: &dyn std::error::Error, next_step: &str) -> Error {
    Error::new(Code::Internal, error.to_string(), next_step)
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
