//! Signing in: one sign-in a session at a time, whoever and however many ask for it.

use ipc::message::{Code, Failure, Flow, Progress, Response};
use secrecy::SecretString;
use sso::oidc::{self, Grant, Registration, Tokens};

use super::answer::Answer;
use super::flight::Stage;
use super::flows::{self, Steps};
use super::session::{Auth, Credentialed, SessionId, SignIn, TokenStep};
use super::{Controller, News};
use crate::browser;
use crate::failure::{self, failure};
use crate::menu::Window;
use crate::shell::{OpenError, Shell};

/// A registration is not used in its last day: a sign-in made with it could not be renewed long.
const REGISTRATION_RESERVE: time::Duration = time::Duration::DAY;

impl<S: Shell> Controller<S> {
    /// The user asked to sign in: whatever barred it before is forgotten.
    pub(super) fn sign_in_asked(&mut self, at: usize, flow: Flow, open: bool, answer: Answer) {
        let session = &mut self.sessions[at];
        session.barred = None;
        let is_other = |one: &mut SignIn| one.flow != flow && !(flow == Flow::Pkce && open);
        if let Some(other) = session.sign_in.take_if(is_other) {
            other.task.abort();
            let waiters = other.waiters.into_iter().chain([answer]).collect();
            return self.begin_sign_in(at, flow, open, waiters);
        }
        let Some(running) = &mut session.sign_in else {
            if self.end_is_near(at) {
                self.say_farewell(at);
            }
            return self.begin_sign_in(at, flow, open, vec![answer]);
        };
        let progress = running.progress.clone();
        progress
            .iter()
            .for_each(|progress| answer.progress(progress));
        running.ends_unattended &= !answer.is_by_hand();
        running.waiters.push(answer);
        // A user who asks again while a sign-in waits has most likely closed the page.
        if let Some(progress) = progress.filter(|_| open) {
            self.show_sign_in(at, &progress);
        }
    }

    /// The user wants a new session before the old one ends: that one is ended first.
    pub(super) fn sign_in_again(&mut self, at: usize, answer: Answer) {
        if self.sessions[at].sign_in.is_none() {
            self.say_farewell(at);
        }
        self.sign_in_asked(at, Flow::Pkce, true, answer);
    }

    /// A sign-in while the old session lasts would inherit its end. Credentials in memory outlive
    /// it, so that nothing fails while the user signs in.
    fn say_farewell(&mut self, at: usize) {
        if let Some(farewell) = self.farewell(at) {
            let session = &mut self.sessions[at];
            session.farewell = Some(farewell);
            session.forget_tokens(Auth::Expired);
        }
    }

    fn end_is_near(&self, at: usize) -> bool {
        let ends = self.ends_soon(&self.sessions[at]);
        ends.is_some_and(|(soon, _)| soon <= self.now())
    }

    /// Something waits for a sign-in: it is begun for callers, unless one failed before.
    pub(super) fn ask_user(&mut self, at: usize) {
        let session = &self.sessions[at];
        if session.sign_in.is_some() {
            return;
        }
        if !self.somebody_waits(at) {
            let failure = failure::sign_in_needed(session.name());
            return self.fail_waiting(at, &failure);
        }
        if let Some(failure) = session.barred.clone() {
            return self.fail_waiting(at, &failure);
        }
        self.begin_sign_in(at, Flow::Pkce, true, Vec::new());
    }

    /// Whether a person or a program waits for something of the session, not just the schedule.
    fn somebody_waits(&self, at: usize) -> bool {
        let session = &self.sessions[at];
        let mut waiting = session.callers().chain(self.deferred_for(session.id));
        waiting.any(|answer| !answer.is_gone())
    }

    /// Gives up the sign-in of a `vestibule login` that was interrupted.
    pub(super) fn end_unattended_sign_in(&mut self, at: usize) {
        let left = |one: &SignIn| one.ends_unattended && one.waiters.iter().all(Answer::is_gone);
        if self.sessions[at].sign_in.as_ref().is_some_and(left) && !self.somebody_waits(at) {
            self.cancel_sign_in(at);
        }
    }

