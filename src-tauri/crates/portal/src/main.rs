//! `vestibule-portal`: the embedded Identity Center as a program.

use std::{io::IsTerminal, process::ExitCode};

use clap::{Parser, Subcommand};

mod commands;

/// An Identity Center of your own: sign-in, portal, console federation and STS in one program.
#[derive(Parser)]
#[command(name = "vestibule-portal", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(commands::demo::Arguments),
    Serve(commands::serve::Arguments),
    Apply(commands::apply::Arguments),
    Password(commands::password::Arguments),
    AdminKey(commands::admin_key::Arguments),
    Audit(commands::audit::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("VESTIBULE_LOG")
                .unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let result = match Arguments::parse().command {
        Command::Demo(arguments) => commands::demo::run(arguments).await,
        Command::Serve(arguments) => commands::serve::run(arguments).await,
        Command::Apply(arguments) => commands::apply::run(arguments).await,
        Command::Password(arguments) => commands::password::run(arguments).await,
        Command::AdminKey(arguments) => commands::admin_key::run(arguments).await,
        Command::Audit(arguments) => commands::audit::run(arguments).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            commands::complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Whoever read our output has read enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
