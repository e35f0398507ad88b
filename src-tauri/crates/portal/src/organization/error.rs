use serde_json::{Value, json};
use thiserror::Error;

use crate::act::Refusal;

/// Why the organization could not be read or changed.
#[derive(Debug, Error)]
pub enum OrganizationError {
    /// There is no organization yet.
    #[error("Your account is not a member of an organization.")]
    NotInUse,
    /// There is one already.
    #[error("The account is already a member of an organization.")]
    AlreadyInOrganization,
    /// Something that was named does not exist.
    #[error("There is no {} {id}.", .kind.word())]
    NotFound {
        /// What.
        kind: Kind,
        /// As it was named.
        id: String,
    },
    /// Something of this name exists already.
    #[error("There is already {}.", .kind.article_and(.name))]
    Duplicate {
        /// What.
        kind: Kind,
        /// Its name.
        name: String,
    },
    /// A rule of AWS Organizations forbids it.
    #[error("{problem}")]
    Constraint {
        /// One of AWS's `ConstraintViolationExceptionReason`.
        reason: &'static str,
        /// In words.
        problem: String,
    },
    /// A handshake cannot be made.
    #[error("{problem}")]
    HandshakeConstraint {
        /// One of AWS's `HandshakeConstraintViolationExceptionReason`.
        reason: &'static str,
        /// In words.
        problem: String,
    },
    /// What was given cannot be.
    #[error("{field}: {problem}")]
    Invalid {
        /// AWS's name of the parameter.
        field: &'static str,
        /// One of AWS's `InvalidInputExceptionReason`.
        reason: &'static str,
        /// In words.
        problem: String,
    },
    /// A policy's content is not one of its type.
    #[error("The policy is malformed: {0}.")]
    MalformedPolicy(String),
    /// What is there stands in the way, as in deleting a unit that is not empty.
    #[error("{problem}")]
    State {
        /// AWS's exception.
        code: &'static str,
        /// In words.
        problem: String,
    },
    /// The store failed.
    #[error("the store could not be used")]
    Store(#[from] sqlx::Error),
}

/// What can be missing, or exist already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after AWS's exception")]
pub enum Kind {
    Account,
    Child,
    CreateAccountStatus,
    DestinationParent,
    OrganizationalUnit,
    Parent,
    Policy,
    PolicyAttachment,
    ResourcePolicy,
    Root,
    SourceParent,
    Target,
}

impl OrganizationError {
    pub(super) fn missing(kind: Kind, id: &str) -> Self {
        Self::NotFound {
            kind,
            id: id.to_owned(),
        }
    }

    pub(super) fn constraint(reason: &'static str, problem: impl Into<String>) -> Self {
        Self::Constraint {
            reason,
            problem: problem.into(),
        }
    }

    pub(super) fn state(code: &'static str, problem: impl Into<String>) -> Self {
        Self::State {
            code,
            problem: problem.into(),
        }
    }

    pub(super) fn invalid(
        field: &'static str,
        reason: &'static str,
        problem: impl Into<String>,
    ) -> Self {
        Self::Invalid {
            field,
            reason,
            problem: problem.into(),
        }
    }
}

impl Refusal for OrganizationError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotInUse => "AWSOrganizationsNotInUseException",
            Self::AlreadyInOrganization => "AlreadyInOrganizationException",
            Self::NotFound { kind, .. } => kind.missing_code(),
            Self::Duplicate { kind, .. } => kind.duplicate_code(),
            Self::Constraint { .. } => "ConstraintViolationException",
            Self::HandshakeConstraint { .. } => "HandshakeConstraintViolationException",
            Self::Invalid { .. } => "InvalidInputException",
            Self::MalformedPolicy(_) => "MalformedPolicyDocumentException",
            Self::State { code, .. } => code,
            Self::Store(_) => "InternalServerException",
        }
    }

    fn members(&self) -> Value {
        match self {
            Self::Constraint { reason, .. }
            | Self::HandshakeConstraint { reason, .. }
            | Self::Invalid { reason, .. } => json!({ "Reason": reason }),
            _ => Value::Null,
        }
    }
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Child => "account or organizational unit",
            Self::CreateAccountStatus => "request to create an account",
            Self::DestinationParent => "destination parent",
            Self::OrganizationalUnit => "organizational unit",
            Self::Parent => "parent",
            Self::Policy => "policy",
            Self::PolicyAttachment => "attachment",
            Self::ResourcePolicy => "resource policy of organization",
            Self::Root => "root",
            Self::SourceParent => "source parent",
            Self::Target => "target",
        }
    }

    fn article_and(self, name: &str) -> String {
        let article = if self.word().starts_with(['a', 'o']) {
            "an"
        } else {
            "a"
        };
        format!("{article} {} {name}", self.word())
    }

    fn missing_code(self) -> &'static str {
        match self {
            Self::Account => "AccountNotFoundException",
            Self::Child => "ChildNotFoundException",
            Self::CreateAccountStatus => "CreateAccountStatusNotFoundException",
            Self::DestinationParent => "DestinationParentNotFoundException",
            Self::OrganizationalUnit => "OrganizationalUnitNotFoundException",
            Self::Parent => "ParentNotFoundException",
            Self::Policy => "PolicyNotFoundException",
            Self::PolicyAttachment => "PolicyNotAttachedException",
            Self::ResourcePolicy => "ResourcePolicyNotFoundException",
            Self::Root => "RootNotFoundException",
            Self::SourceParent => "SourceParentNotFoundException",
            Self::Target => "TargetNotFoundException",
        }
    }

    fn duplicate_code(self) -> &'static str {
        match self {
            Self::Account => "DuplicateAccountException",
            Self::OrganizationalUnit => "DuplicateOrganizationalUnitException",
            Self::PolicyAttachment => "DuplicatePolicyAttachmentException",
            _ => "DuplicatePolicyException",
        }
    }
}
