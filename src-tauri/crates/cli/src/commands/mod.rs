//! One file a command.

mod accounts;
mod agent;
mod completions;
mod console;
mod credentials;
mod keep;
mod login;
mod logout;
mod portal;
mod status;

use ipc::dirs::Env;
use ipc::message::RoleQuery;

use crate::args::{Command, Role};
use crate::failure::Result;
use crate::output::Output;

pub(crate) fn run(command: Command, env: Env<'_>, output: &mut Output) -> Result<()> {
    match command {
        Command::Login(args) => login::run(args, env, output),
        Command::Logout(args) => logout::run(args, env, output),
        Command::Status(args) => status::run(&args, env, output),
        Command::Accounts(args) => accounts::run(args, env, output),
        Command::Console(args) => console::run(args, env, output),
        Command::Credentials(args) => credentials::run(args, env),
        Command::Keep(args) => keep::run(args, env, output),
        Command::Portal(args) => portal::run(args, env, output),
        Command::Agent(args) => agent::run(&args),
        Command::Completions { shell } => completions::run(shell, output),
    }
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
