//! Codes of MFA devices: asked for once, however many wait for the role.
//!
//! One terminal is asked, where a client has one, and the desktop, where somebody waits who has
//! none. After a refusal or a timeout nobody is asked again until the user wants it.

use ipc::message::{CodeWanted, Failure, MfaCode, Progress, Response};
use tokio::time::Instant;

use super::Controller;
use super::answer::Answer;
use super::flight::{Entered, Purpose, Stage, Waiter};
use super::session::Session;
use crate::chain;
use crate::failure;
use crate::menu::{RoleId, Window};
use crate::shell::Shell;
use crate::snapshot;

impl<S: Shell> Controller<S> {
    /// The role waits for a code: those who wait for it are asked, unless somebody is already.
    pub(super) fn ask_for_code(&mut self, at: usize, role: &RoleId) {
        let session = &self.sessions[at];
        let callers = waiting_for(session, role)
            .into_iter()
            .filter_map(Waiter::answer);
        let callers: Vec<&Answer> = callers.filter(|answer| !answer.is_gone()).collect();
        let by_hand = callers.iter().any(|answer| answer.is_by_hand());
        let terminal = callers.iter().find_map(|answer| answer.terminal()).cloned();
        let elsewhere = callers.iter().any(|answer| answer.terminal().is_none());
        if terminal.is_none() && !self.shell.reaches_user() {
            return self.land(at, role, &failure::nobody_to_ask(&role.role_name));
        }
        match session.codes_barred.get(role).cloned() {
            Some(failure) if !by_hand && terminal.is_none() => {
                return self.land(at, role, &failure);
            }
            None if !by_hand && (elsewhere || callers.is_empty()) => {
                self.notify_code_wanted(at, role);
            }
            _ => {}
        }
        let wanted = self.code_wanted(at, role);
        let Some(flight) = self.sessions[at].flights.get_mut(role) else {
            return;
        };
        let asked = flight.terminal.as_ref().is_some_and(|one| !one.is_closed());
        if let (Some(terminal), Some(wanted), false) = (terminal, wanted, asked) {
            // A client that reads nothing cannot be asked; its answer is what counts.
            let _ = terminal.try_send(Response::Progress(Progress::MfaCode(wanted)));
            flight.terminal = Some(terminal);
        }
        if by_hand && !std::mem::replace(&mut flight.shown, true) {
            self.shell.show(Window::MfaCode(role.clone()));
        }
    }

    /// Asks for the code that the flight of this role waits for, be it for a role further back.
    pub(super) fn ask_for_codes(&mut self, at: usize, role: &RoleId) {
        if let Some(waiting) = self.code_before(at, role) {
            self.ask_for_code(at, &waiting);
        }
    }

    /// Kept credentials cannot be renewed without a code: the user is told, but nobody waits.
    pub(super) fn tell_code_wanted(&mut self, at: usize, role: &RoleId) {
        if !self.sessions[at].codes_barred.contains_key(role) {
            self.notify_code_wanted(at, role);
        }
    }

    /// The user wants to enter a code: in a window, once there is one to enter.
    pub(super) fn show_code_window(&mut self, at: usize, role: RoleId, answer: Answer) {
        let coded = self.code_needed(&self.sessions[at], &role);
        let coded = coded.unwrap_or_else(|| role.clone());
        self.shell.show(Window::MfaCode(coded));
        if self.code_before(at, &role).is_none() {
            self.want_credentials(at, role, Purpose::Ready(Answer::click()));
        }
        self.give(answer, Response::Done);
    }

    /// The user entered a code.
    pub(super) fn enter_code(&mut self, at: usize, role: &RoleId, code: MfaCode, answer: Answer) {
        let flight = self.sessions[at].flights.get_mut(role);
        match flight.filter(|flight| flight.stage == Stage::Code) {
            Some(flight) => {
                flight.entered = Some(Entered { code, answer });
                flight.stage = Stage::Grounded;
                self.follow_chain(at, role);
            }
            None => self.fail(answer, failure::no_code_wanted(&role.role_name)),
        }
    }

