//! Telling a portal that its session is over.

use std::time::Duration;

use secrecy::SecretString;
use sso::oidc::{self, Registration};
use sso::portal;

use super::Controller;
use super::session::{Auth, Remote};
use crate::shell::Shell;

/// How long a portal that does not answer is told so: a sign-in waits for it.
const LIMIT: Duration = Duration::from_secs(10);

/// Why a portal could not be told.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// There is no access token to say it with.
    #[error(transparent)]
    Renewal(#[from] oidc::Error),
    /// It was told, and did not take it.
    #[error(transparent)]
    Logout(#[from] portal::Error),
}

/// A session that is to end at its portal, with what that takes.
pub(super) struct Farewell {
    remote: Remote,
    access_token: Option<SecretString>,
    renewing: Option<(Registration, SecretString)>,
}

impl<S: Shell> Controller<S> {
    /// What it takes to end the session at its portal; `None` where nobody is signed in.
    pub(super) fn farewell(&self, at: usize) -> Option<Farewell> {
        let session = &self.sessions[at];
        let Auth::SignedIn(signed_in) = &session.auth else {
            return None;
        };
        let now = self.now();
        let access = signed_in.access.as_ref();
        let registration = session.registration();
        Some(Farewell {
            remote: session.remote.clone(),
            access_token: access
                .filter(|access| access.expires > now)
                .map(|access| access.token.clone()),
            renewing: registration.cloned().zip(signed_in.refresh_token.clone()),
        })
    }
}

impl Farewell {
    /// Ends the session. A portal that cannot be told ends it by itself, later.
    pub(super) async fn say(self) {
        let session = self.remote.config.name.clone();
        match tokio::time::timeout(LIMIT, self.tell()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(session, %error, "the portal was not told of the sign-out");
            }
            Err(_) => tracing::warn!(session, "the portal was not told of the sign-out in time"),
        }
    }

    async fn tell(self) -> Result<(), Error> {
        let Remote {
            http,
            endpoints,
            portal,
            ..
        } = &self.remote;
        let token = match (self.access_token, self.renewing) {
            (Some(token), _) => token,
            (None, Some((registration, token))) => {
                let renewed = oidc::refresh(http, endpoints, &registration, &token);
                renewed.await?.access_token
            }
            (None, None) => return Ok(()),
        };
        Ok(portal.logout(&token).await?)
    }
}
