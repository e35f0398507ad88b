//! An organization declared in a TOML file, applied again and again.
//!
//! What the file names is created, or changed to what the file says. What it does not name is left
//! alone, with two exceptions: the members of a group it names, and the assignments of a permission
//! set it names, are exactly those of the file. Secrets are never in it.

use std::collections::BTreeSet;

use serde::Deserialize;
use thiserror::Error;

mod apply;
mod principals;
mod roles;

pub use apply::{ApplyError, Change, apply};

/// The file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Declaration {
    /// The accounts of the organization.
    pub accounts: Vec<Account>,
    /// The users of the built-in directory.
    pub users: Vec<User>,
    /// Their groups.
    pub groups: Vec<Group>,
    /// What may be assigned.
    pub permission_sets: Vec<PermissionSet>,
    /// To whom, and where.
    pub assignments: Vec<Assignment>,
    /// Further roles in accounts, for role chaining.
    pub roles: Vec<Role>,
}

/// An AWS account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Twelve digits, in quotes.
    pub id: String,
    /// Shown to users.
    pub name: String,
    /// The address of its root user.
    pub email: String,
    /// The organizational unit, as a path of names: `Workloads/Production`.
    pub unit: Option<String>,
    /// Whether it is the management account.
    #[serde(default)]
    pub management: bool,
}

/// A user. Passwords are set by `vestibule-portal password` or by the user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// What they sign in with: letters, digits and `+=,.@-_`, 128 at most.
    pub user_name: String,
    /// How they are called.
    pub display_name: String,
    /// Unique.
    pub email: String,
    /// Whether they may sign in.
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Unique.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// User names.
    #[serde(default)]
    pub members: Vec<String>,
}

/// A permission set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionSet {
    /// Letters, digits and `+=,.@-_`, 32 at most.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// How long its sessions last: 1 to 12.
    #[serde(default = "one")]
    pub session_hours: i64,
    /// Where in the console its users land.
    pub relay_state: Option<String>,
    /// ARNs of AWS managed policies.
    #[serde(default)]
    pub managed_policies: Vec<String>,
    /// Paths and names of customer managed policies, which every account must have.
    #[serde(default)]
    pub customer_policies: Vec<String>,
    /// One policy document, JSON.
    pub inline_policy: Option<String>,
    /// The permissions boundary: the ARN of an AWS managed policy, or a customer managed one's path
    /// and name.
    pub boundary: Option<String>,
}

/// Permission sets for a user or a group, in accounts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The name of a group; either this or `user`.
    pub group: Option<String>,
    /// The name of a user; either this or `group`.
    pub user: Option<String>,
    /// Names of permission sets.
    pub permission_sets: Vec<String>,
    /// Account ids or names; `*` is every account of the file.
    pub accounts: Vec<String>,
}

/// An IAM role that holders of other roles may assume.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Account id or name.
    pub account: String,
    /// Unique in the account.
    pub name: String,
    /// Whom it trusts: an ARN in which `*` stands for any characters.
    pub trusts: String,
    /// Whether a second factor's code must come with the request.
    #[serde(default)]
    pub require_mfa: bool,
    /// What the caller must name.
    pub external_id: Option<String>,
    /// The longest session: 1 to 12.
    #[serde(default = "one")]
    pub session_hours: i64,
}

fn yes() -> bool {
    true
}

fn one() -> i64 {
    1
}

/// Why a file is not a declaration.
#[derive(Debug, Error)]
pub enum DeclarationError {
    /// Not TOML, or not of this form; the text names line and column.
    #[error("{0}")]
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

    /// The id of the declared account with this id or name.
    pub(crate) fn account_id(&self, id_or_name: &str) -> Option<&str> {
        let named = |account: &&Account| account.id == id_or_name || account.name == id_or_name;
        self.accounts
            .iter()
            .find(named)
            .map(|account| account.id.as_str())
    }

    fn check(&self) -> Result<(), DeclarationError> {
        unique("account", self.accounts.iter().map(|account| &account.id))?;
        unique("user", self.users.iter().map(|user| &user.user_name))?;
        unique("email address", self.users.iter().map(|user| &user.email))?;
        unique("group", self.groups.iter().map(|group| &group.name))?;
        unique(
            "permission set",
            self.permission_sets.iter().map(|set| &set.name),
        )?;
        self.accounts.iter().try_for_each(Account::check)?;
        self.users.iter().try_for_each(User::check)?;
        self.permission_sets
            .iter()
            .try_for_each(PermissionSet::check)?;
        self.assignments.iter().try_for_each(Assignment::check)?;
        self.roles.iter().try_for_each(Role::check)
    }
}

impl Account {
    fn check(&self) -> Result<(), DeclarationError> {
        let twelve = self.id.len() == 12 && self.id.bytes().all(|byte| byte.is_ascii_digit());
        ensure(
            twelve,
            "account",
            &self.id,
            "an account's id has twelve digits",
        )
    }
}

impl User {
    fn check(&self) -> Result<(), DeclarationError> {
        let name = is_name(&self.user_name, 128);
        let kind = "user";
        ensure(
            name,
            kind,
            &self.user_name,
            "a name has 1 to 128 letters, digits or +=,.@-_",
        )?;
        let parts = self.email.split_once('@');
        let plausible = parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        ensure(
            plausible,
            kind,
            &self.user_name,
            "the email address is not one",
        )
    }
}

impl Role {
    fn check(&self) -> Result<(), DeclarationError> {
        let hours = (1..=12).contains(&self.session_hours);
        ensure(hours, "role", &self.name, "session_hours is from 1 to 12")
    }
}

impl Assignment {
    /// Whether it is about this account.
    pub fn is_in(&self, account: &Account) -> bool {
        let named = |name: &String| name == "*" || *name == account.id || *name == account.name;
        self.accounts.iter().any(named)
    }

    fn check(&self) -> Result<(), DeclarationError> {
        let whose = self.group.as_deref().or(self.user.as_deref());
        let one = self.group.is_some() != self.user.is_some();
        let whose = whose.unwrap_or("without a name");
        ensure(one, "assignment", whose, "name either a group or a user")
    }
}

impl PermissionSet {
    fn check(&self) -> Result<(), DeclarationError> {
        let name = is_name(&self.name, 32);
        let kind = "permission set";
        ensure(
            name,
            kind,
            &self.name,
            "a name has 1 to 32 letters, digits or +=,.@-_",
        )?;
        let hours = (1..=12).contains(&self.session_hours);
        ensure(hours, kind, &self.name, "session_hours is from 1 to 12")?;
        let json = self.inline_policy.as_deref().is_none_or(is_json_object);
        ensure(json, kind, &self.name, "inline_policy is not a JSON object")
    }
}

/// Whether it may stand in an ARN: users and permission sets name sessions and roles.
fn is_name(text: &str, longest: usize) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+=,.@-_".contains(c);
    (1..=longest).contains(&text.len()) && text.chars().all(allowed)
}

fn is_json_object(text: &str) -> bool {
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok()
}

fn ensure(holds: bool, kind: &str, name: &str, problem: &str) -> Result<(), DeclarationError> {
    if holds {
        return Ok(());
    }
    Err(DeclarationError::Invalid {
        subject: format!("{kind} {name:?}"),
        problem: problem.to_owned(),
    })
}

fn unique<'a>(kind: &str, names: impl Iterator<Item = &'a String>) -> Result<(), DeclarationError> {
    let mut seen = BTreeSet::new();
    for name in names {
        ensure(
            seen.insert(name.to_lowercase()),
            kind,
            name,
            "it is declared twice",
        )?;
    }
    Ok(())
}
