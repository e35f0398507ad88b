//! A portal declared in a TOML file, applied again and again.
//!
//! What the file names is created, or changed to what the file says. What it does not name is left
//! alone, unless its [`Kind`] is to be pruned, with exceptions: the members of a group it names,
//! the assignments of a permission set or an application it names, that application's grants,
//! scopes and actor policy, and what a policy it names is attached to, are exactly those of the
//! file. Secrets are never in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

mod access;
mod applications;
mod apply;
mod check;
mod export;
mod model;
mod organization;
mod policies;
mod principals;
mod roles;
mod services;
mod settings;
mod tokens;

pub use apply::{Applied, ApplyError, Change, Kind, Options, apply};
pub use export::{ExportError, export};
pub use model::{
    Account, Application, Assignment, AttributeMapping, Group, PermissionSet, Policy, Role, Scope,
    Settings, TokenIssuer, Tokens, TrustedIssuer, Unit, User,
};

use crate::mfa;
use model::Tags;

/// How many of a kind are read at a time: more than there are.
const ALL: i64 = 1_000_000;

/// The file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Declaration {
    /// The types of the organization's policies that are in force, as AWS calls them. None: they are
    /// left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_types: Option<Vec<String>>,
    /// The services that may act in the organization, as in `sso.amazonaws.com`. None: they are left
    /// alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_services: Option<Vec<String>>,
    /// The organization's resource policy, JSON: what delegated administrators may do. Empty: there
    /// is none. None: it is left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_policy: Option<String>,
    /// The portal as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portal: Option<Settings>,
    /// The policy for second factors; what of it is not said is as in a new portal. None: it is
    /// left alone. A configuration with `mfa` has the last word on when one is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mfa: Option<mfa::Policy>,
    /// Attributes for access control: session tags, and where their values come from. None: they
    /// are left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_control_attributes: Option<Tags>,
    /// The accounts, by id or name, that look after a trusted service for the organization, by the
    /// service. None: they are left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegated_administrators: Option<BTreeMap<String, Vec<String>>>,
    /// Organizational units, for those that are empty or have tags; others need not stand here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<Unit>,
    /// The accounts of the organization.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
    /// The organization's policies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Policy>,
    /// The users of the built-in directory.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<User>,
    /// Their groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// What may be assigned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub permission_sets: Vec<PermissionSet>,
    /// To whom, and where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assignments: Vec<Assignment>,
    /// Whose tokens applications may bring.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub token_issuers: Vec<TokenIssuer>,
    /// What users open beside the accounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<Application>,
    /// Further roles in accounts, for role chaining.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
}

/// Why a file is not a declaration.
#[derive(Debug, Error)]
pub enum DeclarationError {
    /// Not TOML, or not of this form; the text names line and column.
    #[error(transparent)]
    Syntax(#[from] toml::de::Error),
    /// Something in it cannot be.
    #[error("{subject}: {problem}")]
    Invalid {
        /// What, as in `account 123`.
        subject: String,
        /// Why, and what would be right.
        problem: String,
    },
}

impl Declaration {
    /// Reads the text of a file and checks it.
    pub fn parse(text: &str) -> Result<Self, DeclarationError> {
        let declaration: Self = toml::from_str(text)?;
        declaration.check()?;
        Ok(declaration)
    }

    /// The text of a file that says this.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }

    /// The id of the declared account with this id or name.
    pub(crate) fn account_id(&self, id_or_name: &str) -> Option<&str> {
        let named = |account: &&Account| account.id == id_or_name || account.name == id_or_name;
        self.accounts
            .iter()
            .find(named)
            .map(|account| account.id.as_str())
    }
}
