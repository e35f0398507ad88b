//! Access tokens: got by renewal, renewed single-flight, and the end of a session when it comes.

use ipc::message::Failure;
use sso::error::Kind;
use sso::oidc::{self, Tokens};
use time::OffsetDateTime;

use super::flight::Stage;
use super::session::{Access, Auth, TokenStep};
use super::{Controller, News, sharing};
use crate::failure;
use crate::journal::Act;
use crate::refresh;
use crate::shell::Shell;

impl<S: Shell> Controller<S> {
    /// Takes the next step towards what waits for an access token of the session.
    pub(super) fn advance(&mut self, at: usize) {
        let now = self.now();
        let session = &self.sessions[at];
        if !session.wants_token() {
            return;
        }
        match session.token_step(now) {
            TokenStep::Wait => {}
            TokenStep::Use(access) => self.take_off(at, &access),
            TokenStep::Renew => self.renew(at),
            TokenStep::SignIn => self.ask_user(at),
        }
    }

    fn take_off(&mut self, at: usize, access: &Access) {
        if self.sessions[at].listing.wanted {
            self.start_listing(at, access);
        }
        let grounded = self.sessions[at]
            .flights
            .iter_mut()
            .filter(|(_, flight)| flight.stage == Stage::Grounded);
        let roles: Vec<_> = grounded
            .map(|(role, flight)| {
                flight.stage = Stage::Asked;
                role.clone()
            })
            .collect();
        for role in roles {
            self.ask_for_credentials(at, role, access);
        }
    }

    /// Renews the access token, unless that is under way.
    pub(super) fn renew(&mut self, at: usize) {
        let session = &self.sessions[at];
        let Auth::SignedIn(signed_in) = &session.auth else {
            return;
        };
        if session.renewal.is_some() {
            return;
        }
        let registration = session.registration().cloned();
        let (Some(token), Some(registration)) = (signed_in.refresh_token.clone(), registration)
        else {
            return self.session_ended(at);
        };
        let number = self.number();
        let session = &mut self.sessions[at];
        session.renewal = Some(number);
        let (id, remote) = (session.id, session.remote.clone());
        let shared = self.token_file(at).zip(self.own_token(at, false));
        let clock = self.environment.clock.clone();
        self.spawn(id, async move {
            let renew = oidc::refresh(&remote.http, &remote.endpoints, &registration, &token);
            match shared {
                None => News::Renewed {
                    number,
                    result: renew.await,
                },
                Some((file, own)) => sharing::renew(number, file, own, &*clock, renew).await,
            }
        });
    }

    /// A renewal ended. One begun before the user signed in or out anew means nothing now.
    pub(super) fn renewed(&mut self, at: usize, number: u64, result: Result<Tokens, oidc::Error>) {
        let now = self.now();
        let ended = self.sessions[at].renewal.take_if(|one| *one == number);
        if ended.is_none() {
            return;
        }
        match result {
            Ok(tokens) => self.token_came(at, tokens, now),
            Err(error) => match error.kind() {
                Kind::InvalidGrant | Kind::InvalidClient | Kind::Unauthorized => {
                    if error.kind() == Kind::InvalidClient {
                        self.sessions[at].registrations.clear();
                    }
                    self.learn_length(at, now);
                    self.session_ended(at);
                }
                kind => {
                    let failure = failure::of_portal(self.sessions[at].name(), kind, &error);
                    self.portal_failed(at, &failure);
                    // A token that is still good carries what waits; else it fails for now.
                    if !matches!(self.sessions[at].token_step(now), TokenStep::Use(_)) {
                        self.fail_waiting(at, &failure);
                    }
                }
            },
        }
    }

