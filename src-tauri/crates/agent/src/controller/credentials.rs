//! Credentials of a role: from memory, else asked of the portal once for everyone who waits.

use std::collections::BTreeSet;

use ipc::message::{Code, Credentials, Failure, Response};
use sso::error::Kind;
use sso::portal::{self, RoleCredentials};

use super::answer::Answer;
use super::flight::{Flight, Purpose, Stage, Waiter};
use super::session::{Access, Auth, Held};
use super::{Controller, News};
use crate::exports;
use crate::failure;
use crate::menu::RoleId;
use crate::shell::Shell;

/// How long a kept role that was refused is left alone.
const REFUSED: time::Duration = time::Duration::minutes(15);

impl<S: Shell> Controller<S> {
    /// Gives credentials of the role to whoever wants them for some purpose, from memory or as
    /// soon as they come.
    pub(super) fn want_credentials(&mut self, at: usize, role: RoleId, purpose: Purpose) {
        let now = self.now();
        if !matches!(purpose, Purpose::Keep) {
            self.sessions[at].used = Some(now);
            if let Some(credentials) = self.at_hand(at, &role).cloned() {
                return self.use_credentials(at, &role, &credentials, purpose);
            }
        }
        let session = &mut self.sessions[at];
        let waiter = Waiter::new(purpose);
        if waiter.answer().is_some_and(Answer::is_by_hand) {
            session.barred = None;
        }
        if let (Some(answer), Some(sign_in)) = (waiter.answer(), &session.sign_in)
            && let Some(progress) = &sign_in.progress
        {
            answer.progress(progress);
        }
        let flight = session.flights.entry(role.clone());
        flight.or_insert_with(Flight::new).waiters.push(waiter);
        self.follow_chain(at, &role);
        self.advance(at);
    }

    pub(super) fn ask_for_credentials(&self, at: usize, role: RoleId, access: &Access) {
        let session = &self.sessions[at];
        let (portal, token) = (session.remote.portal.clone(), access.token.clone());
        self.spawn(session.id, async move {
            let result = portal
                .get_role_credentials(&token, &role.account_id, &role.role_name)
                .await;
            News::Credentials { role, result }
        });
    }

    /// The portal answered, or did not.
    pub(super) fn credentials_came(
        &mut self,
        at: usize,
        role: &RoleId,
        result: Result<RoleCredentials, portal::Error>,
    ) {
        match result {
            Ok(credentials) => {
                self.portal_answered(at);
                self.credentials_arrived(at, role, credentials);
            }
            Err(error) if error.kind() == Kind::Unauthorized => {
                self.token_was_dead(at, role, &error)
            }
            Err(error) => {
                let kind = error.kind();
                let failure = failure::of_portal(self.sessions[at].name(), kind, &error);
                let kept = self.remembered.is_kept(role);
                if matches!(kind, Kind::Forbidden | Kind::NotFound) {
                    self.role_refused(at, role, kept.then_some(&failure));
                } else if kept {
                    self.portal_failed(at, &failure);
                }
                self.land(at, role, &failure);
            }
        }
    }

    /// Serves those who wait for an access token from what is in memory, as far as it still serves.
    pub(super) fn serve_from_memory(&mut self, at: usize, failure: &Failure) {
        let now = self.now();
        let session = &self.sessions[at];
        let serves = |role: &RoleId| {
            let held = session.held.get(role);
            held.is_some_and(|held| held.still_serves(now))
        };
        let mut served = session.grounded();
        served.retain(serves);
        for role in served {
            self.land(at, &role, failure);
        }
    }

    /// The user no longer has the role: it is not asked for again for a while, and the accounts
    /// are listed anew.
    pub(super) fn role_refused(&mut self, at: usize, role: &RoleId, kept: Option<&Failure>) {
        let again = self.now() + REFUSED;
        let session = &mut self.sessions[at];
        session.held.remove(role);
        session.refused.insert(role.clone(), again);
        self.withdraw_keys_of(role);
        self.refresh_stale_listing(at);
        if let Some(failure) = kept {
            self.notify_refused(role, failure);
        }
    }

    /// Credentials came for everyone who waits.
    pub(super) fn credentials_arrived(
        &mut self,
        at: usize,
        role: &RoleId,
        credentials: RoleCredentials,
    ) {
        let now = self.now();
        let session = &mut self.sessions[at];
        let held = Held {
            credentials: credentials.clone(),
            received: now,
        };
        session.held.insert(role.clone(), held);
        if session.refused.remove(role).is_some() {
            self.withdraw_refused(role);
        }
        self.renew_keys(role);
        let session = &mut self.sessions[at];
        let waiters = session
            .flights
            .remove(role)
            .map_or(Vec::new(), |flight| flight.waiters);
        for waiter in waiters {
            self.use_credentials(at, role, &credentials, waiter.purpose);
        }
    }

