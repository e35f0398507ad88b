//! `vestibule keep`

use std::path::PathBuf;

use aws_files::Paths;
use ipc::dirs::Env;
use ipc::message::{Code, Request, Response};

use crate::args::Keep;
use crate::ask::{ask, ask_done};
use crate::failure::{Error, Result};
use crate::output::Output;
use crate::wait::Wait;

pub(crate) fn run(args: Keep, env: Env<'_>, output: &mut Output) -> Result<()> {
    if args.remove {
        ask_done(
            env,
            &Request::Unkeep {
                role: args.role.into(),
            },
        )?;
        return Ok(output.hint("Removed the profile; the role is no longer kept refreshed.")?);
    }
    let config_file = config_file(env)?;
    let request = Request::Keep {
        role: args.role.into(),
        profile: args.profile,
        config_file: config_file.clone(),
        program: program()?,
    };
    let wait = Wait::begin();
    match ask(env, &request, |step| wait.step(step))? {
        Response::Kept { profile } => {
            output.line(&profile)?;
            output.hint(format_args!(
                "The profile is in {}. Try: aws sts get-caller-identity --profile {profile}",
                config_file.display()
            ))?;
            Ok(())
        }
        _ => Err(Error::unexpected()),
    }
}

/// Absolute, for the agent's working directory is another.
fn config_file(env: Env<'_>) -> Result<PathBuf> {
    let refused = |message: String| {
        Error::new(
            Code::File,
            message,
            "Set HOME or AWS_CONFIG_FILE, then try again.",
        )
    };
    let paths = Paths::from_env(env).map_err(|error| refused(error.to_string()))?;
    std::path::absolute(&paths.config).map_err(|error| {
        refused(format!(
            "cannot tell where {} is: {error}",
            paths.config.display()
        ))
    })
}

pub(super) fn program() -> Result<PathBuf> {
    std::env::current_exe().map_err(|error| {
        let message = format!("cannot tell where the command vestibule is: {error}");
        Error::new(
            Code::Internal,
            message,
            "Check the installation of Vestibule.",
        )
    })
}
