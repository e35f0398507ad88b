//! `vestibule shell`

use std::process::{Command, ExitCode};

use ipc::dirs::Env;
use ipc::message::Way;

use super::exec::warn_of_others;
use crate::args::RoleShell;
use crate::endpoint::Served;
use crate::environment::{Changes, ROLE};
use crate::failure::Result;
use crate::output::Output;
use crate::role::ready;
use crate::run;

pub(crate) fn run(args: RoleShell, env: Env<'_>, output: &mut Output) -> Result<ExitCode> {
    let ready = ready(Way::Shell, args.role.into(), env)?;
    match env(ROLE) {
        Some(outer) => output.warning(format_args!(
            "this is a shell of {} already; leave the new one with exit to come back to it",
            outer.display()
        ))?,
        None => warn_of_others(env, output)?,
    }
    let served = Served::open(0, vec![ready.role.clone()])?;
    let mut command = Command::new(env("SHELL").unwrap_or_else(|| "/bin/sh".into()));
    let region = args.region.region.as_deref();
    Changes::endpoint(served.endpoint(), &ready.role, region, env).apply(&mut command);
    let ended = run::attended(command, output);
    served.close();
    ended
}
