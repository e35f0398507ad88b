//! One file a command.

mod accounts;
mod agent;
mod chain;
mod completions;
mod console;
mod credentials;
mod doctor;
mod env;
mod exec;
mod import;
mod keep;
mod log;
mod login;
mod logout;
mod portal;
mod profiles;
mod serve;
mod shell;
mod status;

use std::process::ExitCode;

use ipc::dirs::Env;
use ipc::message::RoleQuery;

use crate::args::{Command, Role};
use crate::failure::Result;
use crate::output::Output;

pub(crate) fn run(command: Command, env: Env<'_>, output: &mut Output) -> Result<ExitCode> {
    let done = match command {
        Command::Login(args) => login::run(args, env, output),
        Command::Logout(args) => logout::run(args, env, output),
        Command::Status(args) => status::run(&args, env, output),
        Command::Log(args) => log::run(args, env, output),
        Command::Accounts(args) => accounts::run(args, env, output),
        Command::Console(args) => console::run(args, env, output),
        Command::Credentials(args) => credentials::run(args, env),
        Command::Keep(args) => keep::run(args, env, output),
        Command::Profiles(args) => profiles::run(args, env, output),
        Command::Chain(args) => chain::run(args, env, output),
        Command::Portal(args) => portal::run(args, env, output),
        Command::Import => import::run(env, output),
        Command::Agent(args) => agent::run(&args),
        Command::Completions { shell } => completions::run(shell, output),
        Command::Env(args) => env::run(args, env),
        Command::Serve(args) => serve::run(args, env, output),
        // Ends badly where something is wrong.
        Command::Doctor(args) => return doctor::run(&args, env, output),
        // These end as the command that they run.
        Command::Exec(args) => return exec::run(args, env, output),
        Command::Shell(args) => return shell::run(args, env, output),
    };
    done.map(|()| ExitCode::SUCCESS)
}

impl From<Role> for RoleQuery {
    fn from(role: Role) -> Self {
        Self {
            account: role.account,
            role: role.role,
            session: role.session.session,
        }
    }
}
