use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

use serde_json::json;
use thiserror::Error;

use super::{
    Declaration, DeclarationError, access, applications, organization, policies, principals, roles,
    services, settings, tokens,
};
use crate::{
    Portal,
    access::AccessError,
    act::{Act, Actor, Refusal},
    admin::Authority,
    audit::{self, Event},
    directory::DirectoryError,
    mfa::MfaError,
    organization::OrganizationError,
    settings::SettingsError,
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
    /// It names something that must be in it, and is not.
    #[error("{subject} names the {kind} {name:?}, which the file does not declare")]
    Undeclared {
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
    /// Something in it is refused.
    #[error("{subject}: {problem}")]
    Refused {
        /// What, as in `user ana`.
        subject: String,
        /// Why.
        problem: String,
    },
    /// The store failed.
    #[error("the store could not be changed")]
    Store(#[from] sqlx::Error),
}

/// One thing that was done, or would be.
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

/// What can be pruned: taken away where the file does not name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are the parts of a declaration")]
pub enum Kind {
    Units,
    Accounts,
    Policies,
    Users,
    Groups,
    PermissionSets,
    TokenIssuers,
    Applications,
    Roles,
}

/// How to apply.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether to find out what would change, and change nothing.
    pub plan: bool,
    /// What to take away where the file does not name it. The management account always stays.
    pub prune: BTreeSet<Kind>,
}

/// An application under way.
pub(super) struct Application<'a, 'b> {
    pub(super) declaration: &'a Declaration,
    pub(super) act: &'a mut Act<'b>,
    pub(super) prune: &'a BTreeSet<Kind>,
    /// The ids of users and groups, by the keys of their names.
    pub(super) users: HashMap<String, String>,
    pub(super) groups: HashMap<String, String>,
    changes: Vec<Change>,
}

impl Application<'_, '_> {
    pub(super) fn changed(&mut self, sign: char, subject: impl Into<String>) {
        self.changes.push(Change {
            sign,
            subject: subject.into(),
        });
    }

    pub(super) fn prunes(&self, kind: Kind) -> bool {
        self.prune.contains(&kind)
    }
}

/// What was done, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// What it took: nothing, the second time.
    pub changes: Vec<Change>,
    /// The management account, if something changed and nobody is left who may administer the
    /// portal by a permission set there.
    pub nobody_in: Option<String>,
}

/// Brings the portal to what `declaration` says, whole or not at all.
pub async fn apply(
    portal: &Portal,
    declaration: &Declaration,
    options: &Options,
) -> Result<Applied, ApplyError> {
    let actor = Actor::machine();
    let mut act = Act::begin(portal, &actor).await?;
    let mut application = Application {
        declaration,
        act: &mut act,
        prune: &options.prune,
        users: HashMap::new(),
        groups: HashMap::new(),
        changes: Vec::new(),
    };
    let applied = all(&mut application).await;
    let changes = application.changes;
    match applied {
        Ok(()) => {
            let nobody_in = match changes.is_empty() || Authority::has_holder(act.db()).await? {
                true => None,
                false => Some(portal.instance().owner_account_id(act.db()).await?),
            };
            // Without a commit it has not happened.
            if !options.plan {
                act.commit().await?;
            }
            Ok(Applied { changes, nobody_in })
        }
        Err(error) => {
            drop(act);
            if !options.plan {
                let event = Event::new(EVENT_SOURCE, "ApplyDeclaration")
                    .by(&actor.identity)
                    .parameters(json!({ "prune": format!("{:?}", options.prune) }))
                    .refused("ValidationException", &error.to_string());
                audit::record(portal, &actor.client, event).await?;
            }
            Err(error)
        }
    }
}

/// What the audit trail calls a declaration that was refused as a whole.
const EVENT_SOURCE: &str = "sso.amazonaws.com";

async fn all(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    settings::apply(to).await?;
    organization::apply(to).await?;
    policies::apply(to).await?;
    services::apply(to).await?;
    principals::apply(to).await?;
    access::apply(to).await?;
    tokens::issuers(to).await?;
    applications::apply(to).await?;
    tokens::apply(to).await?;
    roles::apply(to).await?;
    // Only now: nothing can be assigned in a closed account.
    organization::close(to).await
}

/// Says about what a refusal of the domain is.
pub(super) trait About<T> {
    fn about(self, subject: impl FnOnce() -> String) -> Result<T, ApplyError>;
}

macro_rules! about {
    ($error:ident) => {
        impl<T> About<T> for Result<T, $error> {
            fn about(self, subject: impl FnOnce() -> String) -> Result<T, ApplyError> {
                self.map_err(|error| match error {
                    $error::Store(error) => ApplyError::Store(error),
                    error => ApplyError::Refused {
                        subject: subject(),
                        problem: format!("{error} ({})", error.code()),
                    },
                })
            }
        }
    };
}

about!(OrganizationError);
about!(DirectoryError);
about!(AccessError);
about!(MfaError);
about!(SettingsError);
