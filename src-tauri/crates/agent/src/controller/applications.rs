//! The applications beside the accounts: listed with them, opened by a click.

use ipc::message::Response;
use sso::portal;

use super::Controller;
use super::answer::Answer;
use crate::catalog::Application;
use crate::failure;
use crate::shell::Shell;

impl<S: Shell> Controller<S> {
    /// The applications came, or did not: then those that are known stay.
    pub(super) fn applications_listed(
        &mut self,
        at: usize,
        result: Result<Vec<portal::Application>, portal::Error>,
    ) {
        let session = &mut self.sessions[at];
        match result {
            Ok(told) => {
                let mut applications: Vec<_> = told.into_iter().map(Application::from).collect();
                applications.sort_by_cached_key(|one| (one.name.to_lowercase(), one.id.clone()));
                if session.catalog.applications != applications {
                    session.catalog.applications = applications;
                    self.save_catalog(at);
                }
            }
            Err(error) => {
                tracing::info!(session = session.name(), %error, "no applications were listed");
            }
        }
    }

    /// Opens an application at the portal, which signs the user in where it has to.
    pub(super) fn open_application(&mut self, at: usize, id: &str, answer: Answer) {
        let session = &self.sessions[at];
        let known = session.catalog.applications.iter();
        let response = match known.into_iter().find(|application| application.id == id) {
            Some(application) => match self.shell.open(application.start_url.as_str().into()) {
                Ok(()) => Response::Done,
                Err(error) => Response::Error(failure::no_browser(&error)),
            },
            None => Response::Error(failure::no_such_application(session.name())),
        };
        self.give(answer, response);
    }
}
