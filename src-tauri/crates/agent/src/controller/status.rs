//! What `vestibule status` shows: where every session and every kept role stands.

use ipc::message::{
    Code, Delivery, EndpointOverrides, Failure, KeptStatus, Response, SessionState, SessionStatus,
    Way,
};
use time::OffsetDateTime;
use url::Url;

use super::Controller;
use super::session::{Auth, Session};
use crate::failure::{self, failure};
use crate::remembered::Kept;
use crate::shell::Shell;
use crate::snapshot;

impl<S: Shell> Controller<S> {
    /// The state of everything.
    pub(super) fn status(&self) -> Response {
        let sessions = self.sessions.iter().map(|one| self.session_status(one));
        let kept = self.remembered.kept.iter().map(|one| self.kept_status(one));
        Response::Status {
            sessions: sessions.collect(),
            kept: kept.collect(),
        }
    }

    /// Where a session stands.
    pub(super) fn session_status(&self, session: &Session) -> SessionStatus {
        let snapshot::Session {
            name,
            start_url,
            region,
            state,
            until,
            user,
            problem,
            ..
        } = self.shown(session);
        let refreshed = match &session.auth {
            Auth::SignedIn(signed_in) => Some(signed_in.alive),
            _ => None,
        };
        SessionStatus {
            name,
            start_url,
            region,
            state,
            until,
            refreshed: refreshed.map(|at| self.on_the_wall(at)),
            next: self.next_refresh(session).map(|at| self.on_the_wall(at)),
            user,
            problem,
            endpoints: endpoints(session),
        }
    }

    /// When the session is renewed next, or tried again after a failure.
    fn next_refresh(&self, session: &Session) -> Option<OffsetDateTime> {
        matches!(session.auth, Auth::SignedIn(_)).then_some(())?;
        session.trouble.retry.or_else(|| self.token_due(session))
    }

    fn kept_status(&self, kept: &Kept) -> KeptStatus {
        let role = &kept.role;
        let session = self.session_at(&role.session).map(|at| &self.sessions[at]);
        let account = session.and_then(|session| session.catalog.account(&role.account_id));
        // By a profile of AWS's own kind, the tools fetch credentials themselves.
        let renewed = session.filter(|_| kept.delivery != Delivery::SsoSession);
        let held = renewed.and_then(|session| session.held.get(role));
        KeptStatus {
            session: role.session.clone(),
            account_id: role.account_id.clone(),
            account_name: account.map(|account| account.name.clone()),
            role_name: role.role_name.clone(),
            way: match kept.delivery {
                Delivery::Process => Way::CredentialProcess,
                Delivery::SsoSession => Way::SsoSession,
                Delivery::StaticKeys => Way::StaticKeys,
            },
            profile: kept.profile.clone(),
            file: kept.config_file.clone(),
            expires: held.map(|held| held.credentials.expiration),
            next: renewed.and_then(|session| self.next_renewal(session, kept)),
            problem: match session {
                Some(session) => kept_problem(session, kept),
                None => Some(failure::no_such_session(&role.session, &self.names())),
            },
        }
    }

    fn next_renewal(&self, session: &Session, kept: &Kept) -> Option<OffsetDateTime> {
        matches!(session.auth, Auth::SignedIn(_)).then_some(())?;
        let due = self.renewal_due(session, &kept.role);
        due.max(session.trouble.retry)
    }
}

/// Where AWS's tools find the session's services, as far as they cannot tell themselves.
fn endpoints(session: &Session) -> EndpointOverrides {
    let all = &session.remote.endpoints;
    let set = &session.portal.endpoints;
    let outside = !session.portal.start_url.is_aws();
    let told = |set: &Option<Url>, url: &Url| (outside || set.is_some()).then(|| url.clone());
    EndpointOverrides {
        sso_oidc: told(&set.oidc, &all.oidc),
        sso: told(&set.portal, &all.portal),
        sts: told(&set.sts, &all.sts),
    }
}

/// Why the role is not refreshed.
fn kept_problem(session: &Session, kept: &Kept) -> Option<Failure> {
    let role = &kept.role;
    if let Some(failure) = session.codes_barred.get(role) {
        return Some(failure.clone());
    }
    if session.refused.contains_key(role) {
        return Some(failure(
            Code::AccessDenied,
            "The portal refuses this role.",
            format!(
                "Ask whoever manages access for it, or run: vestibule keep {} {} --remove",
                role.account_id, role.role_name
            ),
        ));
    }
    match session.state() {
        SessionState::SignedIn => session.standing_problem(),
        SessionState::SigningIn => None,
        SessionState::SignedOut | SessionState::Expired => {
            Some(failure::sign_in_needed(session.name()))
        }
    }
}