    /// The access token is dead before its time: it is renewed once, then the session is over.
    fn token_was_dead(&mut self, at: usize, role: &RoleId, error: &portal::Error) {
        let session = &mut self.sessions[at];
        let retried = match session.flights.get_mut(role) {
            Some(flight) => {
                flight.stage = Stage::Grounded;
                std::mem::replace(&mut flight.retried, true)
            }
            None => true,
        };
        if let Auth::SignedIn(signed_in) = &mut session.auth {
            signed_in.access = None;
        }
        if retried {
            tracing::warn!(session = session.name(), %error, "a fresh access token was refused");
            self.session_ended(at);
        }
    }

    /// No new credentials come: everyone who waits for them gets those in memory where they still
    /// serve, and else the failure.
    pub(super) fn land(&mut self, at: usize, role: &RoleId, failure: &Failure) {
        let now = self.now();
        let session = &mut self.sessions[at];
        let Some(flight) = session.flights.remove(role) else {
            return;
        };
        let held = session.held.get(role).filter(|held| held.still_serves(now));
        let held = held.map(|held| held.credentials.clone());
        let entered = flight.entered.map(|entered| entered.answer);
        entered
            .into_iter()
            .for_each(|answer| self.fail(answer, failure.clone()));
        for waiter in flight.waiters {
            match (&held, waiter.purpose) {
                (Some(credentials), purpose) => {
                    self.use_credentials(at, role, credentials, purpose);
                }
                (None, Purpose::Chain(next)) => self.land(at, &next, failure),
                (None, purpose) => {
                    if let Some(answer) = purpose.into_answer() {
                        self.fail(answer, failure.clone());
                    }
                }
            }
        }
    }

    fn use_credentials(
        &mut self,
        at: usize,
        role: &RoleId,
        credentials: &RoleCredentials,
        purpose: Purpose,
    ) {
        match purpose {
            Purpose::HandOut(answer) => {
                let credentials = handed_out(role, credentials);
                self.give(answer, Response::Credentials(credentials));
            }
            Purpose::Console(destination, answer) => {
                self.federate(at, role, credentials.clone(), destination, answer);
            }
            Purpose::Copy(answer) => {
                let text =
                    exports::for_pasting(&exports::variables(&handed_out(role, credentials)));
                self.shell.copy(text.as_str().into());
                self.note_use(role);
                // A window that asked says so itself.
                if answer.is_click() {
                    self.notify_copied(at, role);
                }
                self.give(answer, Response::Done);
            }
            Purpose::Chain(chained) => self.assume(at, &chained, credentials),
            Purpose::Ready(answer) => self.give(answer, Response::Done),
            Purpose::KeepKeys(to_keep, answer) => self.keep_keys(at, to_keep, credentials, answer),
            Purpose::Keep => {}
        }
    }

    /// Ends the wait of those who have waited too long, and forgets those who hung up.
    pub(super) fn end_long_waits(&mut self, at: usize) {
        self.settle_codes(at);
        let now = tokio::time::Instant::now();
        let session = &mut self.sessions[at];
        let mut late = Vec::new();
        let flying: BTreeSet<RoleId> = session.flights.keys().cloned().collect();
        for flight in session.flights.values_mut() {
            late.extend(
                flight
                    .waiters
                    .extract_if(.., |waiter| waiter.deadline <= now),
            );
            flight.waiters.retain(|waiter| match &waiter.purpose {
                Purpose::Chain(next) => flying.contains(next),
                _ => waiter.answer().is_none_or(|answer| !answer.is_gone()),
            });
        }
        session
            .flights
            .retain(|_, flight| !flight.waiters.is_empty() || flight.stage == Stage::Asked);
        let failure = match &session.problem {
            Some(problem) if problem.code != Code::SignInNeeded => problem.clone(),
            _ => failure::timed_out(session.name()),
        };
        for answer in late.into_iter().filter_map(Waiter::into_answer) {
            self.fail(answer, failure.clone());
        }
    }
}

impl<S: Shell> Controller<S> {
    /// Tells how it ended; what a click could not do stands in a notification.
    pub(super) fn give(&mut self, answer: Answer, response: Response) {
        if let Some(failure) = answer.give(response) {
            self.notify_failure(&failure);
        }
    }

    /// Tells that it could not be done.
    pub(super) fn fail(&mut self, answer: Answer, failure: Failure) {
        self.give(answer, Response::Error(failure));
    }
}

fn handed_out(role: &RoleId, credentials: &RoleCredentials) -> Credentials {
    Credentials {
        account_id: role.account_id.clone(),
        role_name: role.role_name.clone(),
        access_key_id: credentials.access_key_id.clone(),
        secret_access_key: credentials.secret_access_key.clone(),
        session_token: credentials.session_token.clone(),
        expiration: credentials.expiration,
    }
}
