//! `vestibule import`

use std::collections::BTreeMap;

use agent::settings::is_session_name;
use aws_files::reading::{self, Reading, Settings};
use aws_files::{Paths, write};
use ipc::dirs::Env;
use ipc::message::{Code, Failure, Request, Response, SessionStatus};
use url::Url;

use super::portal::endpoints;
use super::profiles::of_file;
use super::status::sessions;
use crate::ask::ask;
use crate::failure::{Error, Result};
use crate::output::Output;

pub(crate) fn run(env: Env<'_>, output: &mut Output) -> Result<()> {
    let paths = Paths::from_env(env)
        .map_err(|error| Error::new(Code::File, error.to_string(), "Set HOME, then try again."))?;
    let document = write::read(&paths.config).map_err(|error| of_file(&error))?;
    let reading = reading::read(&document).map_err(|problem| {
        let message = format!("cannot read {}: {problem}", paths.config.display());
        Error::new(Code::File, message, "Correct that line, then try again.")
    })?;
    let found = portals(&reading);
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

/// A portal that the file names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    /// Of the sso-session; a profile of the older kind gives none.
    name: Option<String>,
    start_url: String,
    region: String,
}

enum Adopted {
    New(String),
    Known(String),
}

/// The portals of the sso-sessions, then those that only profiles name.
fn portals(reading: &Reading) -> Vec<Found> {
    let text = |settings: &Settings, key: &str| {
        let text = settings.get(key)?.text()?;
        (!text.is_empty()).then(|| text.to_owned())
    };
    let portal = |name, settings: &Settings| {
        Some(Found {
            name,
            start_url: text(settings, "sso_start_url")?,
            region: text(settings, "sso_region")?,
        })
    };
    let sessions = reading.sso_sessions.iter();
    let sessions = sessions.filter_map(|(name, settings)| portal(Some(name.clone()), settings));
    let profiles = reading.profiles.values();
    let profiles = profiles.filter_map(|settings| portal(None, settings));
    let mut found: BTreeMap<(String, String), Found> = BTreeMap::new();
    for portal in sessions.chain(profiles) {
        let key = (address(&portal.start_url).to_owned(), portal.region.clone());
        found.entry(key).or_insert(portal);
    }
    found.into_values().collect()
}

/// Adds the portal unless there is a session of it; the inner failure is about this one alone.
fn adopt(portal: &Found, env: Env<'_>) -> Result<std::result::Result<Adopted, Failure>> {
    let known = sessions(env)?;
    let same = |session: &&SessionStatus| {
        address(session.start_url.as_str()) == address(&portal.start_url)
            && session.region == portal.region
    };
    if let Some(session) = known.iter().find(same) {
        return Ok(Ok(Adopted::Known(session.name.clone())));
    }
    let start_url = match Url::parse(&portal.start_url) {
        Ok(url) => url,
        Err(error) => {
            return Ok(Err(Failure {
                code: Code::BadRequest,
                message: format!("This is no address: {error}."),
                next_step: "Correct it in the AWS config file, then try again.".to_owned(),
            }));
        }
    };
    let is_free = |name: &String| known.iter().all(|session| session.name != *name);
    let request = Request::AddPortal {
        start_url,
        region: portal.region.clone(),
        name: portal
            .name
            .clone()
            .filter(is_free)
            .filter(|name| is_session_name(name)),
        endpoints: endpoints(env)?,
    };
    match ask(env, &request, |_| {}) {
        // Where the address led to a portal that has a session, its name comes back.
        Ok(Response::PortalAdded { name }) if !is_free(&name) => Ok(Ok(Adopted::Known(name))),
        Ok(Response::PortalAdded { name }) => Ok(Ok(Adopted::New(name))),
        Ok(_) => Err(Error::unexpected()),
        Err(Error::Failure(failure)) if failure.code == Code::BadRequest => Ok(Err(failure)),
        Err(error) => Err(error),
    }
}

/// Start URLs are passed around with and without what browsers add to them.
fn address(start_url: &str) -> &str {
    start_url.trim_end_matches(['/', '#'])
}
