//! `vestibule login`

use std::io;

use ipc::dirs::Env;
use ipc::message::{Progress, Request, Response};

use crate::args::Login;
use crate::ask::ask;
use crate::failure::{Error, Result};
use crate::output::{BOLD, Output};
use crate::sign_in::{self, Way};

pub(crate) fn run(args: Login, env: Env<'_>, output: &mut Output) -> Result<()> {
    let Way { flow, open } = sign_in::way(args.device, env, &|path| path.is_file());
    let open = open && !args.print_url;
    let request = Request::Login {
        session: args.session.name(),
        flow,
        open,
    };
    let mut shown = Ok(());
    let answer = ask(env, &request, |progress| {
        if shown.is_ok() {
            shown = show(&progress, args.print_url, open, output);
        }
    })?;
    shown?;
    match answer {
        Response::Done => Ok(output.hint("Signed in.")?),
        _ => Err(Error::unexpected()),
    }
}

fn show(progress: &Progress, print_url: bool, opened: bool, output: &mut Output) -> io::Result<()> {
    match sign_in::address(progress) {
        Some(address) if print_url => {
            output.line(address)?;
            sign_in::code(progress).map_or(Ok(()), |code| {
                output.hint(format_args!("Confirm the code {BOLD}{code}{BOLD:#}"))
            })
        }
        _ => sign_in::show(progress, opened, output),
    }
}
