use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::{Portal, access::RoleSession, clock, seal::SealError};

const SIGNIN_TOKEN: &str = "console sign-in token";
const COOKIE: &str = "console session";

/// The lengths a console session may be asked to have.
const DURATIONS: std::ops::RangeInclusive<i64> = 900..=43_200;

/// Someone in a console: as whom, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConsoleSession {
    pub(super) role: RoleSession,
    /// Epoch milliseconds.
    pub(super) expires_at: i64,
    /// Where it was opened; set when the sign-in token is spent.
    pub(super) destination: String,
}

#[derive(Serialize, Deserialize)]
struct SigninToken {
    session: ConsoleSession,
    valid_until: i64,
}

/// Why a session cannot have the length asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum DurationError {
    #[error("SessionDuration must be a number of seconds from 900 to 43200")]
    Range,
    #[error("SessionDuration cannot be given for credentials of role chaining")]
    Chained,
}

impl ConsoleSession {
    /// A session that ends with the credentials it comes from.
    pub(super) fn new(role: RoleSession, expires_at: OffsetDateTime) -> Self {
        Self {
            role,
            expires_at: clock::millis(expires_at),
            destination: String::new(),
        }
    }

    /// The same, ending after `SessionDuration` as a client sent it.
    pub(super) fn lasting(self, asked: &str, now: OffsetDateTime) -> Result<Self, DurationError> {
        let seconds = asked
            .parse::<i64>()
            .ok()
            .filter(|seconds| DURATIONS.contains(seconds));
        let seconds = seconds.ok_or(DurationError::Range)?;
        if self.role.chained {
            return Err(DurationError::Chained);
        }
        Ok(Self {
            expires_at: clock::millis(now + Duration::seconds(seconds)),
            ..self
        })
    }

    /// When it ends.
    pub(super) fn expires_at(&self) -> OffsetDateTime {
        clock::from_millis(self.expires_at)
    }

    /// The token that opens it, for a quarter of an hour. A secret.
    pub(super) fn into_signin_token(self, portal: &Portal) -> Result<String, SealError> {
        let valid_until = clock::millis(portal.now() + portal.config().lifetimes.signin_token);
        portal.seal().seal(
            SIGNIN_TOKEN,
            &SigninToken {
                session: self,
                valid_until,
            },
        )
    }

    /// The session a sign-in token opens, while it does.
    pub(super) fn from_signin_token(portal: &Portal, token: &str) -> Option<Self> {
        let token: SigninToken = portal.seal().open(SIGNIN_TOKEN, token).ok()?;
        let now = clock::millis(portal.now());
        (now < token.valid_until && now < token.session.expires_at).then_some(token.session)
    }

    /// As the console's cookie holds it.
    pub(super) fn to_cookie(&self, portal: &Portal) -> Result<String, SealError> {
        portal.seal().seal(COOKIE, self)
    }

    /// The session of the console's cookie, while it lasts.
    pub(super) fn from_cookie(portal: &Portal, cookie: &str) -> Option<Self> {
        let session: Self = portal.seal().open(COOKIE, cookie).ok()?;
        (clock::millis(portal.now()) < session.expires_at).then_some(session)
    }
}
