//! What others see: the snapshot and the menu, a few times a second at most.

use std::sync::Arc;
use std::time::Duration;

use ipc::message::{Delivery, Flow, Progress};
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::Instant;

use super::Controller;
use super::session::{Auth, Session};
use crate::chain;
use crate::menu::{self, Menu, RoleId};
use crate::shell::Shell;
use crate::snapshot::{self, KeptRole, Role, SignInPhase, Snapshot};

/// However much happens, it is shown this often at most: a listing brings many accounts a second.
const INTERVAL: Duration = Duration::from_millis(250);

/// And where nothing came of what happened, it is looked again this often at most.
const BETWEEN_LOOKS: Duration = Duration::from_millis(25);

/// Looking takes one part in so many of the time.
const SHARE: u32 = 50;

/// What was shown last.
pub(super) struct Published {
    snapshot: watch::Sender<Arc<Snapshot>>,
    menu: Option<Menu>,
    /// Before then it is not looked again.
    rests_until: Option<Instant>,
    /// Whether something may have changed since.
    stale: bool,
}

impl Published {
    pub(super) fn new(snapshot: watch::Sender<Arc<Snapshot>>) -> Self {
        Self {
            snapshot,
            menu: None,
            rests_until: None,
            stale: true,
        }
    }

    /// How long what changes now must wait before it is shown.
    fn pause(&self) -> Duration {
        self.rests_until.map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        })
    }

    /// When to show what changed; `None` where nothing did.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.stale.then(|| Instant::now() + self.pause())
    }
}

impl<S: Shell> Controller<S> {
    /// Shows what changed, unless something was shown a moment ago: then a little later.
    pub(super) fn publish(&mut self) {
        self.published.stale = !self.published.pause().is_zero();
        if self.published.stale {
            return;
        }
        let start = Instant::now();
        let snapshot = self.snapshot();
        let changed =
            **self.published.snapshot.borrow() != snapshot || self.published.menu.is_none();
        let rest = if changed {
            INTERVAL
        } else {
            // Thousands of roles take a while to look at.
            (start.elapsed() * SHARE).clamp(BETWEEN_LOOKS, INTERVAL)
        };
        self.published.rests_until = Some(Instant::now() + rest);
        if changed {
            let menu = menu::menu(&snapshot);
            self.published.snapshot.send_replace(Arc::new(snapshot));
            if self.published.menu.as_ref() != Some(&menu) {
                self.shell.draw(&menu);
                self.published.menu = Some(menu);
            }
        }
    }

    /// The same moment as the user's clock will show it.
    pub(super) fn on_the_wall(&self, at: OffsetDateTime) -> OffsetDateTime {
        let at = at.checked_add(self.wall_ahead).unwrap_or(at);
        at.to_offset(self.environment.clock.local_offset(at))
    }

    /// End of the portal session, once learned.
    pub(super) fn ends(&self, session: &Session) -> Option<OffsetDateTime> {
        let Auth::SignedIn(signed_in) = &session.auth else {
            return None;
        };
        let seconds = *self.remembered.session_seconds.get(session.name())?;
        signed_in
            .since
            .checked_add(time::Duration::seconds(seconds))
    }

    fn snapshot(&self) -> Snapshot {
        let mut by_name: Vec<&Session> = self.sessions.iter().collect();
        by_name.sort_by(|one, other| one.name().cmp(other.name()));
        Snapshot {
            sessions: self
                .sessions
                .iter()
                .map(|session| self.shown(session))
                .collect(),
            roles: by_name
                .into_iter()
                .flat_map(|session| self.roles(session))
                .collect(),
            codes: self
                .sessions
                .iter()
                .flat_map(|session| self.codes(session))
                .collect(),
            applications: self.sessions.iter().flat_map(applications).collect(),
            kept: self.kept_roles(),
            chained_roles: self.shown_chains(),
            browser: self.settings.browser.clone(),
            settings_problem: self.settings_problem.clone(),
        }
    }

    /// The session as others see it.
    pub(super) fn shown(&self, session: &Session) -> snapshot::Session {
        snapshot::Session {
            name: session.name().to_owned(),
            start_url: session.portal.start_url.url().clone(),
            region: session.portal.region.to_string(),
            state: session.state(),
            until: self.ends(session).map(|end| self.on_the_wall(end)),
            user: self.remembered.users.get(session.name()).cloned(),
            problem: session.standing_problem(),
            console: session.portal.console,
            shares_sign_in: session.portal.share_sign_in,
            sign_in: session
                .sign_in
                .as_ref()
                .map(|one| sign_in(one.flow, one.progress.as_ref())),
            listing: session.listing.running.is_some(),
        }
    }

    fn kept_roles(&self) -> Vec<KeptRole> {
        let mut roles: Vec<KeptRole> = Vec::new();
        for kept in &self.remembered.kept {
            let way = (kept.delivery, kept.profile.clone());
            match roles.iter_mut().find(|role| role.id == kept.role) {
                Some(role) => role.profiles.push(way),
                None => roles.push(KeptRole {
                    id: kept.role.clone(),
                    account_name: self.account_name(&kept.role),
                    profiles: vec![way],
                }),
            }
        }
        roles.sort_by_cached_key(|role| (role.account_name.to_lowercase(), role.id.clone()));
        roles.iter_mut().for_each(|role| role.profiles.sort());
        roles
    }

    /// Name of the role's account; its number where it is not listed.
    pub(super) fn account_name(&self, role: &RoleId) -> String {
        let session = self.sessions.iter().find(|one| one.name() == role.session);
        session
            .and_then(|session| session.catalog.account(&role.account_id))
            .map_or(role.account_id.clone(), |account| account.name.clone())
    }

    fn roles(&self, session: &Session) -> impl Iterator<Item = Role> {
        let chained = &self.settings.chained_roles;
        let accounts = chain::accounts(session.name(), &session.catalog, chained);
        accounts.into_iter().flat_map(move |account| {
            let account = account.into_owned();
            account.roles.into_iter().map(move |role_name| {
                let id = RoleId {
                    session: session.name().to_owned(),
                    account_id: account.id.clone(),
                    role_name,
                };
                Role {
                    account_name: account.name.clone(),
                    favourite: self.remembered.favourites.contains(&id),
                    kept: self.remembered.kept_as(&id, Delivery::Process).is_some(),
                    recent: self
                        .remembered
                        .recents
                        .iter()
                        .position(|recent| *recent == id),
                    id,
                }
            })
        })
    }
}

fn applications(session: &Session) -> impl Iterator<Item = snapshot::Application> {
    let all = session.catalog.applications.iter();
    all.map(|application| snapshot::Application {
        session: session.name().to_owned(),
        id: application.id.clone(),
        name: application.name.clone(),
    })
}

fn sign_in(flow: Flow, progress: Option<&Progress>) -> snapshot::SignIn {
    let phase = if progress.is_some() {
        SignInPhase::Waiting
    } else {
        SignInPhase::Starting
    };
    let mut sign_in = snapshot::SignIn {
        flow,
        phase,
        user_code: None,
        verification_uri: None,
        verification_uri_complete: None,
    };
    if let Some(Progress::DeviceCode {
        verification_uri,
        verification_uri_complete,
        user_code,
    }) = progress
    {
        sign_in.user_code = Some(user_code.clone());
        sign_in.verification_uri = Some(verification_uri.clone());
        sign_in.verification_uri_complete = Some(verification_uri_complete.clone());
    }
    sign_in
}