    fn begin_sign_in(&mut self, at: usize, asked: Flow, open: bool, waiters: Vec<Answer>) {
        let suitable =
            browser::suitable_flow(self.settings.browser.as_deref(), &*self.environment.env);
        let flow = if open && suitable == Flow::Device {
            Flow::Device
        } else {
            asked
        };
        let attempt = self.number();
        let session = &self.sessions[at];
        let now = self.now();
        let known = session
            .registrations
            .iter()
            .find(|one| one.grant == grant_of(flow) && one.expires_at - now > REGISTRATION_RESERVE)
            .cloned();
        let steps = Steps {
            reports: self.reports.clone(),
            id: session.id,
            attempt,
        };
        let (id, remote) = (session.id, session.remote.clone());
        let farewell = self.sessions[at].farewell.take();
        let task = self.spawn(id, async move {
            if let Some(farewell) = farewell {
                farewell.say().await;
            }
            let result = match flow {
                Flow::Pkce => flows::with_browser(&remote, known, &steps).await,
                Flow::Device => flows::with_code(&remote, known, &steps).await,
            };
            News::SignInEnded { attempt, result }
        });
        let session = &mut self.sessions[at];
        tracing::info!(session = session.name(), ?flow, "signing in");
        session.sign_in = Some(SignIn {
            attempt,
            flow,
            open,
            ends_unattended: !waiters.is_empty() && !waiters.iter().any(Answer::is_by_hand),
            progress: None,
            waiters,
            task,
        });
        let name = session.name().to_owned();
        self.withdraw_sign_in(&name);
    }

    /// The user's turn.
    pub(super) fn sign_in_step(&mut self, at: usize, attempt: u64, progress: Progress) {
        let session = &mut self.sessions[at];
        let Some(sign_in) = session
            .sign_in
            .as_mut()
            .filter(|one| one.attempt == attempt)
        else {
            return;
        };
        sign_in.progress = Some(progress.clone());
        let open = sign_in.open;
        session.tell(&progress);
        let (name, id) = (session.name().to_owned(), session.id);
        self.deferred_for(id)
            .for_each(|answer| answer.progress(&progress));
        if let Progress::DeviceCode { user_code, .. } = &progress {
            self.notify_device_code(&name, user_code);
        }
        if open {
            self.show_sign_in(at, &progress);
        }
    }

    /// Brings the user to where the sign-in goes on: the browser, and the code to compare.
    fn show_sign_in(&mut self, at: usize, progress: &Progress) {
        if let Progress::DeviceCode { .. } = progress {
            let session = self.sessions[at].name().to_owned();
            self.shell.show(Window::SignIn { session });
        }
        let suitable =
            browser::suitable_flow(self.settings.browser.as_deref(), &*self.environment.env);
        let url = match progress {
            Progress::OpenUrl { url } => url,
            // Where no browser is, the user opens the address elsewhere.
            Progress::DeviceCode { .. } if suitable == Flow::Device => return,
            Progress::DeviceCode {
                verification_uri_complete,
                ..
            } => verification_uri_complete,
            Progress::MfaCode(_) => return,
        };
        let opened = self.shell.open(SecretString::from(url.as_str()));
        if let Err(error) = opened {
            tracing::warn!(%error, "no browser could be started");
            self.without_browser(at, &error);
        }
    }

    /// A browser that the user named and that does not start is told; where there is just none,
    /// a device code needs none here.
    fn without_browser(&mut self, at: usize, error: &OpenError) {
        let in_browser = |one: &mut SignIn| one.flow == Flow::Pkce;
        let Some(sign_in) = self.sessions[at].sign_in.take_if(in_browser) else {
            return;
        };
        sign_in.task.abort();
        if browser::is_named(self.settings.browser.as_deref(), &*self.environment.env) {
            self.sign_in_failed(at, sign_in.waiters, failure::no_browser(error));
        } else {
            self.begin_sign_in(at, Flow::Device, false, sign_in.waiters);
        }
    }

    /// A sign-in ended, well or not.
    pub(super) fn sign_in_ended(
        &mut self,
        at: usize,
        attempt: u64,
        result: Result<(Registration, Tokens), oidc::Error>,
    ) {
        let Some(sign_in) = self.sessions[at]
            .sign_in
            .take_if(|one| one.attempt == attempt)
        else {
            return;
        };
        let name = self.sessions[at].name().to_owned();
        self.withdraw_device_code(&name);
        match result {
            Ok((registration, tokens)) => self.signed_in(at, registration, tokens, sign_in.waiters),
            Err(error) => {
                // A portal that forgot the registration shows that in the browser only: the next
                // attempt registers anew.
                self.sessions[at]
                    .registrations
                    .retain(|one| one.grant != grant_of(sign_in.flow));
                let failure = failure::of_portal(&name, error.kind(), &error);
                self.sign_in_failed(at, sign_in.waiters, failure);
            }
        }
    }

