//! `vestibule shell`

use std::io;
use std::path::Path;
use std::process::ExitCode;

use ipc::dirs::Env;
use ipc::message::{Code, Way};

use super::exec::warn_of_others;
use crate::args::RoleShell;
use crate::clock;
use crate::default_profile;
use crate::endpoint::Served;
use crate::environment::{Changes, ROLE};
use crate::failure::{Error, Result};
use crate::output::Output;
use crate::prompt::Shell;
use crate::role::{Ready, ready};

pub(crate) fn run(args: RoleShell, env: Env<'_>, output: &mut Output) -> Result<ExitCode> {
    let ready = ready(Way::Shell, args.role.into(), env)?;
    match env(ROLE) {
        Some(outer) => output.warning(format_args!(
            "this is a shell of {} already; exit the new one to come back to it",
            outer.display()
        ))?,
        None => warn_of_others(env, output)?,
    }
    let region = args.region.region.as_deref();
    if let Some(file) = default_profile::giving_credentials(env) {
        warn_of_end(&ready, &file, output)?;
        return start(&Changes::keys(&ready, region, env), env, output);
    }
    let served = Served::open(0, vec![ready.role.clone()])?;
    let changes = Changes::endpoint(served.endpoint(), &ready.role, region, env);
    let ended = start(&changes, env, output);
    served.close();
    ended
}

fn start(changes: &Changes, env: Env<'_>, output: &mut Output) -> Result<ExitCode> {
    let shell = Shell::of_user(changes, env).map_err(|error| no_start_files(&error))?;
    shell.run(output)
}

/// AWS's tools would not ask an endpoint.
fn warn_of_end(ready: &Ready, file: &Path, output: &mut Output) -> Result<()> {
    let end = clock::short(ready.credentials.expiration, &clock::now());
    Ok(output.warning(format_args!(
        "the profile default in {} has credentials, which AWS's tools take before any that renew \
         themselves; those of this shell end at {end}",
        file.display(),
    ))?)
}

fn no_start_files(error: &io::Error) -> Error {
    Error::new(
        Code::File,
        format!("cannot write the shell's start files: {error}"),
        "Make room in the folder for temporary files, or name another in TMPDIR.",
    )
}
