//! `vestibule keep`

use std::path::PathBuf;

use aws_files::Paths;
use ipc::dirs::Env;
use ipc::message::{Code, Delivery, Request, Response, RoleQuery};

use crate::args::{Keep, KeepAs};
use crate::ask::ask;
use crate::failure::{Error, Result};
use crate::output::Output;
use crate::wait::Wait;

pub(crate) fn run(args: Keep, env: Env<'_>, output: &mut Output) -> Result<()> {
    if args.remove {
        return remove(args, env, output);
    }
    let delivery = args.way.unwrap_or(KeepAs::Process).into();
    let file = file(delivery, env)?;
    let role = RoleQuery::from(args.role);
    let request = Request::Keep {
        role: role.clone(),
        profile: args.profile,
        delivery,
        config_file: file.clone(),
        program: program()?,
    };
    let wait = Wait::begin();
    let Response::Kept { profile } = ask(env, &request, |step| wait.step(step))? else {
        return Err(Error::unexpected());
    };
    drop(wait);
    output.line(&profile)?;
    let endpoint = sts_argument(role, env);
    Ok(output.hint(format_args!(
        "The profile is in {}. Try: aws sts get-caller-identity --profile {profile}{endpoint}",
        file.display()
    ))?)
}

fn remove(args: Keep, env: Env<'_>, output: &mut Output) -> Result<()> {
    let request = Request::Unkeep {
        role: args.role.into(),
        delivery: args.way.map(Delivery::from),
    };
    let wait = Wait::begin();
    match ask(env, &request, |step| wait.step(step))? {
        Response::Done => {}
        _ => return Err(Error::unexpected()),
    }
    drop(wait);
    Ok(output.hint(match args.way {
        None => "Removed the profile; the role is no longer kept refreshed.",
        Some(_) => "Removed the profile.",
    })?)
}

/// Where the role's STS is not AWS's own, as an argument: AWS CLIs before 2.13 do not read that
/// from a profile.
fn sts_argument(role: RoleQuery, env: Env<'_>) -> String {
    // The role is kept, whatever becomes of this question.
    let answer = ask(env, &Request::Role { role }, |_| {}).ok();
    let endpoint = match answer {
        Some(Response::Role(role)) => role.sts_endpoint,
        _ => None,
    };
    endpoint.map_or_else(String::new, |sts| {
        format!(" --endpoint-url {}", sts.as_str().trim_end_matches('/'))
    })
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
