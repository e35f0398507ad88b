//! `vestibule import`

use agent::import::{self, FoundPortal};
use aws_files::Paths;
use ipc::dirs::Env;
use ipc::message::{Code, Failure, Response};

use super::portal::endpoints;
use super::status::sessions;
use crate::ask::ask;
use crate::failure::{Error, Result};
use crate::output::Output;

pub(crate) fn run(env: Env<'_>, output: &mut Output) -> Result<()> {
    let paths = Paths::from_env(env)
        .map_err(|error| Error::new(Code::File, error.to_string(), "Set HOME, then try again."))?;
    let found = import::found(&paths.config)?;
    if !paths.config.exists() {
        return Ok(output.hint(format_args!(
            "There is no {} to import from.",
            paths.config.display()
        ))?);
    }
    if found.is_empty() {
        return Ok(output.hint(format_args!(
            "{} names no portal: no sso_start_url stands in it.",
            paths.config.display()
        ))?);
    }
    let mut failed = 0;
    for portal in found {
        match adopt(&portal, env)? {
            Ok(Adopted::New(name)) => {
                output.line(&name)?;
                output.hint(format_args!(
                    "Added {name}: {}. Sign in with: vestibule login {name}",
                    portal.start_url
                ))?;
            }
            Ok(Adopted::Known(name)) => {
                output.hint(format_args!(
                    "{name} is there already: {}",
                    portal.start_url
                ))?;
            }
            Err(failure) => {
                failed += 1;
                output.problem(&portal.start_url, &failure)?;
            }
        }
    }
    match failed {
        0 => Ok(()),
        _ => Err(Error::new(
            Code::File,
            "not every portal could be added",
            "Do as it says above, then try again.",
        )),
    }
}

enum Adopted {
    New(String),
    Known(String),
}

/// Adds the portal unless there is a session of it; the inner failure is about this one alone.
fn adopt(portal: &FoundPortal, env: Env<'_>) -> Result<std::result::Result<Adopted, Failure>> {
    let sessions = sessions(env)?;
    let mut all = sessions.iter();
    if let Some(session) = all.find(|session| portal.is(&session.start_url, &session.region)) {
        return Ok(Ok(Adopted::Known(session.name.clone())));
    }
    let known: Vec<&str> = sessions.iter().map(|one| one.name.as_str()).collect();
    let request = match portal.adoption(&known, endpoints(env)?) {
        Ok(request) => request,
        Err(failure) => return Ok(Err(failure)),
    };
    match ask(env, &request, |_| {}) {
        // Where the address led to a portal that has a session, its name comes back.
        Ok(Response::PortalAdded { name }) if known.contains(&name.as_str()) => {
            Ok(Ok(Adopted::Known(name)))
        }
        Ok(Response::PortalAdded { name }) => Ok(Ok(Adopted::New(name))),
        Ok(_) => Err(Error::unexpected()),
        Err(Error::Failure(failure)) if failure.code == Code::BadRequest => Ok(Err(failure)),
        Err(error) => Err(error),
    }
}
