//! `vestibule logout`

use ipc::dirs::Env;
use ipc::message::Request;

use crate::args::OneSession;
use crate::ask::ask_done;
use crate::failure::Result;
use crate::output::Output;

pub(crate) fn run(args: OneSession, env: Env<'_>, output: &mut Output) -> Result<()> {
    ask_done(
        env,
        &Request::Logout {
            session: args.session,
        },
    )?;
    Ok(output.hint("Signed out.")?)
}
