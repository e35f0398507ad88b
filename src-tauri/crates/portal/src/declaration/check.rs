//! What a file says that could not be true anywhere; the rest is checked as it is applied.

use std::collections::BTreeSet;

use super::{
    Account, Application, Assignment, Declaration, DeclarationError, PermissionSet, Role, Unit,
    User,
};
use crate::settings::SESSION_MINUTES;

impl Declaration {
    pub(super) fn check(&self) -> Result<(), DeclarationError> {
        unique("unit", self.units.iter().map(|unit| &unit.path))?;
        unique("account", self.accounts.iter().map(|account| &account.id))?;
        unique("user", self.users.iter().map(|user| &user.user_name))?;
        let emails = self.users.iter().map(|user| &user.email);
        unique("email address", emails.filter(|email| !email.is_empty()))?;
        unique("group", self.groups.iter().map(|group| &group.name))?;
        let sets = self.permission_sets.iter().map(|set| &set.name);
        unique("permission set", sets)?;
        let applications = self.applications.iter().map(|one| &one.name);
        unique("application", applications)?;
        let mut issuers = BTreeSet::new();
        for issuer in &self.token_issuers {
            let first = issuers.insert(&issuer.issuer_url);
            let problem = "it is declared twice";
            ensure(first, "token issuer", &issuer.issuer_url, problem)?;
        }
        let mut policies = BTreeSet::new();
        for policy in &self.policies {
            let first = policies.insert((&policy.policy_type, &policy.name));
            ensure(first, "policy", &policy.name, "it is declared twice")?;
        }
        let management = self.accounts.iter().filter(|account| account.management);
        if let Some(second) = management.clone().nth(1) {
            let problem = "there is one management account";
            ensure(false, "account", &second.id, problem)?;
        }
        self.units.iter().try_for_each(Unit::check)?;
        self.accounts.iter().try_for_each(Account::check)?;
        self.users.iter().try_for_each(User::check)?;
        self.permission_sets
            .iter()
            .try_for_each(PermissionSet::check)?;
        self.assignments.iter().try_for_each(Assignment::check)?;
        self.applications.iter().try_for_each(Application::check)?;
        self.roles.iter().try_for_each(Role::check)?;
        self.check_names_of_accounts()?;
        let minutes = self
            .portal
            .as_ref()
            .and_then(|portal| portal.session_minutes);
        let fits = minutes.is_none_or(|minutes| SESSION_MINUTES.contains(&minutes));
        let problem = "it is from 15 to 129600";
        ensure(fits, "setting", "session_minutes", problem)
    }

    /// A name that two accounts have names none.
    fn check_names_of_accounts(&self) -> Result<(), DeclarationError> {
        let mut seen = BTreeSet::new();
        let names = self.accounts.iter().map(|one| &one.name);
        let doubles: BTreeSet<&String> = names.filter(|name| !seen.insert(*name)).collect();
        if doubles.is_empty() {
            return Ok(());
        }
        let assigned = self.assignments.iter().flat_map(|one| &one.accounts);
        let attached = self.policies.iter().flat_map(|one| &one.accounts);
        let roles = self.roles.iter().map(|one| &one.account);
        assigned.chain(attached).chain(roles).try_for_each(|name| {
            let is_clear =
                !doubles.contains(name) || self.accounts.iter().any(|one| one.id == *name);
            let problem = "several are called so: say the id";
            ensure(is_clear, "account", name, problem)
        })
    }
}

impl Unit {
    fn check(&self) -> Result<(), DeclarationError> {
        check_path("unit", &self.path, &self.path)
    }
}

impl Account {
    fn check(&self) -> Result<(), DeclarationError> {
        let twelve = self.id.len() == 12 && self.id.bytes().all(|byte| byte.is_ascii_digit());
        let kind = "account";
        ensure(twelve, kind, &self.id, "an account's id has twelve digits")?;
        let open = !(self.management && self.closed);
        let problem = "the management account cannot be closed";
        ensure(open, kind, &self.id, problem)?;
        match &self.unit {
            Some(path) => check_path(kind, &self.id, path),
            None => Ok(()),
        }
    }
}

