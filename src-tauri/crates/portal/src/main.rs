//! `vestibule-portal`: the embedded Identity Center as a program.

use std::{io::IsTerminal, process::ExitCode};

use clap::{Parser, Subcommand};

mod commands;

/// An Identity Center of your own: sign-in, portal, console federation and STS in one program.
#[derive(Parser)]
#[command(name = "vestibule-portal", version)]
struct Arguments {
    /// How to write the log; VESTIBULE_LOG says how much, as in `info`
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        default_value = "text",
        display_order = 102
    )]
    log: LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(commands::demo::Arguments),
    Serve(commands::serve::Arguments),
    Enable(commands::enable::Arguments),
    Apply(commands::apply::Arguments),
    Export(commands::export::Arguments),
    Admin(commands::admin::Arguments),
    Invite(commands::invite::Arguments),
    Password(commands::password::Arguments),
    AdminKey(commands::admin_key::Arguments),
    Audit(commands::audit::Arguments),
    Backup(commands::backup::Arguments),
    Restore(commands::restore::Arguments),
}

/// How the program writes its own log, on standard error.
#[derive(Clone, Copy, clap::ValueEnum)]
enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_log(arguments.log);
    let result = match arguments.command {
        Command::Demo(arguments) => commands::demo::run(arguments).await.map(done),
        Command::Serve(arguments) => commands::serve::run(arguments).await.map(done),
        Command::Enable(arguments) => commands::enable::run(arguments).await.map(done),
        Command::Apply(arguments) => commands::apply::run(arguments).await,
        Command::Export(arguments) => commands::export::run(arguments).await.map(done),
        Command::Admin(arguments) => commands::admin::run(arguments).await.map(done),
        Command::Invite(arguments) => commands::invite::run(arguments).await.map(done),
        Command::Password(arguments) => commands::password::run(arguments).await.map(done),
        Command::AdminKey(arguments) => commands::admin_key::run(arguments).await.map(done),
        Command::Audit(arguments) => commands::audit::run(arguments).await,
        Command::Backup(arguments) => commands::backup::run(arguments).await.map(done),
        Command::Restore(arguments) => commands::restore::run(arguments).await.map(done),
    };
    match result {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            commands::complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn done((): ()) -> ExitCode {
    ExitCode::SUCCESS
}

/// Whoever read our output has read enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn start_log(format: LogFormat) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("VESTIBULE_LOG")
        .unwrap_or_else(|_| "warn".into());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}
