//! Permission sets, their assignments, and further roles.

use std::collections::{BTreeMap, BTreeSet};

use time::Duration;

use super::{ApplyError, Assignment, PermissionSet, Role, apply::Application};
use crate::{
    access::{self, CustomerPolicy, NewPermissionSet, Policy, Principal},
    directory::{self, GroupKey},
};

/// Account, permission set and principal, by id.
type Key = (String, String, Principal);

pub(super) async fn apply(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let mut sets = BTreeMap::new();
    for declared in &to.declaration.permission_sets {
        let id = permission_set(to, declared).await?;
        sets.insert(declared.name.clone(), id);
    }
    assignments(to, &sets).await?;
    for declared in &to.declaration.roles {
        role(to, declared).await?;
    }
    Ok(())
}

async fn permission_set(
    to: &mut Application<'_, '_>,
    declared: &PermissionSet,
) -> Result<String, ApplyError> {
    let wanted = NewPermissionSet {
        name: &declared.name,
        description: declared.description.as_deref(),
        session: Duration::hours(declared.session_hours),
        relay_state: declared.relay_state.as_deref(),
    };
    let found = access::permission_set_by_name(to.act.db(), &declared.name).await?;
    let same = found.as_ref().is_some_and(|found| {
        found.description == declared.description
            && found.session == wanted.session
            && found.relay_state == declared.relay_state
    });
    let id = match &found {
        Some(found) if same => found.id.clone(),
        _ => access::put_permission_set(to.act.db(), to.now, &wanted).await?,
    };
    let changed = access::put_policies(to.act.db(), &id, &policies(declared)).await?;
    if found.is_none() {
        to.changed('+', format!("permission set {}", declared.name));
    } else if changed || !same {
        to.changed('~', format!("permission set {}", declared.name));
        access::provision_everywhere(to.act.db(), to.now, &id).await?;
    }
    Ok(id)
}

fn policies(declared: &PermissionSet) -> Vec<Policy> {
    let managed = declared
        .managed_policies
        .iter()
        .cloned()
        .map(Policy::Managed);
    let customer = declared
        .customer_policies
        .iter()
        .map(|name| Policy::Customer(CustomerPolicy::parse(name)));
    let inline = declared.inline_policy.iter().cloned().map(Policy::Inline);
    let boundary = declared.boundary.iter().map(|name| {
        if name.starts_with("arn:") {
            Policy::ManagedBoundary(name.clone())
        } else {
            Policy::CustomerBoundary(CustomerPolicy::parse(name))
        }
    });
    let policies: BTreeSet<Policy> = managed
        .chain(customer)
        .chain(inline)
        .chain(boundary)
        .collect();
    policies.into_iter().collect()
}

async fn assignments(
    to: &mut Application<'_, '_>,
    sets: &BTreeMap<String, String>,
) -> Result<(), ApplyError> {
    let mut wanted: BTreeMap<Key, String> = BTreeMap::new();
    for declared in &to.declaration.assignments {
        expand(to, declared, sets, &mut wanted).await?;
    }
    let mut found = BTreeSet::new();
    for (name, set) in sets {
        for (account, principal) in access::assignments_of(to.act.db(), set).await? {
            let key = (account, set.clone(), principal);
            if !wanted.contains_key(&key) {
                access::unassign(to.act.db(), &key.0, &key.1, &key.2).await?;
                let who = name_of(to, &key.2).await?;
                to.changed('-', format!("assignment of {name} to {who} in {}", key.0));
            }
            found.insert(key);
        }
    }
    for (key, subject) in wanted {
        if !found.contains(&key) {
            access::assign(to.act.db(), to.now, &key.0, &key.1, &key.2).await?;
            to.changed('+', subject);
        }
    }
    Ok(())
}

/// The single assignments that a declared one stands for, each with its description.
async fn expand(
    to: &mut Application<'_, '_>,
    declared: &Assignment,
    sets: &BTreeMap<String, String>,
    wanted: &mut BTreeMap<Key, String>,
) -> Result<(), ApplyError> {
    let (principal, who) = principal(to, declared).await?;
    let unknown = |kind, name: &str| ApplyError::Unknown {
        subject: format!("an assignment to {who}"),
        kind,
        name: name.to_owned(),
    };
    let every = || {
        to.declaration
            .accounts
            .iter()
            .map(|account| account.id.as_str())
    };
    let mut accounts = BTreeSet::new();
    for named in &declared.accounts {
        if named == "*" {
            accounts.extend(every());
        } else {
            let id = to.declaration.account_id(named);
            accounts.insert(id.ok_or_else(|| unknown("account", named))?);
        }
    }
    for name in &declared.permission_sets {
        let set = sets
            .get(name)
            .ok_or_else(|| unknown("permission set", name))?;
        for account in &accounts {
            let key = ((*account).to_owned(), set.clone(), principal.clone());
            wanted.insert(key, format!("assignment of {name} to {who} in {account}"));
        }
    }
    Ok(())
}

async fn principal(
    to: &mut Application<'_, '_>,
    declared: &Assignment,
) -> Result<(Principal, String), ApplyError> {
    let (kind, name) = match (&declared.group, &declared.user) {
        (Some(name), _) => ("group", name),
        (None, Some(name)) => ("user", name),
        (None, None) => ("group", &String::new()),
    };
    let found = if kind == "group" {
        let group = directory::group_id(to.act.db(), GroupKey::Name(name)).await?;
        group.map(Principal::Group)
    } else {
        let user = directory::user_by_name(to.act.db(), name).await?;
        user.map(|user| Principal::User(user.id))
    };
    let principal = found.ok_or_else(|| ApplyError::Unknown {
        subject: "an assignment".to_owned(),
        kind,
        name: name.clone(),
    })?;
    Ok((principal, format!("{kind} {name}")))
}

/// Kind and name of a principal; its id, if it is gone.
async fn name_of(
    to: &mut Application<'_, '_>,
    principal: &Principal,
) -> Result<String, ApplyError> {
    Ok(match principal {
        Principal::User(id) => {
            let user = directory::user(to.act.db(), id).await?;
            format!(
                "user {}",
                user.map_or_else(|| id.clone(), |user| user.user_name)
            )
        }
        Principal::Group(id) => {
            let group = directory::group(to.act.db(), id).await?;
            let name = group.map_or_else(|| id.clone(), |group| group.display_name);
            format!("group {name}")
        }
    })
}

async fn role(to: &mut Application<'_, '_>, declared: &Role) -> Result<(), ApplyError> {
    let account_id = to.declaration.account_id(&declared.account);
    let account_id = account_id.ok_or_else(|| ApplyError::Unknown {
        subject: format!("role {:?}", declared.name),
        kind: "account",
        name: declared.account.clone(),
    })?;
    let found = access::iam_role(to.act.db(), account_id, &declared.name).await?;
    let wanted = access::IamRole {
        account_id: account_id.to_owned(),
        name: declared.name.clone(),
        role_id: found
            .as_ref()
            .map(|found| found.role_id.clone())
            .unwrap_or_default(),
        trusted_principal: declared.trusts.clone(),
        require_mfa: declared.require_mfa,
        external_id: declared.external_id.clone(),
        longest_session: Duration::hours(declared.session_hours),
    };
    if found.as_ref() == Some(&wanted) {
        return Ok(());
    }
    let sign = if found.is_some() { '~' } else { '+' };
    access::put_iam_role(to.act.db(), &wanted).await?;
    to.changed(sign, format!("role {} in {account_id}", declared.name));
    Ok(())
}
