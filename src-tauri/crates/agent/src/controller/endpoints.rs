//! Endpoints that the agent serves by itself: one for each client that its variables are pasted to.

use std::collections::VecDeque;
use std::io;

use ipc::message::{Code, Credentials, Failure, Request, Response, Role, RoleQuery, Way};
use tokio::sync::mpsc;

use super::answer::Answer;
use super::{Controller, Event};
use crate::endpoint::{Endpoint, Source};
use crate::exports;
use crate::failure::failure;
use crate::journal::Caller;
use crate::shell::Shell;

/// As many stay open; one more closes the oldest.
const AT_ONCE: usize = 16;

/// The open ones, each with the session of its role, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Endpoints(VecDeque<(String, Endpoint)>);

impl Endpoints {
    fn add(&mut self, session: String, endpoint: Endpoint) {
        self.0.push_back((session, endpoint));
        if self.0.len() > AT_ONCE {
            self.0.pop_front();
        }
    }

    /// Closes those of a session.
    pub(super) fn close(&mut self, session: &str) {
        self.0.retain(|(its, _)| its != session);
    }
}

impl<S: Shell> Controller<S> {
    /// Opens an endpoint for this role alone, and copies what its one client must be told.
    pub(super) fn copy_endpoint(&self, role: Role, answer: Answer) {
        let reports = self.reports.clone();
        tokio::spawn(async move {
            let source = Agent(reports.clone());
            let result = Endpoint::open(0, vec![role.clone()], source).await;
            // A controller that has stopped needs no news.
            let _ = reports
                .send(Event::EndpointOpened {
                    role: Box::new(role),
                    answer,
                    result,
                })
                .await;
        });
    }

    /// The endpoint serves, or could not be opened.
    pub(super) fn endpoint_opened(
        &mut self,
        role: &Role,
        answer: Answer,
        result: io::Result<Endpoint>,
    ) {
        match result {
            Ok(endpoint) => {
                let variables = exports::endpoint(&endpoint, &endpoint.url(role));
                self.shell
                    .copy(exports::for_pasting(&variables).as_str().into());
                self.endpoints.add(role.session.clone(), endpoint);
                self.give(answer, Response::Done);
            }
            Err(error) => {
                let message = format!("No port of 127.0.0.1 can be listened on: {error}.");
                let next = "Close some programs, then try again.";
                self.fail(answer, failure(Code::Internal, message, next));
            }
        }
    }
}

/// The controller, asked like any client asks it.
struct Agent(mpsc::Sender<Event>);

impl Source for Agent {
    async fn credentials(&self, role: RoleQuery) -> Result<Credentials, Failure> {
        let (reply, mut answers) = mpsc::channel(8);
        let request = Request::Credentials {
            role,
            interactive: false,
        };
        let by = Caller::agent(Way::Endpoint);
        // A controller that has stopped answers nothing.
        let _ = self.0.send(Event::Request { request, reply, by }).await;
        // An SDK that gives up asks again: the question stays, so that a sign-in is not taken for
        // one that nobody waits for.
        let last = tokio::spawn(async move {
            let mut last = None;
            while let Some(answer) = answers.recv().await {
                last = Some(answer);
            }
            last
        });
        match last.await {
            Ok(Some(Response::Credentials(credentials))) => Ok(credentials),
            Ok(Some(Response::Error(failure))) => Err(failure),
            _ => Err(super::handle::stopping()),
        }
    }
}
