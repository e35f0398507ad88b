//! Adding and removing portals, and changing what is set for them.

use std::time::Duration;

use ipc::message::{Code, EndpointOverrides, Failure, Request, Response};
use sso::endpoints::{Overrides, Region, StartUrl, follow_redirect};
use url::{Host, Url};

use super::answer::Answer;
use super::requests::bad_request;
use super::{Change, Controller, Event};
use crate::catalog::Catalog;
use crate::failure::{self, failure};
use crate::journal::Caller;
use crate::remembered::Kept;
use crate::settings::{self, ConsoleLink, Portal, is_session_name};
use crate::shell::Shell;

/// How long a start URL may take to say where it leads.
const LOCATE_LIMIT: Duration = Duration::from_secs(5);

/// A portal to be added.
#[derive(Debug)]
pub(crate) struct Wanted {
    start_url: StartUrl,
    region: Region,
    name: Option<String>,
    endpoints: Overrides,
}

impl<S: Shell> Controller<S> {
    /// Adds or removes a portal.
    pub(super) fn change_portals(&mut self, request: Request, answer: Answer) {
        match request {
            Request::AddPortal {
                start_url,
                region,
                name,
                endpoints,
            } => match wanted(&start_url, &region, name, endpoints) {
                Ok(wanted) => self.locate(wanted, answer),
                Err(failure) => self.fail(answer, failure),
            },
            Request::RemovePortal { name } => {
                let outcome = self.remove_portal(&name, answer.by());
                self.give(answer, outcome.unwrap_or_else(Response::Error));
            }
            Request::ShareSignIn { name, share } => {
                let outcome = self.set_sharing(&name, share);
                let response = outcome.map_or_else(Response::Error, |()| Response::Done);
                self.give(answer, response);
            }
            _ => {}
        }
    }

    /// Finds out where the start URL leads: a company may have an address of its own for a portal
    /// on AWS.
    fn locate(&self, mut wanted: Wanted, answer: Answer) {
        let (http, reports) = (self.http.clone(), self.reports.clone());
        tokio::spawn(async move {
            let followed = follow_redirect(&http, &wanted.start_url);
            match tokio::time::timeout(LOCATE_LIMIT, followed).await {
                Ok(Ok(start_url)) => wanted.start_url = start_url,
                // The sign-in will tell, in case it still does not answer then.
                Ok(Err(error)) => tracing::info!(%error, "the start URL does not answer"),
                Err(_) => tracing::info!("the start URL does not answer in time"),
            }
            let wanted = Box::new(wanted);
            // A controller that has stopped needs no news.
            let _ = reports.send(Event::PortalLocated { wanted, answer }).await;
        });
    }

    /// Adds the portal, now that its true address is known.
    pub(super) fn portal_located(&mut self, wanted: Wanted, answer: Answer) {
        let outcome = self.add_portal(wanted);
        self.give(answer, outcome.unwrap_or_else(Response::Error));
    }

    fn add_portal(&mut self, wanted: Wanted) -> Result<Response, Failure> {
        let Wanted {
            start_url,
            region,
            name,
            endpoints,
        } = wanted;
        // A host that names its region knows better than whoever typed one.
        let region = start_url.region().unwrap_or(region);
        let same = |session: &Portal| session.start_url == start_url && session.region == region;
        let name = match name {
            Some(name) => self.free_name(name)?,
            None => match self.settings.sessions.iter().find(|session| same(session)) {
                Some(known) => {
                    return Ok(Response::PortalAdded {
                        name: known.name.clone(),
                    });
                }
                None => self.derived_name(&start_url),
            },
        };
        let portal = Portal {
            name: name.clone(),
            start_url,
            region,
            console: ConsoleLink::default(),
            share_sign_in: false,
            endpoints,
        };
        self.change_settings(|settings| settings.sessions.push(portal.clone()))?;
        let at = self.add_session(portal);
        self.read_stored(at);
        Ok(Response::PortalAdded { name })
    }

    fn remove_portal(&mut self, name: &str, by: &Caller) -> Result<Response, Failure> {
        let Some(at) = self.session_at(name) else {
            return Err(failure::no_such_session(name, &self.names()));
        };
        self.change_settings(|settings| {
            settings.sessions.retain(|portal| portal.name != name);
            let chained = &mut settings.chained_roles;
            chained.retain(|chain| chain.source.session != name);
        })?;
        self.note_sign_out(at, by.clone());
        self.sign_out(at);
        let is_its = |kept: &&Kept| kept.role.session == name;
        let sections = self.remembered.kept.iter().filter(is_its).cloned();
        self.remove_sections(sections.collect(), Answer::click());
        self.remove_profiles_of_all(name);
        self.endpoints.close(name);
        self.remembered.forget(name);
        self.save_remembered();
        Catalog::forget(&self.environment.paths.catalogs, name);
        self.forget_unsaved(name);
        self.sessions.remove(at);
        self.watch_files();
        Ok(Response::Done)
    }