impl User {
    fn check(&self) -> Result<(), DeclarationError> {
        let kind = "user";
        let length = (1..=128).contains(&self.user_name.chars().count());
        let plain = length && !self.user_name.contains(char::is_whitespace);
        let problem = "a name has 1 to 128 characters, none of them a space";
        ensure(plain, kind, &self.user_name, problem)?;
        let parts = self.email.split_once('@');
        let plausible = parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        ensure(
            self.email.is_empty() || plausible,
            kind,
            &self.user_name,
            "the email address is not one",
        )?;
        for name in ["userName", "displayName"] {
            let twice = self.attributes.contains_key(name);
            let problem = format!("{name} stands beside the attributes, not among them");
            ensure(!twice, kind, &self.user_name, &problem)?;
        }
        Ok(())
    }
}

impl PermissionSet {
    fn check(&self) -> Result<(), DeclarationError> {
        let kind = "permission set";
        let problem = "a name has 1 to 32 letters, digits or +=,.@-_";
        ensure(is_role_name(&self.name), kind, &self.name, problem)?;
        let hours = (1..=12).contains(&self.session_hours);
        ensure(hours, kind, &self.name, "session_hours is from 1 to 12")?;
        let seconds = (0..3600).contains(&self.session_seconds);
        let problem = "session_seconds is less than an hour";
        ensure(seconds, kind, &self.name, problem)?;
        let json = self.inline_policy.as_deref().is_none_or(is_json_object);
        ensure(json, kind, &self.name, "inline_policy is not a JSON object")
    }
}

impl Assignment {
    fn check(&self) -> Result<(), DeclarationError> {
        let whose = self.group.as_deref().or(self.user.as_deref());
        let one = self.group.is_some() != self.user.is_some();
        let whose = whose.unwrap_or("without a name");
        ensure(one, "assignment", whose, "name either a group or a user")
    }

    /// Whether it is about this account.
    pub fn is_in(&self, account: &Account) -> bool {
        let named = |name: &String| {
            name == "*" && !account.closed || *name == account.id || *name == account.name
        };
        self.accounts.iter().any(named)
    }
}

impl Application {
    fn check(&self) -> Result<(), DeclarationError> {
        let complete = self.url.is_none() || self.sign_in.is_some();
        let problem = "say with sign_in where a sign-in begins";
        ensure(complete, "application", &self.name, problem)?;
        let policy = self.tokens.actor_policy.as_deref();
        let json = policy.is_none_or(is_json_object);
        let problem = "actor_policy is not a JSON object";
        ensure(json, "application", &self.name, problem)?;
        let mut scopes = BTreeSet::new();
        self.tokens.scopes.iter().try_for_each(|scope| {
            let problem = format!("the scope {:?} is declared twice", scope.name);
            let first = scopes.insert(&scope.name);
            ensure(first, "application", &self.name, &problem)
        })
    }
}

impl Role {
    fn check(&self) -> Result<(), DeclarationError> {
        let hours = (1..=12).contains(&self.session_hours);
        ensure(hours, "role", &self.name, "session_hours is from 1 to 12")
    }
}

/// Whether it may stand in an ARN: permission sets name roles.
fn is_role_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+=,.@-_".contains(c);
    (1..=32).contains(&text.len()) && text.chars().all(allowed)
}

fn is_json_object(text: &str) -> bool {
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok()
}

fn check_path(kind: &str, name: &str, path: &str) -> Result<(), DeclarationError> {
    let names = super::organization::names_of(path);
    let whole = names.iter().all(|name| !name.is_empty());
    ensure(
        whole,
        kind,
        name,
        "a unit's path has a name between slashes",
    )
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
        let first = seen.insert(name.to_lowercase());
        ensure(first, kind, name, "it is declared twice")?;
    }
    Ok(())
}
