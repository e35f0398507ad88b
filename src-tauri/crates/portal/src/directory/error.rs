use serde_json::{Value, json};
use thiserror::Error;

use crate::{act::Refusal, check::Invalid};

/// A kind of thing in the directory, in AWS's spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A user.
    User,
    /// A group.
    Group,
    /// A membership of a user in a group.
    GroupMembership,
    /// The directory itself.
    IdentityStore,
}

impl Kind {
    /// `USER`, `GROUP`, `GROUP_MEMBERSHIP` or `IDENTITY_STORE`.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Group => "GROUP",
            Self::GroupMembership => "GROUP_MEMBERSHIP",
            Self::IdentityStore => "IDENTITY_STORE",
        }
    }
}

/// Why the directory refused an act.
#[derive(Debug, Error)]
pub enum DirectoryError {
    /// There is no such thing.
    #[error("{} not found.", .kind.name())]
    NotFound {
        /// What kind of thing.
        kind: Kind,
        /// By what it was sought.
        id: String,
    },
    /// Another has this already, which must be unique.
    #[error("Duplicate {0}")]
    Duplicate(&'static str),
    /// The user is a member already.
    #[error("Member and Group relationship already exists.")]
    Member,
    /// It is not the revision that was to be changed.
    #[error("The resource has been changed since revision {0}.")]
    Changed(String),
    /// A value is not what it may be.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// An attribute does not exist, or has another form.
    #[error("{attribute}: {problem}")]
    Attribute {
        /// Its path, as given.
        attribute: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
}

impl DirectoryError {
    pub(crate) fn no(kind: Kind, id: &str) -> Self {
        let id = id.to_owned();
        Self::NotFound { kind, id }
    }
}

impl Refusal for DirectoryError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "ResourceNotFoundException",
            Self::Duplicate(_) | Self::Member | Self::Changed(_) => "ConflictException",
            Self::Invalid(_) | Self::Attribute { .. } => "ValidationException",
            Self::Store(_) => "InternalServerException",
        }
    }

    fn members(&self) -> Value {
        match self {
            Self::NotFound { kind, id } => {
                json!({ "ResourceType": kind.name(), "ResourceId": id })
            }
            Self::Duplicate(_) | Self::Member => {
                json!({ "Reason": "UNIQUENESS_CONSTRAINT_VIOLATION" })
            }
            Self::Changed(_) => json!({ "Reason": "CONCURRENT_MODIFICATION" }),
            Self::Invalid(_) | Self::Attribute { .. } | Self::Store(_) => Value::Null,
        }
    }
}
