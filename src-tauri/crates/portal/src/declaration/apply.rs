use std::fmt;

use thiserror::Error;
use time::OffsetDateTime;

use super::{Declaration, DeclarationError, principals, roles};
use crate::{
    Portal,
    act::{Act, Actor},
    directory::DirectoryError,
    organization::{self, KnownAccount, OrganizationError, Put},
};

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
    /// The directory refused a user or a group.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The organization cannot be so.
    #[error(transparent)]
    Organization(#[from] OrganizationError),
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
pub(super) struct Application<'a, 'b> {
    pub(super) declaration: &'a Declaration,
    pub(super) act: &'a mut Act<'b>,
    pub(super) now: OffsetDateTime,
    changes: Vec<Change>,
}

impl Application<'_, '_> {
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
    let actor = Actor::machine();
    let mut act = Act::begin(portal, &actor).await?;
    let mut application = Application {
        declaration,
        now: act.now(),
        act: &mut act,
        changes: Vec::new(),
    };
    accounts(&mut application).await?;
    principals::apply(&mut application).await?;
    roles::apply(&mut application).await?;
    let changes = application.changes;
    act.commit().await?;
    Ok(changes)
}

async fn accounts(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    if to.declaration.accounts.is_empty() {
        return Ok(());
    }
    let root_id = organization::ensure_organization(to.act).await?.root_id;
    for account in &to.declaration.accounts {
        let parent_id = match &account.unit {
            Some(path) => unit(to, &root_id, path).await?,
            None => root_id.clone(),
        };
        let wanted = KnownAccount {
            id: &account.id,
            name: &account.name,
            email: &account.email,
            is_management: account.management,
            parent_id: &parent_id,
        };
        match organization::put_account(to.act, &wanted).await? {
            Put::Same => {}
            Put::Added => to.changed('+', format!("account {} {}", account.id, account.name)),
            Put::Changed => to.changed('~', format!("account {} {}", account.id, account.name)),
        }
    }
    Ok(())
}

/// The id of the unit with this path, whose missing parts are created.
async fn unit(
    to: &mut Application<'_, '_>,
    root_id: &str,
    path: &str,
) -> Result<String, ApplyError> {
    let mut parent = root_id.to_owned();
    let mut created = false;
    for name in path.split('/') {
        let above = (parent != root_id).then_some(parent.as_str());
        let found = organization::unit_named(to.act.db(), above, name).await?;
        parent = match found {
            Some(unit) => unit.id,
            None => {
                created = true;
                organization::create_unit(to.act, &parent, name, &[])
                    .await?
                    .id
            }
        };
    }
    if created {
        to.changed('+', format!("organizational unit {path}"));
    }
    Ok(parent)
}