    fn token_came(&mut self, at: usize, tokens: Tokens, now: OffsetDateTime) {
        let session = &mut self.sessions[at];
        let Auth::SignedIn(signed_in) = &mut session.auth else {
            return;
        };
        if let Some(listing) = &session.listing.running {
            listing.token.send_replace(tokens.access_token.clone());
        }
        signed_in.access = Some(Access {
            token: tokens.access_token,
            received: now,
            expires: tokens.expires_at,
        });
        if tokens.refresh_token.is_some() {
            signed_in.refresh_token = tokens.refresh_token;
        }
        signed_in.alive = now;
        let age = (now - signed_in.since).whole_seconds();
        let name = session.name().to_owned();
        // A session older than what was learned of its length proves that wrong.
        if self
            .remembered
            .session_seconds
            .get(&name)
            .is_some_and(|&learned| learned < age)
        {
            self.remembered.session_seconds.remove(&name);
            self.save_remembered();
        }
        self.portal_answered(at);
        self.store(at, Vec::new());
        self.share_token(at);
    }

    fn learn_length(&mut self, at: usize, now: OffsetDateTime) {
        let session = &self.sessions[at];
        let Auth::SignedIn(signed_in) = &session.auth else {
            return;
        };
        let (taken, refused) = (signed_in.alive - signed_in.since, now - signed_in.since);
        if let Some(length) = refresh::learned_length(taken, refused) {
            let name = session.name().to_owned();
            self.remembered.learn_length(&name, length.whole_seconds());
            self.save_remembered();
        }
    }

    /// The portal no longer takes the session's tokens.
    pub(super) fn session_ended(&mut self, at: usize) {
        let session = &mut self.sessions[at];
        if !matches!(session.auth, Auth::SignedIn(_)) {
            return;
        }
        tracing::info!(session = session.name(), "the session has ended");
        session.forget_tokens(Auth::Expired);
        session.problem = None;
        let (name, id) = (session.name().to_owned(), session.id);
        self.store(at, Vec::new());
        self.note_session(Act::SessionEnded, None, &name, None);
        self.withdraw_token(at);
        self.withdraw_keys(at);
        self.withdraw_trouble(&name);
        if std::mem::take(&mut self.sessions[at].later) {
            self.notify_ended(&name);
        }
        self.tell_if_kept(at);
        self.serve_from_memory(at, &failure::sign_in_needed(&name));
        if self.deferred_for(id).next().is_some() {
            self.want_listing(at);
        }
    }

    /// Kept credentials will go stale unless the user signs in: that is worth a notification.
    pub(super) fn tell_if_kept(&mut self, at: usize) {
        let name = self.sessions[at].name().to_owned();
        if self
            .remembered
            .kept
            .iter()
            .any(|kept| kept.role.session == name)
        {
            self.notify_sign_in_needed(&name);
        }
    }

    /// The portal does what it should.
    pub(super) fn portal_answered(&mut self, at: usize) {
        let session = &mut self.sessions[at];
        session.trouble = super::session::Trouble::default();
        session.problem = None;
        let name = session.name().to_owned();
        self.withdraw_trouble(&name);
    }

    /// A call in the background failed; it is tried again after a while.
    pub(super) fn portal_failed(&mut self, at: usize, failure: &Failure) {
        let now = self.now();
        let session = &mut self.sessions[at];
        session.problem = Some(failure.clone());
        // Many calls that fail together are one failure.
        if session.trouble.retry.is_some_and(|retry| retry > now) {
            return;
        }
        session.trouble.failures += 1;
        let delay = refresh::retry_delay(session.trouble.failures, &session.portal.name, now);
        session.trouble.retry = Some(now + delay);
        tracing::warn!(
            session = session.name(),
            problem = failure.message,
            "the portal fails"
        );
        if session.trouble.failures >= super::notices::FAILURES_TO_TELL {
            let name = session.name().to_owned();
            self.notify_trouble(&name, failure);
        }
    }

    /// Everything of the session that waits for a token fails.
    pub(super) fn fail_waiting(&mut self, at: usize, failure: &Failure) {
        self.sessions[at].listing.wanted = false;
        for role in self.sessions[at].grounded() {
            self.land(at, &role, failure);
        }
        self.listing_failed(at, failure);
    }
}
