//! `vestibule keep`

use std::path::PathBuf;

use aws_files::Paths;
use ipc::dirs::Env;
use ipc::message::{Code, Delivery, Request, Response};

use crate::args::{Keep, KeepAs};
use crate::ask::{ask, ask_done};
use crate::failure::{Error, Result};
use crate::output::Output;
use crate::wait::Wait;

pub(crate) fn run(args: Keep, env: Env<'_>, output: &mut Output) -> Result<()> {
    if args.remove {
        let request = Request::Unkeep {
            role: args.role.into(),
            delivery: args.way.map(Delivery::from),
        };
        ask_done(env, &request)?;
        return Ok(output.hint(match args.way {
            None => "Removed the profile; the role is no longer kept refreshed.",
            Some(_) => "Removed the profile.",
        })?);
    }
    let delivery = args.way.unwrap_or(KeepAs::Process).into();
    let file = file(delivery, env)?;
    let request = Request::Keep {
        role: args.role.into(),
        profile: args.profile,
        delivery,
        config_file: file.clone(),
        program: program()?,
    };
    let wait = Wait::begin();
    match ask(env, &request, |step| wait.step(step))? {
        Response::Kept { profile } => {
            output.line(&profile)?;
            output.hint(format_args!(
                "The profile is in {}. Try: aws sts get-caller-identity --profile {profile}",
                file.display()
            ))?;
            Ok(())
        }
        _ => Err(Error::unexpected()),
    }
}

/// Absolute, for the agent's working directory is another.
fn file(delivery: Delivery, env: Env<'_>) -> Result<PathBuf> {
    let (pick, variable): (fn(Paths) -> PathBuf, _) = match delivery {
        Delivery::StaticKeys => (|paths| paths.credentials, "AWS_SHARED_CREDENTIALS_FILE"),
        Delivery::Process | Delivery::SsoSession => (|paths| paths.config, "AWS_CONFIG_FILE"),
    };
    let refused = |message: String| {
        let next = format!("Set HOME or {variable}, then try again.");
        Error::new(Code::File, message, next)
    };
    let file = pick(Paths::from_env(env).map_err(|error| refused(error.to_string()))?);
    std::path::absolute(&file)
        .map_err(|error| refused(format!("cannot tell where {} is: {error}", file.display())))
}

impl From<KeepAs> for Delivery {
    fn from(way: KeepAs) -> Self {
        match way {
            KeepAs::Process => Self::Process,
            KeepAs::SsoSession => Self::SsoSession,
            KeepAs::StaticKeys => Self::StaticKeys,
        }
    }
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
