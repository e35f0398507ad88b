//! `vestibule logout`

use ipc::dirs::Env;
use ipc::message::Request;

use crate::args::SomeSession;
use crate::ask::ask_done;
use crate::failure::Result;
use crate::output::Output;

pub(crate) fn run(args: SomeSession, env: Env<'_>, output: &mut Output) -> Result<()> {
    ask_done(
        env,
        &Request::Logout {
            session: args.name(),
        },
    )?;
    Ok(output.hint("Signed out.")?)
}
