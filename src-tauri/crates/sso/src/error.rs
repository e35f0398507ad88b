//! What a failure means to whoever must act on it.

use std::fmt;
use std::time::Duration;

/// The meaning of a failure, the same for every part of this crate.
///
/// Each module has an error of its own, with the operation, its subject and the source; their
/// `kind()` is what a caller decides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No answer came from the host.
    Unreachable(Unreachable),
    /// The access token is dead: expired, revoked or of another region (HTTP 401).
    Unauthorized,
    /// The user may not do this, for example take a role that is not assigned (HTTP 403).
    Forbidden,
    /// What was asked for is not there (HTTP 404).
    NotFound,
    /// Too many requests (HTTP 429); the server may have said how long to wait.
    Throttled {
        /// The `Retry-After` of the answer.
        retry_after: Option<Duration>,
    },
    /// The server failed (HTTP 5xx).
    ServerFault,
    /// The answer is not one this service gives: another server, a captive portal, a proxy.
    Protocol,
    /// The server did not accept the request as it was made (HTTP 400).
    Rejected,
    /// The portal does not know this start URL: mistyped, or its home is another region.
    UnknownPortal,
    /// The refresh token or code is no longer good: sign in again.
    InvalidGrant,
    /// The registration is unknown to the portal or has expired: register again.
    InvalidClient,
    /// The device code expired before anyone approved it.
    Expired,
    /// The user, or a rule of the portal, refused the sign-in.
    AccessDenied,
    /// Nobody finished the sign-in in the browser within the time limit.
    TimedOut,
    /// This computer refused: no port could be opened, or no HTTP client set up.
    Local,
}

impl Kind {
    /// Whether the same request may succeed a moment later, with nothing changed.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Throttled { .. }
                | Self::ServerFault
                | Self::Unreachable(Unreachable::TimedOut | Unreachable::Interrupted)
        )
    }
}

/// Why no answer came from a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// Its name has no address, or the name service did not answer.
    UnknownHost,
    /// Nothing listens there, or the way there is closed.
    Refused,
    /// No trusted encrypted connection could be made.
    Tls,
    /// A proxy on the way wants a user name and a password.
    ProxyAuthentication,
    /// No answer within the time limit.
    TimedOut,
    /// The connection ended in the middle.
    Interrupted,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownHost => "its name was not found",
            Self::Refused => "the connection was refused",
            Self::Tls => "no trusted connection could be made",
            Self::ProxyAuthentication => {
                "the proxy on the way wants a user name and a password that it knows"
            }
            Self::TimedOut => "it did not answer in time",
            Self::Interrupted => "the connection was interrupted",
        })
    }
}
