//! Sign-in: the OIDC service of Identity Center, carried by `oauth2` where it is OAuth.
//!
//! [`register()`] once, then sign in with [`pkce`] or [`device`], then [`refresh`] until the
//! portal session ends.

pub mod device;
mod dialect;
mod identity;
pub mod pkce;
mod register;
mod token;

use std::{fmt, io};

use crate::error::Kind;
use crate::http;

pub use register::{Grant, Registration, register};
pub use token::{Tokens, refresh};

/// The scope that lets a token list accounts and take roles.
pub const SCOPE: &str = "sso:account:access";

/// What was asked of the OIDC service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// RegisterClient.
    Register,
    /// StartDeviceAuthorization.
    StartDeviceAuthorization,
    /// CreateToken with a device code.
    PollDevice,
    /// CreateToken with the code the browser brought.
    ExchangeCode,
    /// CreateToken with a refresh token.
    Refresh,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Register => "registering with the portal",
            Self::StartDeviceAuthorization => "asking the portal for a device code",
            Self::PollDevice => "waiting for the device code to be approved",
            Self::ExchangeCode => "finishing the sign-in",
            Self::Refresh => "renewing the sign-in",
        })
    }
}

/// Why a sign-in, or a step of it, failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No usable answer, or an error that OAuth does not know.
    #[error("{operation} failed")]
    Failed {
        /// What was asked.
        operation: Operation,
        /// What came instead of an answer.
        source: http::Error,
    },
    /// The service refused in OAuth's words.
    #[error("{operation} was refused: {}", .description.as_deref().unwrap_or(.code))]
    Refused {
        /// What was asked.
        operation: Operation,
        /// The OAuth error code, such as `invalid_grant` (RFC 6749 section 5.2, RFC 8628
        /// section 3.5).
        code: String,
        /// What the service says about it.
        description: Option<String>,
    },
    /// The answer is not one that the service gives. It is never quoted: it may hold a token.
    #[error("{operation} failed: the answer could not be understood")]
    NotUnderstood {
        /// What was asked.
        operation: Operation,
    },
    /// No port could be opened for the browser to return to.
    #[error("this computer gave no port for the browser to return to")]
    Listen(#[source] io::Error),
    /// The browser came back with a refusal.
    #[error("the sign-in was refused in the browser{}", .description.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
    Denied {
        /// The OAuth error code, such as `access_denied` (RFC 6749 section 4.1.2.1).
        code: String,
        /// What the service says about it.
        description: Option<String>,
    },
    /// Nobody came back from the browser.
    #[error("nobody finished the sign-in in the browser in time")]
    TimedOut,
}

impl Error {
    /// What this means to the caller.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Failed { operation, source } => match source {
                http::Error::Refused(refusal)
                    if operation.names_the_portal()
                        && refusal.code == "InvalidRequestException" =>
                {
                    Kind::UnknownPortal
                }
                _ => source.kind(),
            },
            Self::Refused {
                operation, code, ..
            } => match code.as_str() {
                "invalid_grant" => Kind::InvalidGrant,
                "invalid_client" | "unauthorized_client" => Kind::InvalidClient,
                "expired_token" => Kind::Expired,
                "access_denied" => Kind::AccessDenied,
                "invalid_request" if operation.names_the_portal() => Kind::UnknownPortal,
                _ => Kind::Rejected,
            },
            Self::NotUnderstood { .. } => Kind::Protocol,
            Self::Listen(_) => Kind::Local,
            Self::Denied { .. } => Kind::AccessDenied,
            Self::TimedOut => Kind::TimedOut,
        }
    }
}

impl Operation {
    /// Whether the start URL stands in the request: then a refusal most likely means that the
    /// portal is not known there.
    fn names_the_portal(self) -> bool {
        matches!(self, Self::Register | Self::StartDeviceAuthorization)
    }
}

#[cfg(test)]
mod tests;
