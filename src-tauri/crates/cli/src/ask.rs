//! One question to the agent.

use ipc::client;
use ipc::dirs::Env;
use ipc::message::{Progress, Request, Response, Way};

use crate::agent_process;
use crate::failure::{Error, Result};

/// How often to ask anew where the agent leaves without an answer: a tray that starts takes over
/// from the headless agent.
const AGENTS: usize = 3;

/// Asks the agent, starting one if none runs, and returns its final answer.
///
/// # Errors
/// What the agent answers as [`Response::Error`], and everything that keeps it from being asked.
pub(crate) fn ask(
    env: Env<'_>,
    request: &Request,
    on_progress: impl FnMut(Progress),
) -> Result<Response> {
    ask_as(Way::default(), env, request, on_progress)
}

/// Asks, and says for the journal how the answer is handed on.
///
/// # Errors
/// See [`ask`].
pub(crate) fn ask_as(
    way: Way,
    env: Env<'_>,
    request: &Request,
    mut on_progress: impl FnMut(Progress),
) -> Result<Response> {
    let mut agents = 1;
    loop {
        let mut connection = agent_process::connect(way, env)?;
        match connection.request(request, &mut on_progress) {
            Ok(Response::Error(failure)) => return Err(failure.into()),
            Ok(response) => return Ok(response),
            Err(client::Error::Closed) if agents < AGENTS => agents += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Asks for something that has no answer but that it is done.
///
/// # Errors
/// See [`ask`].
pub(crate) fn ask_done(env: Env<'_>, request: &Request) -> Result<()> {
    match ask(env, request, |_| {})? {
        Response::Done => Ok(()),
        _ => Err(Error::unexpected()),
    }
}
