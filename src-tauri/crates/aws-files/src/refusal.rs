//! Why a document stays as it is.

use crate::reading::{Problem, Reason};

/// A change that would take something from the user, or that AWS's tools would misread. The
/// document's path is the caller's to name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The user's own section has that name.
    #[error("line {line} already defines [{header}]")]
    Taken {
        /// Line of the section, from 1.
        line: usize,
        /// Its header.
        header: String,
    },
    /// The user's `[sso-session]` of that name is of another portal.
    #[error("line {line} defines the sso-session {name} for another portal or region")]
    OtherSession {
        /// Line of the section, from 1.
        line: usize,
        /// Name of the sso-session.
        name: String,
    },
    /// The credentials file has keys under that name, which AWS's tools prefer.
    #[error("line {line} of the credentials file has keys for the profile {name}")]
    Shadowed {
        /// Line of the section in the credentials file, from 1.
        line: usize,
        /// The profile.
        name: String,
    },
    /// Something the user wrote would be lost or change its meaning.
    #[error("line {line} was added to the lines Vestibule keeps for {name}")]
    Stray {
        /// The line in the way, from 1.
        line: usize,
        /// The profile or sso-session.
        name: String,
    },
    /// AWS's tools would not all read a profile or sso-session of that name.
    #[error("{name:?} cannot be the name of a profile")]
    Name {
        /// The name as given.
        name: String,
    },
    /// No quoting makes every tool read this text back.
    #[error("{text:?} cannot be written down for AWS's tools")]
    Unwritable {
        /// The path, name or value.
        text: String,
    },
    /// Nobody can tell what the lines mean; AWS's tools do not read the file either.
    #[error("{0}")]
    Unreadable(#[from] Problem),
}

impl Refusal {
    /// What the user can do about it.
    #[must_use]
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Taken { .. } | Self::Shadowed { .. } => {
                "Choose another name with --profile, or remove that section yourself."
            }
            Self::OtherSession { .. } => "Rename or remove that section, then try again.",
            Self::Stray { .. } => "Move that line into a section of your own, then try again.",
            Self::Name { .. } => "Use letters, digits and any of - _ . / + @ % in the name.",
            Self::Unwritable { .. } => {
                "Use plainer names: without quotes, line breaks or spaces at the ends."
            }
            Self::Unreadable(Problem {
                reason: Reason::NotText,
                ..
            }) => "Save the file as UTF-8, then try again.",
            Self::Unreadable(_) => "Correct that line, then try again.",
        }
    }
}
