//! Permission sets, and what they are assigned to.

use std::collections::{BTreeMap, BTreeSet};

use time::Duration;

use super::{
    ALL, ApplyError, Assignment, PermissionSet,
    apply::{About, Application, Kind},
    model::Tags,
};
use crate::{
    access::{
        self, AccessError, AccountAssignment, CustomerPolicy, NewPermissionSet,
        PermissionSetChange, Policy, Principal, ProvisionTarget, Tag,
    },
    act::Act,
    directory,
};

/// Account, permission set and principal, by id.
type Key = (String, String, Principal);

pub(super) async fn apply(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    if to.prunes(Kind::PermissionSets) {
        remove_sets(to).await?;
    }
    let mut sets = BTreeMap::new();
    for declared in &to.declaration.permission_sets {
        let id = permission_set(to, declared).await?;
        sets.insert(declared.name.clone(), id);
    }
    assignments(to, &sets).await
}

/// Every permission set.
pub(super) async fn all_sets(
    db: &mut sqlx::AnyConnection,
) -> Result<Vec<access::PermissionSet>, sqlx::Error> {
    access::permission_sets(db, "", ALL).await
}

/// The tags of one resource of sso-admin.
pub(super) async fn tags_of(
    db: &mut sqlx::AnyConnection,
    resource: &str,
) -> Result<Tags, sqlx::Error> {
    let tags = access::tags(db, resource, "", ALL).await?;
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Gives a resource of sso-admin exactly these tags, and returns whether it had others.
pub(super) async fn put_tags(
    act: &mut Act<'_>,
    resource: &str,
    wanted: &Tags,
) -> Result<bool, AccessError> {
    let found = tags_of(act.db(), resource).await?;
    if found == *wanted {
        return Ok(false);
    }
    let extra: Vec<&str> = found
        .keys()
        .filter(|key| !wanted.contains_key(*key))
        .map(String::as_str)
        .collect();
    if !extra.is_empty() {
        access::untag_resource(act, resource, &extra).await?;
    }
    if !wanted.is_empty() {
        access::tag_resource(act, resource, &as_tags(wanted)).await?;
    }
    Ok(true)
}

/// The same tags as sso-admin takes them.
pub(super) fn as_tags(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag {
        key: key.clone(),
        value: value.clone(),
    };
    tags.iter().map(tag).collect()
}

/// The policies of a declared permission set, in order.
pub(super) fn policies_of(declared: &PermissionSet) -> BTreeSet<Policy> {
    let managed = declared.managed_policies.iter().cloned();
    let customer = declared.customer_policies.iter();
    let boundary = declared.boundary.iter().map(|name| {
        if name.starts_with("arn:") {
            Policy::ManagedBoundary(name.clone())
        } else {
            Policy::CustomerBoundary(CustomerPolicy::parse(name))
        }
    });
    managed
        .map(Policy::Managed)
        .chain(customer.map(|name| Policy::Customer(CustomerPolicy::parse(name))))
        .chain(declared.inline_policy.iter().cloned().map(Policy::Inline))
        .chain(boundary)
        .collect()
}

async fn remove_sets(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let declared: BTreeSet<&str> = to
        .declaration
        .permission_sets
        .iter()
        .map(|set| set.name.as_str())
        .collect();
    for set in all_sets(to.act.db()).await? {
        if declared.contains(set.name.as_str()) {
            continue;
        }
        for (account_id, principal) in access::assignments_of(to.act.db(), &set.id).await? {
            unassign(to, &set.name, (account_id, set.id.clone(), principal)).await?;
        }
        let deleted = access::delete_permission_set(to.act, &set.id).await;
        deleted.about(|| format!("permission set {}", set.name))?;
        to.changed('-', format!("permission set {}", set.name));
    }
    Ok(())
}

async fn permission_set(
    to: &mut Application<'_, '_>,
    declared: &PermissionSet,
) -> Result<String, ApplyError> {
    let subject = || format!("permission set {}", declared.name);
    let wanted = NewPermissionSet {
        name: &declared.name,
        description: declared.description.as_deref(),
        session: Duration::hours(declared.session_hours)
            + Duration::seconds(declared.session_seconds),
        relay_state: declared.relay_state.as_deref(),
    };
    let found = access::permission_set_by_name(to.act.db(), &declared.name).await?;
    let policies = policies_of(declared);
    let Some(found) = found else {
        let tags = as_tags(&declared.tags);
        let created = access::create_permission_set(to.act, &wanted, &tags).await;
        let id = created.about(subject)?.id;
        put_policies(to.act, &id, &policies).await.about(subject)?;
        to.changed('+', subject());
        return Ok(id);
    };
    let same = found.description.as_deref() == wanted.description
        && found.session == wanted.session
        && found.relay_state.as_deref() == wanted.relay_state;
    if !same {
        update(to.act, &found.id, &wanted).await.about(subject)?;
    }
    let revised = put_policies(to.act, &found.id, &policies).await;
    let revised = revised.about(subject)? || !same;
    if revised {
        let target = ProvisionTarget::AllProvisionedAccounts;
        let provisioned = access::provision_permission_set(to.act, &found.id, &target).await;
        provisioned.about(subject)?;
    }
    let tagged = put_tags(to.act, &found.id, &declared.tags).await;
    if tagged.about(subject)? || revised {
        to.changed('~', subject());
    }
    Ok(found.id)
}

async fn update(
    act: &mut Act<'_>,
    id: &str,
    wanted: &NewPermissionSet<'_>,
) -> Result<(), AccessError> {
    let change = PermissionSetChange {
        description: Some(wanted.description),
        session: Some(wanted.session),
        relay_state: wanted.relay_state,
    };
    access::update_permission_set(act, id, &change).await
}

/// Gives a permission set exactly these policies, and returns whether it had others.
async fn put_policies(
    act: &mut Act<'_>,
    id: &str,
    wanted: &BTreeSet<Policy>,
) -> Result<bool, AccessError> {
    let found: BTreeSet<Policy> = access::policies(act.db(), id).await?.into_iter().collect();
    for extra in found.difference(wanted) {
        match extra {
            Policy::Managed(arn) => access::detach_managed_policy(act, id, arn).await?,
            Policy::Customer(policy) => access::detach_customer_policy(act, id, policy).await?,
            Policy::Inline(_) => access::delete_inline_policy(act, id).await?,
            Policy::ManagedBoundary(_) | Policy::CustomerBoundary(_) => {
                access::delete_permissions_boundary(act, id).await?;
            }
        }
    }
    for missing in wanted.difference(&found) {
        match missing {
            Policy::Managed(arn) => access::attach_managed_policy(act, id, arn).await?,
            Policy::Customer(policy) => access::attach_customer_policy(act, id, policy).await?,
            Policy::Inline(document) => access::put_inline_policy(act, id, document).await?,
            Policy::ManagedBoundary(_) | Policy::CustomerBoundary(_) => {
                access::put_permissions_boundary(act, id, missing).await?;
            }
        }
    }
    Ok(found != *wanted)
}

async fn assignments(
    to: &mut Application<'_, '_>,
    sets: &BTreeMap<String, String>,
) -> Result<(), ApplyError> {
    let mut wanted: BTreeMap<Key, String> = BTreeMap::new();
    for declared in &to.declaration.assignments {
        expand(to, declared, sets, &mut wanted)?;
    }
    let mut found = BTreeSet::new();
    for (name, set) in sets {
        for (account, principal) in access::assignments_of(to.act.db(), set).await? {
            let key = (account, set.clone(), principal);
            if !wanted.contains_key(&key) {
                unassign(to, name, key.clone()).await?;
            }
            found.insert(key);
        }
    }
    for (key, subject) in wanted {
        if found.contains(&key) {
            continue;
        }
        let wanted = assignment(key);
        let assigned = access::create_account_assignment(to.act, &wanted).await;
        if let Some(problem) = assigned.about(|| subject.clone())?.failure_reason {
            return Err(ApplyError::Refused { subject, problem });
        }
        to.changed('+', subject);
        to.act.spill().await?;
    }
    Ok(())
}

async fn unassign(to: &mut Application<'_, '_>, set: &str, key: Key) -> Result<(), ApplyError> {
    let who = name_of(to, &key.2).await?;
    let subject = format!("assignment of {set} to {who} in {}", key.0);
    let removed = access::delete_account_assignment(to.act, &assignment(key)).await;
    removed.about(|| subject.clone())?;
    to.changed('-', subject);
    Ok(())
}

fn assignment((account_id, permission_set_id, principal): Key) -> AccountAssignment {
    AccountAssignment {
        account_id,
        permission_set_id,
        principal,
    }
}

/// The single assignments that a declared one stands for, each with its description.
fn expand(
    to: &Application<'_, '_>,
    declared: &Assignment,
    sets: &BTreeMap<String, String>,
    wanted: &mut BTreeMap<Key, String>,
) -> Result<(), ApplyError> {
    let (kind, name) = match (&declared.group, &declared.user) {
        (Some(name), _) => ("group", name),
        (None, Some(name)) => ("user", name),
        (None, None) => ("group", &String::new()),
    };
    let principal = principal(to, kind, name).ok_or_else(|| ApplyError::Unknown {
        subject: "an assignment".to_owned(),
        kind,
        name: name.clone(),
    })?;
    let who = format!("{kind} {name}");
    let undeclared = |kind, name: &str| ApplyError::Undeclared {
        subject: format!("an assignment to {who}"),
        kind,
        name: name.to_owned(),
    };
    let mut accounts = BTreeSet::new();
    for named in &declared.accounts {
        if named == "*" {
            let open = to.declaration.accounts.iter().filter(|one| !one.closed);
            accounts.extend(open.map(|one| one.id.as_str()));
            if accounts.is_empty() {
                return Err(ApplyError::Refused {
                    subject: format!("an assignment to {who}"),
                    problem: "\"*\" is every account of the file, and it declares none that is \
                              open"
                        .to_owned(),
                });
            }
        } else {
            let id = to.declaration.account_id(named);
            accounts.insert(id.ok_or_else(|| undeclared("account", named))?);
        }
    }
    for name in &declared.permission_sets {
        let set = sets
            .get(name)
            .ok_or_else(|| undeclared("permission set", name))?;
        for account in &accounts {
            let key = ((*account).to_owned(), set.clone(), principal.clone());
            wanted.insert(key, format!("assignment of {name} to {who} in {account}"));
        }
    }
    Ok(())
}

/// The user or group with this name.
pub(super) fn principal(to: &Application<'_, '_>, kind: &str, name: &str) -> Option<Principal> {
    let key = directory::key(name);
    if kind == "group" {
        to.groups.get(&key).cloned().map(Principal::Group)
    } else {
        to.users.get(&key).cloned().map(Principal::User)
    }
}

/// Kind and name of a principal; its id, if it is gone.
pub(super) async fn name_of(
    to: &mut Application<'_, '_>,
    principal: &Principal,
) -> Result<String, ApplyError> {
    Ok(match principal {
        Principal::User(id) => {
            let user = directory::user(to.act.db(), id).await?;
            let name = user.map_or_else(|| id.clone(), |user| user.user_name);
            format!("user {name}")
        }
        Principal::Group(id) => {
            let group = directory::group(to.act.db(), id).await?;
            let name = group.map_or_else(|| id.clone(), |group| group.display_name);
            format!("group {name}")
        }
    })
}