    /// The code was refused: whoever entered it hears so and may enter another one. Without one
    /// there is nothing wrong with it.
    pub(super) fn code_was_wrong(&mut self, at: usize, role: &RoleId) -> bool {
        let Some(flight) = self.sessions[at].flights.get_mut(role) else {
            return false;
        };
        let Some(entered) = flight.entered.take() else {
            return false;
        };
        flight.stage = Stage::Code;
        self.fail(entered.answer, failure::wrong_code(&role.role_name));
        self.ask_for_code(at, role);
        true
    }

    /// The user will not enter a code.
    pub(super) fn refuse_code(&mut self, at: usize, role: &RoleId) {
        self.withdraw_code(role);
        self.bar_code(at, role, failure::code_cancelled(&role.role_name));
    }

    /// Ends the wait for codes that nobody entered in time, and asks the next terminal where one
    /// has left.
    pub(super) fn settle_codes(&mut self, at: usize) {
        let session = &self.sessions[at];
        let flights = session.flights.iter();
        let waiting = flights.filter(|(_, flight)| flight.stage == Stage::Code);
        let roles: Vec<RoleId> = waiting.map(|(role, _)| role.clone()).collect();
        let now = Instant::now();
        for role in roles {
            let late = |waiter: &&Waiter| {
                let waits = waiter.answer().is_some_and(|answer| !answer.is_gone());
                waits && waiter.deadline <= now
            };
            if waiting_for(&self.sessions[at], &role).iter().any(late) {
                let failure = failure::no_code(&role.role_name);
                self.notify_code_missing(&role, &failure);
                self.bar_code(at, &role, failure);
            } else {
                self.ask_for_code(at, &role);
            }
        }
    }

    fn bar_code(&mut self, at: usize, role: &RoleId, failure: Failure) {
        let session = &mut self.sessions[at];
        session.codes_barred.insert(role.clone(), failure.clone());
        for answer in session.take_flight(role) {
            // Whoever clicked has refused by hand, or reads the notification.
            let _ = answer.give(Response::Error(failure.clone()));
        }
    }

    /// The codes that the session's flights wait for, or that are being checked.
    pub(super) fn codes(&self, session: &Session) -> impl Iterator<Item = snapshot::Code> {
        let flights = session.flights.iter();
        let waiting =
            flights.filter(|(_, flight)| flight.stage == Stage::Code || flight.entered.is_some());
        waiting.filter_map(|(role, flight)| {
            let chain = self.chained(role)?;
            Some(snapshot::Code {
                role: role.clone(),
                account_name: account_name(session, role),
                mfa_serial: chain.assume.serial_number.clone()?,
                checking: flight.entered.is_some(),
            })
        })
    }

    fn code_wanted(&self, at: usize, role: &RoleId) -> Option<CodeWanted> {
        let chain = self.chained(role)?;
        Some(CodeWanted {
            session: role.session.clone(),
            account_id: role.account_id.clone(),
            account_name: account_name(&self.sessions[at], role),
            role_name: role.role_name.clone(),
            mfa_serial: chain.assume.serial_number.clone()?,
        })
    }

    /// The role, of this one and those it is taken from, that waits for a code.
    fn code_before(&self, at: usize, role: &RoleId) -> Option<RoleId> {
        let flights = &self.sessions[at].flights;
        let waits = |id: &RoleId| flights.get(id).is_some_and(|one| one.stage == Stage::Code);
        let links = chain::links(&self.settings.chained_roles, role);
        links.map(crate::chain::ChainedRole::id).find(waits)
    }
}

/// Everyone who waits for the role, and for those that are taken with its credentials.
fn waiting_for<'a>(session: &'a Session, role: &RoleId) -> Vec<&'a Waiter> {
    let flight = session.flights.get(role);
    let mut found = Vec::new();
    for waiter in flight.into_iter().flat_map(|flight| &flight.waiters) {
        match &waiter.purpose {
            Purpose::Chain(next) => found.extend(waiting_for(session, next)),
            _ => found.push(waiter),
        }
    }
    found
}

fn account_name(session: &Session, role: &RoleId) -> String {
    let account = session.catalog.account(&role.account_id);
    account.map_or_else(|| role.account_id.clone(), |account| account.name.clone())
}
