//! What happens by itself: everything that is due is done, whenever the controller wakes, and so
//! at once after a sleep.

use ipc::message::Delivery;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::Controller;
use super::flight::Purpose;
use super::session::{Auth, Session, TokenStep};
use crate::menu::RoleId;
use crate::refresh;
use crate::shell::Shell;

/// How often accounts and roles are listed while signed in.
const LISTING_INTERVAL: time::Duration = time::Duration::HOUR;

/// A listing younger than this is not repeated because somebody asks for what is not in it.
const FRESH: time::Duration = time::Duration::MINUTE;

/// A session that nobody used for this long is not renewed ahead, unless a role of it is kept.
const IN_USE: time::Duration = time::Duration::HOUR;

impl<S: Shell> Controller<S> {
    /// Does what is due.
    pub(super) fn tick(&mut self) {
        self.look_at_the_clock();
        let now = self.now();
        self.save_what_waits();
        self.end_deferred();
        self.look_at_settled_files();
        for at in 0..self.sessions.len() {
            self.end_long_waits(at);
            self.advance(at);
            self.announce_the_end(at, now);
            if matches!(self.sessions[at].auth, Auth::SignedIn(_)) && self.may_try(at, now) {
                self.renew_what_is_due(at, now);
            }
        }
    }

    /// When the next thing is due.
    pub(super) fn next_due(&self) -> Option<OffsetDateTime> {
        let now = self.now();
        (0..self.sessions.len())
            .flat_map(|at| self.due_times(at))
            .chain(self.unsaved.due())
            .filter(|due| *due > now)
            .min()
    }