    fn signed_in(
        &mut self,
        at: usize,
        registration: Registration,
        tokens: Tokens,
        waiters: Vec<Answer>,
    ) {
        let now = self.now();
        let session = &mut self.sessions[at];
        tracing::info!(session = session.name(), "signed in");
        session.barred = None;
        session.renewal = None;
        self.note_sign_in(at, &waiters, None);
        let session = &mut self.sessions[at];
        session.later = false;
        let user = tokens.user.clone();
        session.auth = Auth::SignedIn(Credentialed::new(registration.grant, tokens, now));
        session
            .registrations
            .retain(|one| one.grant != registration.grant);
        session.registrations.push(registration);
        session.used = Some(now);
        session.refused.clear();
        session.listing.wanted = true;
        let name = session.name().to_owned();
        self.remembered.set_user(&name, user);
        self.save_remembered();
        self.withdraw_sign_in(&name);
        self.portal_answered(at);
        self.store(at, waiters);
        self.share_token(at);
        self.restore_all();
    }

    fn sign_in_failed(&mut self, at: usize, waiters: Vec<Answer>, failure: Failure) {
        let now = self.now();
        let session = &mut self.sessions[at];
        let name = session.name().to_owned();
        tracing::info!(
            session = name,
            problem = failure.message,
            "the sign-in failed"
        );
        self.note_sign_in(at, &waiters, Some(failure.code));
        if failure.code != Code::SignInCancelled {
            self.notify_sign_in_failed(&name, &failure);
        }
        let session = &mut self.sessions[at];
        let step = session.token_step(now);
        // One that was begun on top of a session that lasts takes nothing from it.
        let lasts = matches!(step, TokenStep::Use(_) | TokenStep::Renew);
        let waiting = if lasts {
            Vec::new()
        } else {
            session.problem = Some(failure.clone());
            if failure::bars_sign_in(&failure) {
                session.barred = Some(failure.clone());
            }
            session.take_waiting()
        };
        for waiter in waiters.into_iter().chain(waiting) {
            // The notification has told it to whoever clicked.
            let _ = waiter.give(Response::Error(failure.clone()));
        }
        if !lasts {
            self.listing_failed(at, &failure);
        }
    }

    /// The user gave the sign-in up.
    pub(super) fn cancel_sign_in(&mut self, at: usize) {
        let Some(sign_in) = self.sessions[at].sign_in.take() else {
            return;
        };
        sign_in.task.abort();
        let name = self.sessions[at].name().to_owned();
        self.withdraw_device_code(&name);
        let failure = failure(
            Code::SignInCancelled,
            format!("The sign-in to {name} was cancelled."),
            failure::sign_in(&name),
        );
        self.sign_in_failed(at, sign_in.waiters, failure);
        self.sessions[at].problem = None;
    }

    /// Ends the session here and at the portal.
    pub(super) fn sign_out(&mut self, at: usize) {
        self.cancel_sign_in(at);
        if let Some(farewell) = self.farewell(at) {
            tokio::spawn(farewell.say());
        }
        self.withdraw_token(at);
        self.withdraw_keys(at);
        let session = &mut self.sessions[at];
        session.forget_tokens(Auth::SignedOut);
        session.held.clear();
        session.problem = None;
        session.barred = None;
        session.codes_barred.clear();
        for flight in session.flights.values_mut() {
            flight.stage = Stage::Grounded;
        }
        let name = session.name().to_owned();
        self.remembered.set_user(&name, None);
        self.save_remembered();
        self.withdraw_sign_in(&name);
        self.withdraw_trouble(&name);
        self.withdraw_codes(&name);
        self.fail_waiting(at, &failure::sign_in_needed(&name));
        // Whatever the portal or the keyring still answers was meant for the user who left.
        self.sessions[at].id = SessionId(self.number());
        self.delete_stored(at);
    }
}

fn grant_of(flow: Flow) -> Grant {
    match flow {
        Flow::Pkce => Grant::AuthorizationCode,
        Flow::Device => Grant::DeviceCode,
    }
}
