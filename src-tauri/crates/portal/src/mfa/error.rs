use thiserror::Error;

use super::TotpError;
use crate::{act, seal::SealError};

/// Why nothing was done about factors.
#[derive(Debug, Error)]
pub enum MfaError {
    /// What was asked for does not go.
    #[error("{field}: {problem}")]
    Invalid {
        /// What is wrong, in AWS's name.
        field: &'static str,
        /// What is wrong with it, as a sentence.
        problem: &'static str,
    },
    /// The user has no such factor.
    #[error("the user has no such factor")]
    NotFound,
    /// The user has as many factors as a user may have.
    #[error("the user has eight factors already")]
    TooMany,
    /// It is the user's only one, and nobody without one is let in.
    #[error("it is the user's only factor, and the portal lets nobody in without one")]
    LastFactor,
    /// Somebody has added this security key already.
    #[error("this security key was added before")]
    Known,
    /// The code, or the security key's answer, does not fit.
    #[error("the factor was not proved: {0}")]
    NotProved(String),
    /// The portal's address is not one that security keys can be bound to.
    #[error("security keys need a portal whose address is a name")]
    Nameless,
    /// The authenticator app's secret.
    #[error(transparent)]
    Totp(#[from] TotpError),
    /// A stored secret could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl act::Refusal for MfaError {
    fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } | Self::Nameless => "ValidationException",
            Self::NotFound => "ResourceNotFoundException",
            Self::TooMany => "ServiceQuotaExceededException",
            Self::LastFactor | Self::Known => "ConflictException",
            Self::NotProved(_) => "AccessDeniedException",
            Self::Totp(_) | Self::Seal(_) | Self::Store(_) => "InternalServerException",
        }
    }
}