    /// When the next one loses patience, or something is to be shown.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let flights = self
            .sessions
            .iter()
            .flat_map(|session| session.flights.values());
        let settled = self.guest.settling.next();
        let waiters = flights
            .flat_map(|flight| &flight.waiters)
            .map(|waiter| waiter.deadline);
        waiters
            .chain(self.deferred.iter().map(|one| one.deadline))
            .chain(self.published.deadline())
            .chain(settled)
            .min()
    }

    /// Lists anew what was not listed just now, without asking anybody to sign in.
    pub(super) fn refresh_stale_listings(&mut self) {
        (0..self.sessions.len()).for_each(|at| self.refresh_stale_listing(at));
    }

    pub(super) fn refresh_stale_listing(&mut self, at: usize) {
        let session = &self.sessions[at];
        let fresh = session
            .listing
            .ended
            .is_some_and(|ended| self.now() - ended < FRESH);
        if !fresh && matches!(session.auth, Auth::SignedIn(_)) {
            self.want_listing(at);
        }
    }

    fn may_try(&self, at: usize, now: OffsetDateTime) -> bool {
        self.sessions[at]
            .trouble
            .retry
            .is_none_or(|retry| retry <= now)
    }

    fn renew_what_is_due(&mut self, at: usize, now: OffsetDateTime) {
        let kept: Vec<RoleId> = self.kept_of(&self.sessions[at]).cloned().collect();
        for role in kept {
            let session = &self.sessions[at];
            let due = self
                .renewal_due(session, &role)
                .is_none_or(|due| due <= now);
            let idle = !session.flights.contains_key(&role);
            if !due || !idle {
                continue;
            }
            // Nobody waits: a notification is enough until the user has a code at hand.
            if let Some(coded) = self.code_needed(session, &role) {
                self.tell_code_wanted(at, &coded);
            } else {
                self.want_credentials(at, role, Purpose::Keep);
            }
        }
        if self
            .token_due(&self.sessions[at])
            .is_some_and(|due| due <= now)
        {
            self.renew(at);
        }
        if self
            .listing_due(&self.sessions[at])
            .is_some_and(|due| due <= now)
        {
            self.want_listing(at);
        }
        // Only the portal knows whether the end that was learned is the real one.
        if self.ends(&self.sessions[at]).is_some_and(|end| end <= now) {
            self.renew(at);
        }
    }

    fn announce_the_end(&mut self, at: usize, now: OffsetDateTime) {
        let session = &self.sessions[at];
        if let Some((soon, end)) = self.ends_soon(session)
            && soon <= now
            && !session.later
            && session.sign_in.is_none()
        {
            let name = session.name().to_owned();
            let end = self.on_the_wall(end);
            let when = format!("{:02}:{:02}", end.hour(), end.minute());
            self.notify_ends_soon(&name, &when);
        }
    }

    /// A clock that was set changes nothing that is due. But where it was set forward the machine
    /// may as well have stood still unnoticed, as a suspended virtual one does: what would be over
    /// by then is asked for anew, once.
    fn look_at_the_clock(&mut self) {
        let ahead = self.time.wall_ahead();
        let change = ahead - self.wall_ahead;
        if !refresh::was_set(change) {
            return;
        }
        tracing::info!(seconds = change.whole_seconds(), "the clock was set");
        self.wall_ahead = ahead;
        let later = self.now() + change.max(time::Duration::ZERO);
        for session in &mut self.sessions {
            session.doubt_what_ends_by(later);
        }
    }

    /// The network changed: what failed is tried again at once.
    pub(super) fn network_changed(&mut self) {
        for session in &mut self.sessions {
            session.trouble.retry = None;
        }
    }

    fn due_times(&self, at: usize) -> impl Iterator<Item = OffsetDateTime> {
        let session = &self.sessions[at];
        let renewals = self
            .kept_of(session)
            .filter_map(|role| self.renewal_due(session, role));
        let others = [
            session.trouble.retry,
            self.token_due(session),
            self.listing_due(session),
            self.ends_soon(session).map(|(soon, _)| soon),
            self.ends(session),
        ];
        renewals.chain(others.into_iter().flatten())
    }

    /// Roles whose credentials are kept fresh; a profile of AWS's own kind needs none.
    fn kept_of<'a>(&'a self, session: &'a Session) -> impl Iterator<Item = &'a RoleId> {
        let kept = self.remembered.kept.iter();
        kept.filter(|kept| kept.role.session == session.name())
            .filter(|kept| kept.delivery != Delivery::SsoSession)
            .map(|kept| &kept.role)
    }

    /// When the access token is renewed ahead, where somebody uses the session.
    pub(super) fn token_due(&self, session: &Session) -> Option<OffsetDateTime> {
        let Auth::SignedIn(signed_in) = &session.auth else {
            return None;
        };
        let access = signed_in.access.as_ref()?;
        let due = refresh::token_renewal(access.received, access.expires, &session.portal.name);
        let used = session.used.is_some_and(|used| due - used < IN_USE);
        let listing = session.listing.running.is_some();
        let needed = session.portal.share_sign_in || self.kept_of(session).next().is_some();
        let wanted = used || listing || needed;
        (wanted && signed_in.refresh_token.is_some() && session.renewal.is_none()).then_some(due)
    }

    /// When accounts and roles are listed again, where that takes nobody's sign-in.
    fn listing_due(&self, session: &Session) -> Option<OffsetDateTime> {
        let Auth::SignedIn(signed_in) = &session.auth else {
            return None;
        };
        let idle = session.listing.running.is_none() && !session.listing.wanted;
        let possible = !matches!(session.token_step(self.now()), TokenStep::SignIn);
        let first = signed_in.since;
        (idle && possible).then(|| {
            session
                .listing
                .ended
                .map_or(first, |ended| ended + LISTING_INTERVAL)
        })
    }

    /// When the user is told of the session's end, and that end.
    pub(super) fn ends_soon(&self, session: &Session) -> Option<(OffsetDateTime, OffsetDateTime)> {
        let end = self.ends(session)?;
        let Auth::SignedIn(signed_in) = &session.auth else {
            return None;
        };
        Some((refresh::ends_soon(end, end - signed_in.since), end))
    }

    /// When kept credentials of the role are renewed; `None` where there are none yet.
    pub(super) fn renewal_due(&self, session: &Session, role: &RoleId) -> Option<OffsetDateTime> {
        if let Some(again) = session.refused.get(role) {
            return Some(*again);
        }
        let held = session.held.get(role)?;
        let ahead = refresh::renewal(held.received, held.credentials.expires_at, role);
        Some(self.last_moment(session, role).unwrap_or(ahead))
    }
}
