//! `vestibule exec`

use std::path::Path;
use std::process::{Command, ExitCode};

use ipc::dirs::Env;
use ipc::message::{Code, Way};

use crate::args::Exec;
use crate::default_profile;
use crate::endpoint::Served;
use crate::environment::{self, Changes};
use crate::failure::{Error, Result};
use crate::output::Output;
use crate::role::ready;
use crate::run;

pub(crate) fn run(args: Exec, env: Env<'_>, output: &mut Output) -> Result<ExitCode> {
    if args.refreshable
        && let Some(file) = default_profile::giving_credentials(env)
    {
        return Err(would_not_ask(&file));
    }
    let ready = ready(Way::Exec, args.role.into(), env)?;
    warn_of_others(env, output)?;
    let region = args.region.region.as_deref();
    let mut words = args.command.into_iter();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    if !args.refreshable {
        Changes::keys(&ready, region, env).apply(&mut command);
        return run::instead(command, output);
    }
    let served = Served::open(0, vec![ready.role.clone()])?;
    Changes::endpoint(served.endpoint(), &ready.role, region, env).apply(&mut command);
    let ended = run::attended(command, output);
    served.close();
    ended
}

/// Says which variables of the user's give way to the role.
pub(super) fn warn_of_others(env: Env<'_>, output: &mut Output) -> Result<()> {
    let others = environment::standing(env);
    if others.is_empty() {
        return Ok(());
    }
    Ok(output.warning(format_args!(
        "set here already, and replaced for the command: {}",
        others.join(", ")
    ))?)
}

/// The command would silently be somebody else.
fn would_not_ask(file: &Path) -> Error {
    let message = format!(
        "the profile default in {} has credentials, which AWS's tools take before any other",
        file.display()
    );
    let next_step = "Give that profile a name, or leave out --refreshable.";
    Error::new(Code::File, message, next_step)
}
