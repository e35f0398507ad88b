//! A role ready to be used: its credentials, and where its clients go.

use ipc::dirs::Env;
use ipc::message::{Credentials, Request, Response, Role, RoleQuery, Way};

use crate::ask::{ask, ask_as};
use crate::failure::{Error, Result};
use crate::terminal::Terminal;
use crate::wait::Wait;

/// A role that was just given to this user.
pub(crate) struct Ready {
    pub(crate) role: Role,
    pub(crate) credentials: Credentials,
}

/// Asks for credentials first, so that whatever needs the user happens now and here. `way`
/// says how they are handed on.
///
/// # Errors
/// What the agent answers, and everything that keeps it from being asked.
pub(crate) fn ready(way: Way, query: RoleQuery, env: Env<'_>) -> Result<Ready> {
    let session = query.session.clone();
    let wait = Wait::begin();
    let request = Request::Credentials {
        role: query,
        interactive: Terminal::open().is_some(),
    };
    let Response::Credentials(credentials) = ask_as(way, env, &request, |step| wait.step(step))?
    else {
        return Err(Error::unexpected());
    };
    drop(wait);
    let exactly = RoleQuery {
        account: credentials.account_id.clone(),
        role: credentials.role_name.clone(),
        session,
    };
    match ask(env, &Request::Role { role: exactly }, |_| {})? {
        Response::Role(role) => Ok(Ready { role, credentials }),
        _ => Err(Error::unexpected()),
    }
}
