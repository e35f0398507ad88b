//! `vestibule console`

use ipc::dirs::Env;
use ipc::message::{Request, Response};
use secrecy::ExposeSecret as _;

use crate::args::Console;
use crate::ask::ask;
use crate::failure::{Error, Result};
use crate::output::Output;
use crate::wait::Wait;

pub(crate) fn run(args: Console, env: Env<'_>, output: &mut Output) -> Result<()> {
    let request = Request::Console {
        role: args.role.into(),
        service: args.service,
        region: args.region,
        open: !args.print,
    };
    let wait = Wait::begin();
    let answer = ask(env, &request, |step| wait.step(step))?;
    match answer {
        Response::Console { url: Some(url) } => Ok(output.line(url.expose_secret())?),
        Response::Console { url: None } => Ok(()),
        _ => Err(Error::unexpected()),
    }
}