    /// Changes a setting, a favourite, a chained role or what is kept.
    pub(super) fn change(&mut self, change: Change, answer: Answer) {
        let outcome = match change {
            Change::Browser(command) => self.set_browser(command),
            Change::Console { session, link } => self.set_console(&session, link),
            Change::Favourite { role, favourite } => {
                self.remembered.set_favourite(&role, favourite);
                self.save_remembered();
                Ok(())
            }
            Change::Kept {
                role,
                delivery,
                kept,
            } => return self.set_kept(role, delivery, kept, answer),
            Change::ShareSignIn { session, share } => self.set_sharing(&session, share),
            Change::ChainRemoved(role) => self.remove_chain(&role),
        };
        self.give(
            answer,
            outcome.map_or_else(Response::Error, |()| Response::Done),
        );
    }

    fn set_browser(&mut self, command: Option<String>) -> Result<(), Failure> {
        let command = command.filter(|command| !command.trim().is_empty());
        if command
            .as_deref()
            .is_some_and(|command| shlex::split(command).is_none())
        {
            return Err(failure(
                Code::BadRequest,
                "The browser command cannot be read: a quote is left open.",
                "Close the quote and try again.",
            ));
        }
        self.change_settings(|settings| settings.browser.clone_from(&command))?;
        self.shell.set_browser(command.as_deref());
        Ok(())
    }

    fn set_console(&mut self, name: &str, link: ConsoleLink) -> Result<(), Failure> {
        let Some(at) = self.session_at(name) else {
            return Err(failure::no_such_session(name, &self.names()));
        };
        self.change_session(name, |portal| portal.console = link)?;
        self.sessions[at].portal.console = link;
        Ok(())
    }

    /// Writes the settings with a change to one session.
    pub(super) fn change_session(
        &mut self,
        name: &str,
        change: impl Fn(&mut Portal),
    ) -> Result<(), Failure> {
        self.change_settings(|settings| {
            let sessions = settings.sessions.iter_mut();
            sessions.filter(|one| one.name == name).for_each(change);
        })
    }

    /// Writes the settings with a change; where they cannot be written, nothing changes.
    pub(super) fn change_settings(
        &mut self,
        change: impl FnOnce(&mut settings::Settings),
    ) -> Result<(), Failure> {
        if let Some(problem) = &self.settings_problem {
            return Err(problem.clone());
        }
        let mut changed = self.settings.clone();
        change(&mut changed);
        settings::save(&self.environment.paths.settings, &changed).map_err(|error| {
            let next = "Make the file and its folder writable, then try again.";
            failure(Code::File, failure::sentence(&error), next)
        })?;
        self.settings = changed;
        Ok(())
    }

    fn free_name(&self, name: String) -> Result<String, Failure> {
        if !is_session_name(&name) {
            let message = format!("“{name}” cannot be the name of a session.");
            return Err(failure(
                Code::BadRequest,
                message,
                "Use letters, digits, -, _ and . only.",
            ));
        }
        if self.session_at(&name).is_some() {
            let message = format!("There is a session named {name} already.");
            return Err(failure(
                Code::BadRequest,
                message,
                "Choose another name, or remove that one first.",
            ));
        }
        Ok(name)
    }

    /// The first label of the host, numbered where that is taken.
    fn derived_name(&self, start_url: &StartUrl) -> String {
        let label = start_url.host().split('.').next().unwrap_or_default();
        let is_named =
            is_session_name(label) && label.bytes().any(|byte| byte.is_ascii_alphabetic());
        let base = if is_named { label } else { "portal" };
        let numbered = (2..).map(|number| format!("{base}-{number}"));
        std::iter::once(base.to_owned())
            .chain(numbered)
            .find(|name| self.session_at(name).is_none())
            .unwrap_or_default()
    }
}

fn wanted(
    start_url: &Url,
    region: &str,
    name: Option<String>,
    endpoints: EndpointOverrides,
) -> Result<Wanted, Failure> {
    let EndpointOverrides { sso_oidc, sso, sts } = endpoints;
    if !is_whole(start_url) {
        return Err(failure(
            Code::BadRequest,
            format!("{start_url} names no host that could be a portal."),
            "Give the portal's whole address, such as https://acme.awsapps.com/start.",
        ));
    }
    Ok(Wanted {
        start_url: start_url
            .as_str()
            .parse()
            .map_err(|error| bad_request(&error))?,
        region: region.parse().map_err(|error| bad_request(&error))?,
        name,
        endpoints: Overrides {
            oidc: sso_oidc,
            portal: sso,
            sts,
            ..Overrides::default()
        },
    })
}

/// Whether the host has a domain, or is this machine: of a start URL without its `https://` a
/// single word would be taken for a host.
fn is_whole(start_url: &Url) -> bool {
    match start_url.host() {
        Some(Host::Domain(name)) => name.contains('.') || name == "localhost",
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}
