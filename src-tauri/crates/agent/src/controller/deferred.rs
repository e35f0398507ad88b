//! Requests that name accounts of sessions whose accounts are not known yet.

use ipc::message::{Failure, Request};
use tokio::time::Instant;

use super::Controller;
use super::answer::Answer;
use super::session::{PATIENCE, SessionId};
use crate::failure;
use crate::shell::Shell;

/// A request that waits for listings.
pub(super) struct Deferred {
    request: Request,
    answer: Answer,
    waits_for: Vec<SessionId>,
    /// Why one of them could not be listed.
    failure: Option<Failure>,
    pub(super) deadline: Instant,
}

impl<S: Shell> Controller<S> {
    /// Holds the request until these sessions are listed.
    pub(super) fn defer(&mut self, request: Request, answer: Answer, sessions: Vec<usize>) {
        let waits_for = sessions.iter().map(|&at| self.sessions[at].id).collect();
        for &at in &sessions {
            let sign_in = self.sessions[at].sign_in.as_ref();
            if let Some(progress) = sign_in.and_then(|sign_in| sign_in.progress.as_ref()) {
                answer.progress(progress);
            }
        }
        let deadline = Instant::now() + PATIENCE;
        self.deferred.push(Deferred {
            request,
            answer,
            waits_for,
            failure: None,
            deadline,
        });
        for at in sessions {
            self.want_listing(at);
        }
    }

    /// A session was listed, or could not be: what waited for nothing else goes on.
    pub(super) fn undefer(&mut self, id: SessionId, failure: Option<&Failure>) {
        let mut ready = Vec::new();
        for mut one in std::mem::take(&mut self.deferred) {
            if one.waits_for.contains(&id) {
                one.waits_for.retain(|other| *other != id);
                one.failure = one.failure.or(failure.cloned());
            }
            if one.waits_for.is_empty() {
                ready.push(one)
            } else {
                self.deferred.push(one)
            }
        }
        for one in ready {
            match one.failure {
                Some(failure) => self.request_despite(one.request, one.answer, &failure),
                None => self.request(one.request, one.answer),
            }
        }
    }

    /// Those who wait for the session's listing take part in its sign-in.
    pub(super) fn deferred_for(&self, id: SessionId) -> impl Iterator<Item = &Answer> {
        self.deferred
            .iter()
            .filter(move |one| one.waits_for.contains(&id))
            .map(|one| &one.answer)
    }

    /// Ends the wait of those who have waited too long, and forgets those who hung up.
    pub(super) fn end_deferred(&mut self) {
        let now = Instant::now();
        self.deferred.retain(|one| !one.answer.is_gone());
        let late: Vec<_> = self
            .deferred
            .extract_if(.., |one| one.deadline <= now)
            .collect();
        for one in late {
            let waiting = self
                .sessions
                .iter()
                .find(|session| one.waits_for.contains(&session.id));
            let failure = match waiting {
                Some(session) => session
                    .problem
                    .clone()
                    .unwrap_or_else(|| failure::timed_out(session.name())),
                None => failure::no_portal(),
            };
            self.fail(one.answer, failure);
        }
    }
}
