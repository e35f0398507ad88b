//! Credentials of chained roles: those of the role they are taken from, then AssumeRole.

use ipc::message::Response;
use secrecy::SecretString;
use sso::portal::RoleCredentials;
use sso::sts::{self, Reason};
use time::OffsetDateTime;

use super::flight::{Purpose, Stage};
use super::session::Session;
use super::{Controller, News};
use crate::chain::{self, ChainedRole};
use crate::failure;
use crate::menu::RoleId;
use crate::shell::Shell;

/// Credentials that cost the user a code are used until this much is left of them.
const LAST_MOMENT: time::Duration = time::Duration::minutes(1);

impl<S: Shell> Controller<S> {
    pub(super) fn chained(&self, role: &RoleId) -> Option<&ChainedRole> {
        chain::find(&self.settings.chained_roles, role)
    }

    /// The credentials in memory, where they may still be handed out.
    pub(super) fn at_hand(&self, at: usize, role: &RoleId) -> Option<&RoleCredentials> {
        let now = self.now();
        let session = &self.sessions[at];
        let held = session.held.get(role)?;
        let good = held.hands_out(now)
            || session.has_no_others(now) && held.still_serves(now)
            || self.is_spared(session, role, now);
        good.then_some(&held.credentials)
    }

    /// When the credentials in memory are replaced, where that takes a code of the user: as late
    /// as can be.
    pub(super) fn last_moment(&self, session: &Session, role: &RoleId) -> Option<OffsetDateTime> {
        let held = session.held.get(role)?;
        let end = held.credentials.expires_at;
        let end = end - LAST_MOMENT.min((end - held.received) / 10_i32);
        self.code_needed(session, role).map(|_| end)
    }

    fn is_spared(&self, session: &Session, role: &RoleId, now: OffsetDateTime) -> bool {
        self.last_moment(session, role).is_some_and(|end| now < end)
    }

    /// The role, of this one and those it is taken from, whose code it takes to have new
    /// credentials of this one.
    pub(super) fn code_needed(&self, session: &Session, role: &RoleId) -> Option<RoleId> {
        let now = self.now();
        for link in chain::links(&self.settings.chained_roles, role) {
            let id = link.id();
            let held = session.held.get(&id).filter(|_| id != *role);
            if held.is_some_and(|held| now < held.credentials.expires_at - LAST_MOMENT) {
                return None;
            }
            if link.assume.serial_number.is_some() {
                return Some(id);
            }
        }
        None
    }

    /// Sees to it that the flight of a chained role goes on.
    pub(super) fn follow_chain(&mut self, at: usize, role: &RoleId) {
        let Some(source) = self.chained(role).map(|chain| chain.source.clone()) else {
            return;
        };
        let Some(flight) = self.sessions[at].flights.get_mut(role) else {
            return;
        };
        match flight.stage {
            Stage::Grounded => {
                flight.stage = Stage::Chained;
                self.want_credentials(at, source, Purpose::Chain(role.clone()));
            }
            // Somebody joined who may have to be asked, too.
            Stage::Chained | Stage::Code => self.ask_for_codes(at, role),
            Stage::Asked => {}
        }
    }

    /// The credentials that the role is taken with came.
    pub(super) fn assume(&mut self, at: usize, role: &RoleId, source: &RoleCredentials) {
        let Some(mut asked) = self.chained(role).map(|chain| chain.assume.clone()) else {
            return self.land(at, role, &failure::no_such_chain(&role.role_name));
        };
        let user = self.remembered.users.get(&role.session);
        asked.session_name = asked
            .session_name
            .or_else(|| user.and_then(|user| named(user)));
        let session = &mut self.sessions[at];
        let Some(flight) = session.flights.get_mut(role) else {
            return;
        };
        let code = flight.entered.as_ref().map(|entered| &entered.code);
        if asked.serial_number.is_some() && code.is_none() {
            flight.stage = Stage::Code;
            return self.ask_for_code(at, role);
        }
        let code = code.map(|code| SecretString::from(code.digits()));
        flight.stage = Stage::Asked;
        let (id, remote) = (session.id, session.remote.clone());
        let (source, role) = (source.clone(), role.clone());
        self.spawn(id, async move {
            let (http, sts) = (&remote.http, &remote.endpoints.sts);
            let region = &remote.config.region;
            let result = sts::assume_role(http, sts, region, &source, &asked, code.as_ref()).await;
            News::Assumed { role, result }
        });
    }

    /// STS answered, or did not.
    pub(super) fn assumed(
        &mut self,
        at: usize,
        role: &RoleId,
        result: Result<RoleCredentials, sts::Error>,
    ) {
        match result {
            Ok(credentials) => {
                self.code_was_right(at, role);
                self.credentials_arrived(at, role, credentials);
            }
            Err(error) => match error.reason() {
                Reason::WrongCode if self.code_was_wrong(at, role) => {}
                Reason::DeadCredentials if self.source_was_dead(at, role) => {}
                _ => self.not_assumed(at, role, &error),
            },
        }
    }

    /// The credentials that the role was taken with died early: once more, with fresh ones.
    fn source_was_dead(&mut self, at: usize, role: &RoleId) -> bool {
        let Some(source) = self.chained(role).map(|chain| chain.source.clone()) else {
            return false;
        };
        let session = &mut self.sessions[at];
        let Some(flight) = session.flights.get_mut(role).filter(|one| !one.retried) else {
            return false;
        };
        flight.retried = true;
        flight.stage = Stage::Grounded;
        session.held.remove(&source);
        self.follow_chain(at, role);
        true
    }

    fn not_assumed(&mut self, at: usize, role: &RoleId, error: &sts::Error) {
        let needs_device = self
            .chained(role)
            .is_some_and(|chain| chain.assume.serial_number.is_none());
        let failure = failure::of_chain(&role.session, needs_device, error);
        let kept = self.remembered.is_kept(role);
        if error.reason() != Reason::Other {
            self.role_refused(at, role, kept.then_some(&failure));
        } else if kept {
            self.portal_failed(at, &failure);
        }
        self.land(at, role, &failure);
    }

    /// Whoever entered the code hears that it was taken.
    fn code_was_right(&mut self, at: usize, role: &RoleId) {
        let session = &mut self.sessions[at];
        session.codes_barred.remove(role);
        let flight = session.flights.get_mut(role);
        if let Some(entered) = flight.and_then(|flight| flight.entered.take()) {
            self.give(entered.answer, Response::Done);
        }
        self.withdraw_code(role);
    }
}

/// The user's name as the name of a session, where AWS takes it.
fn named(user: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let name: String = user.chars().filter(|c| allowed(*c)).take(64).collect();
    (name.len() >= 2).then_some(name)
}
