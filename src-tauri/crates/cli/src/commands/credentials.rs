//! `vestibule credentials`

use std::io::{self, Write as _};

use ipc::dirs::Env;
use ipc::message::{Credentials, Request, Response, RoleQuery, Way};

use crate::args;
use crate::ask::ask_as;
use crate::failure::{Error, Result};
use crate::format;
use crate::terminal::Terminal;
use crate::wait::Wait;

pub(crate) fn run(mut args: args::Credentials, env: Env<'_>) -> Result<()> {
    let (account, role) = args.names();
    let role = RoleQuery {
        account,
        role,
        session: args.session.session,
    };
    let wait = Wait::begin();
    let request = Request::Credentials {
        role,
        interactive: Terminal::open().is_some(),
    };
    let way = match args.format {
        args::Format::Process => Way::CredentialProcess,
        _ => Way::Command,
    };
    let answer = ask_as(way, env, &request, |step| wait.step(step))?;
    match answer {
        Response::Credentials(credentials) => Ok(print(&credentials, args.format)?),
        _ => Err(Error::unexpected()),
    }
}

/// Past [`crate::output`], whose filter for colours would copy the secrets about.
fn print(credentials: &Credentials, format: args::Format) -> io::Result<()> {
    let text = format::credentials(credentials, format)?;
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
