use std::fmt;

use sqlx::AnyConnection;

use super::AccessError;
use crate::check::{self, Invalid, Pattern};

static ID: Pattern = Pattern::new(
    "([0-9a-f]{10}-|)[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}",
);

/// Who is assigned something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// A user, by id.
    User(String),
    /// A group, by id.
    Group(String),
}

impl Principal {
    /// Reads AWS's `principalType` and `principalId`.
    ///
    /// # Errors
    /// Refuses any other type, and what is no id.
    pub fn parse(kind: &str, id: &str) -> Result<Self, Invalid> {
        check::one_of("principalType", kind, &["USER", "GROUP"])?;
        check::length("principalId", id, 1..=47)?;
        ID.check("principalId", id)?;
        Ok(Self::of(kind, id.to_owned()))
    }

    /// Its kind, `USER` or `GROUP`, and its id.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::User(id) => ("USER", id),
            Self::Group(id) => ("GROUP", id),
        }
    }

    /// As its columns hold it.
    pub(crate) fn of(kind: &str, id: String) -> Self {
        match kind {
            "USER" => Self::User(id),
            _ => Self::Group(id),
        }
    }

    /// Refuses one that the directory does not have.
    pub(crate) async fn need(&self, db: &mut AnyConnection) -> Result<(), AccessError> {
        let (kind, id) = self.parts();
        let statement = match self {
            Self::User(_) => "SELECT id FROM users WHERE id = $1",
            Self::Group(_) => "SELECT id FROM groups WHERE id = $1",
        };
        let found: Option<String> = sqlx::query_scalar(statement)
            .bind(id)
            .fetch_optional(db)
            .await?;
        match found {
            Some(_) => Ok(()),
            None => Err(AccessError::no(kind, id)),
        }
    }
}

/// `GROUP/…`: where it stands in a listing.
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, id) = self.parts();
        write!(f, "{kind}/{id}")
    }
}
