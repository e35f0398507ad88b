use std::fmt;

use sqlx::AnyConnection;
use thiserror::Error;
use time::OffsetDateTime;

use super::{Account, Declaration, DeclarationError, principals, roles};
use crate::{Portal, organization, store};

/// Why a declaration could not be applied; then nothing of it was.
#[derive(Debug, Error)]
pub enum ApplyError {
    /// It names something that is neither in it nor in the store.
    #[error("{subject} names the {kind} {name:?}, which does not exist")]
    Unknown {
        /// What names it.
        subject: String,
        /// What kind of thing is missing.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// It is not a declaration.
    #[error(transparent)]
    Invalid(#[from] DeclarationError),
    /// The store failed.
    #[error("the store could not be changed")]
    Store(#[from] sqlx::Error),
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `+` created, `~` changed, `-` taken away.
    pub sign: char,
    /// What, as in `user storage`.
    pub subject: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.sign, self.subject)
    }
}

/// An application under way.
pub(super) struct Application<'a> {
    pub(super) declaration: &'a Declaration,
    pub(super) db: &'a mut AnyConnection,
    pub(super) now: OffsetDateTime,
    changes: Vec<Change>,
}

impl Application<'_> {
    pub(super) fn changed(&mut self, sign: char, subject: impl Into<String>) {
        self.changes.push(Change {
            sign,
            subject: subject.into(),
        });
    }
}

/// Brings the store to what `declaration` says, whole or not at all, and returns what that took:
/// nothing, the second time.
pub async fn apply(portal: &Portal, declaration: &Declaration) -> Result<Vec<Change>, ApplyError> {
    let mut db = store::write(portal.pool()).await?;
    let mut application = Application {
        declaration,
        db: &mut db,
        now: portal.now(),
        changes: Vec::new(),
    };
    accounts(&mut application).await?;
    principals::apply(&mut application).await?;
    roles::apply(&mut application).await?;
    let changes = application.changes;
    db.commit().await?;
    Ok(changes)
}

async fn accounts(to: &mut Application<'_>) -> Result<(), ApplyError> {
    for account in &to.declaration.accounts {
        let unit_id = match &account.unit {
            Some(path) => Some(unit(to, path).await?),
            None => None,
        };
        let wanted = wanted(account, unit_id);
        let found = organization::account(to.db, &account.id).await?;
        let sign = match found {
            Some(found) if found == wanted => continue,
            Some(_) => '~',
            None => '+',
        };
        organization::put_account(to.db, to.now, &wanted).await?;
        to.changed(sign, format!("account {} {}", account.id, account.name));
    }
    Ok(())
}

async fn unit(to: &mut Application<'_>, path: &str) -> Result<String, ApplyError> {
    if let Some(id) = organization::unit_by_path(to.db, path).await? {
        return Ok(id);
    }
    let id = organization::put_unit(to.db, to.now, path).await?;
    to.changed('+', format!("organizational unit {path}"));
    Ok(id)
}

fn wanted(account: &Account, unit_id: Option<String>) -> organization::Account {
    organization::Account {
        id: account.id.clone(),
        name: account.name.clone(),
        email: account.email.clone(),
        is_management: account.management,
        unit_id,
    }
}
