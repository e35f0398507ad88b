//! Opening the console of a role.

use ipc::message::{Failure, Response};
use secrecy::SecretString;
use sso::console;
use sso::portal::RoleCredentials;

use super::answer::Answer;
use super::flight::{Destination, Purpose};
use super::{Controller, News};
use crate::failure;
use crate::menu::RoleId;
use crate::settings::ConsoleLink;
use crate::shell::Shell;

impl<S: Shell> Controller<S> {
    /// Opens the console of the role, or gives its URL, in the way the session is set to.
    pub(super) fn open_console(
        &mut self,
        at: usize,
        role: RoleId,
        destination: Destination,
        answer: Answer,
    ) {
        self.note_use(&role);
        let session = &self.sessions[at];
        // The portal has no link to a role that it does not assign.
        if session.portal.console == ConsoleLink::Federation || self.chained(&role).is_some() {
            return self.want_credentials(at, role, Purpose::Console(destination, answer));
        }
        let remote = &session.remote;
        let region = destination.region.as_ref().unwrap_or(&remote.config.region);
        let wanted = destination.service.is_some() || destination.region.is_some();
        let landing = wanted.then(|| {
            console::destination(&remote.endpoints, region, destination.service.as_deref())
        });
        let start_url = &remote.config.start_url;
        let url = console::shortcut_url(
            start_url,
            &role.account_id,
            &role.role_name,
            landing.as_ref(),
        );
        self.console_came(answer, destination.open, Ok(String::from(url).into()));
    }

    /// Exchanges the credentials for a login URL, on a task.
    pub(super) fn federate(
        &mut self,
        at: usize,
        role: &RoleId,
        credentials: RoleCredentials,
        destination: Destination,
        answer: Answer,
    ) {
        let session = &self.sessions[at];
        let remote = session.remote.clone();
        tracing::info!(
            session = session.name(),
            account = role.account_id,
            role = role.role_name,
            "console"
        );
        self.spawn(session.id, async move {
            let config = &remote.config;
            let region = destination.region.as_ref().unwrap_or(&config.region);
            let landing =
                console::destination(&remote.endpoints, region, destination.service.as_deref());
            let token =
                console::signin_token(&remote.http, &remote.endpoints, &credentials, None).await;
            let result = match token {
                Ok(token) => Ok(console::login_url(
                    &remote.endpoints,
                    &config.start_url,
                    &landing,
                    &token,
                )),
                Err(error) => Err(failure::of_portal(&config.name, error.kind(), &error)),
            };
            News::Console {
                answer,
                open: destination.open,
                result,
            }
        });
    }

    /// The console's URL came, or did not.
    pub(super) fn console_came(
        &mut self,
        answer: Answer,
        open: bool,
        result: Result<SecretString, Failure>,
    ) {
        let response = match result {
            Ok(url) if open => match self.shell.open(url) {
                Ok(()) => Response::Console { url: None },
                Err(error) => Response::Error(failure::no_browser(&error)),
            },
            Ok(url) => Response::Console { url: Some(url) },
            Err(failure) => Response::Error(failure),
        };
        self.give(answer, response);
    }
}
