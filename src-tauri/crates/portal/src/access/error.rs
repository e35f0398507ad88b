use thiserror::Error;

use crate::{act::Refusal, check::Invalid};

/// Why an act on permission sets, assignments or applications was refused.
#[derive(Debug, Error)]
pub enum AccessError {
    /// Something it names does not exist.
    #[error("{0}")]
    NotFound(String),
    /// It does not go with what is there.
    #[error("{0}")]
    Conflict(String),
    /// There are as many as there may be.
    #[error("{0}")]
    Quota(String),
    /// A value is not what it may be.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
}

impl AccessError {
    /// There is no `kind` with this id.
    pub(crate) fn no(kind: &str, id: &str) -> Self {
        Self::NotFound(format!("Could not find {kind} with id {id}"))
    }
}

impl Refusal for AccessError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "ResourceNotFoundException",
            Self::Conflict(_) => "ConflictException",
            Self::Quota(_) => "ServiceQuotaExceededException",
            Self::Invalid(_) => "ValidationException",
            Self::Store(_) => "InternalServerException",
        }
    }
}
