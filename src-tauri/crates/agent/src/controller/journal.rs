//! What the journal is told.

use ipc::message::Code;

use super::answer::Answer;
use super::session::Auth;
use super::{Controller, Event};
use crate::files;
use crate::journal::{Act, Caller, Entry, Journal};
use crate::menu::RoleId;
use crate::shell::Shell;

impl<S: Shell> Controller<S> {
    /// The answer, with a line in the journal once it is given.
    pub(super) fn noted(&self, answer: Answer, act: Act, role: &RoleId) -> Answer {
        let entry = self.entry(act, answer.by().clone(), role);
        answer.noted(self.journal.begin(entry))
    }

    /// Notes what became of a session; `by` is nobody where it happened by itself.
    pub(super) fn note_session(
        &self,
        act: Act,
        by: Option<Caller>,
        session: &str,
        failure: Option<Code>,
    ) {
        self.journal.note(Entry {
            act,
            by,
            session: session.to_owned(),
            role: None,
            account_name: None,
            failure,
        });
    }

    /// Notes a sign-out, where there is something to sign out of.
    pub(super) fn note_sign_out(&self, at: usize, by: Caller) {
        let session = &self.sessions[at];
        if matches!(session.auth, Auth::SignedIn(_)) {
            self.note_session(Act::SignOut, Some(by), session.name(), None);
        }
    }

    /// Notes the end of a sign-in, in the name of the first who waited for it.
    pub(super) fn note_sign_in(&self, at: usize, waiters: &[Answer], failure: Option<Code>) {
        let session = &self.sessions[at];
        let mut waiting = waiters
            .iter()
            .chain(session.callers())
            .chain(self.deferred_for(session.id));
        let by = waiting.next().map(|answer| answer.by().clone());
        self.note_session(Act::SignIn, by, session.name(), failure);
    }

    /// The line about something done with a role.
    pub(super) fn entry(&self, act: Act, by: Caller, role: &RoleId) -> Entry {
        let session = self.session_at(&role.session).map(|at| &self.sessions[at]);
        let account = session.and_then(|session| session.catalog.account(&role.account_id));
        Entry {
            act,
            by: Some(by),
            session: role.session.clone(),
            role: Some(role.clone()),
            account_name: account.map(|account| account.name.clone()),
            failure: None,
        }
    }

    /// The user is told once that the journal cannot be written.
    pub(super) fn journal_written(&mut self, outcome: Result<(), files::Error>) {
        match outcome {
            Ok(()) => self.withdraw_journal(),
            Err(error) => {
                tracing::warn!(%error, "the journal has a gap");
                self.notify_journal(&error);
            }
        }
    }
}

/// Starts the journal, which tells the controller whether it can be written.
pub(super) fn start(
    environment: &super::Environment,
    reports: &tokio::sync::mpsc::Sender<Event>,
) -> Journal {
    let reports = reports.clone();
    Journal::start(
        environment.paths.journal.clone(),
        environment.clock.clone(),
        move |outcome| {
            // A controller that has stopped needs no news.
            let _ = reports.blocking_send(Event::Journal(outcome));
        },
    )
}

#[cfg(test)]
mod tests;
