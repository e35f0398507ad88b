//! Users, groups and memberships.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use super::{
    ApplyError, Group, User,
    apply::{About, Application, Kind},
};
use crate::directory::{
    self, AttributeOperation, DirectoryError, NewGroup, Profile, UserAttributes,
};

/// How many users or groups are read at a time.
const PAGE: i64 = 1000;

pub(super) async fn apply(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    users(to).await?;
    groups(to).await
}

/// What the directory is told of a declared user.
pub(super) fn attributes_of(user: &User) -> Result<UserAttributes, DirectoryError> {
    let mut document = user.attributes.clone();
    document.insert("userName".to_owned(), user.user_name.as_str().into());
    document.insert("displayName".to_owned(), user.display_name.as_str().into());
    if !user.email.is_empty() && !document.contains_key("emails") {
        let email = json!([{ "value": user.email, "primary": true }]);
        document.insert("emails".to_owned(), email);
    }
    UserAttributes::from_document(document)
}

/// The declaration of a user of the directory.
pub(super) fn declared(attributes: &UserAttributes, enabled: bool) -> User {
    let email = attributes.email().unwrap_or_default();
    let plain = match email {
        "" => UserAttributes::default().emails,
        email => UserAttributes::new("", "", email).emails,
    };
    let mut document = attributes.to_document();
    if attributes.emails == plain {
        document.remove("emails");
    }
    document.remove("userName");
    document.remove("displayName");
    User {
        user_name: attributes.user_name.clone(),
        display_name: attributes.display_name.clone(),
        email: email.to_owned(),
        enabled,
        attributes: document,
    }
}

async fn users(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let declaration = to.declaration;
    let declared: HashMap<String, &User> = declaration
        .users
        .iter()
        .map(|user| (directory::key(&user.user_name), user))
        .collect();
    if to.prunes(Kind::Users) {
        // First, so that what they had is free for others.
        each_user(to, async |to, profile| {
            let name = &profile.attributes.user_name;
            if !declared.contains_key(&directory::key(name)) {
                let deleted = directory::delete_user(to.act, &profile.id, None).await;
                deleted.about(|| format!("user {name}"))?;
                to.changed('-', format!("user {name}"));
            }
            Ok(())
        })
        .await?;
    }
    each_user(to, async |to, profile| {
        let key = directory::key(&profile.attributes.user_name);
        if let Some(declared) = declared.get(&key) {
            update_user(to, &profile, declared).await?;
        }
        to.users.insert(key, profile.id);
        Ok(())
    })
    .await?;
    for user in &declaration.users {
        let key = directory::key(&user.user_name);
        if to.users.contains_key(&key) {
            continue;
        }
        let subject = format!("user {}", user.user_name);
        let attributes = attributes_of(user).about(|| subject.clone())?;
        let created = directory::create_user(to.act, &attributes).await;
        let id = created.about(|| subject.clone())?.id;
        if !user.enabled {
            let disabled = directory::set_enabled(to.act, &id, false).await;
            disabled.about(|| subject.clone())?;
        }
        to.users.insert(key, id);
        to.changed('+', subject);
        to.act.spill().await?;
    }
    Ok(())
}

/// Does something with every user there is at the beginning.
async fn each_user<'a, 'b>(
    to: &mut Application<'a, 'b>,
    mut work: impl AsyncFnMut(&mut Application<'a, 'b>, Profile) -> Result<(), ApplyError>,
) -> Result<(), ApplyError> {
    let mut after = String::new();
    loop {
        let page = directory::profiles(to.act.db(), &after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.id);
        for profile in page {
            work(to, profile).await?;
        }
    }
}

async fn update_user(
    to: &mut Application<'_, '_>,
    found: &Profile,
    user: &User,
) -> Result<(), ApplyError> {
    let subject = || format!("user {}", user.user_name);
    let wanted = attributes_of(user).about(subject)?;
    let operations = operations(&found.attributes.to_document(), &wanted.to_document());
    if !operations.is_empty() {
        let updated = directory::update_user(to.act, &found.id, None, &operations).await;
        updated.about(subject)?;
    }
    if found.enabled != user.enabled {
        let set = directory::set_enabled(to.act, &found.id, user.enabled).await;
        set.about(subject)?;
    }
    if !operations.is_empty() || found.enabled != user.enabled {
        to.changed('~', subject());
    }
    Ok(())
}

/// What makes the one document the other.
fn operations(found: &Map<String, Value>, wanted: &Map<String, Value>) -> Vec<AttributeOperation> {
    const EXTENSIONS: &str = "extensions";
    let names: BTreeSet<&String> = found.keys().chain(wanted.keys()).collect();
    let mut operations = Vec::new();
    for name in names {
        let (before, after) = (found.get(name), wanted.get(name));
        if before == after {
            continue;
        }
        if name == EXTENSIONS {
            let empty = Map::new();
            let inner = |value: Option<&Value>| {
                value
                    .and_then(Value::as_object)
                    .unwrap_or(&empty)
                    .to_owned()
            };
            operations.extend(self::operations(&inner(before), &inner(after)));
        } else {
            operations.push(AttributeOperation {
                path: name.clone(),
                value: after.cloned(),
            });
        }
    }
    operations
}

async fn groups(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let declaration = to.declaration;
    let declared: HashMap<String, &Group> = declaration
        .groups
        .iter()
        .map(|group| (directory::key(&group.name), group))
        .collect();
    let mut after = String::new();
    let mut descriptions = HashMap::new();
    loop {
        let page = directory::groups(to.act.db(), &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for group in page {
            let key = directory::key(&group.display_name);
            if to.prunes(Kind::Groups) && !declared.contains_key(&key) {
                let deleted = directory::delete_group(to.act, &group.id, None).await;
                let subject = format!("group {}", group.display_name);
                deleted.about(|| subject.clone())?;
                to.changed('-', subject);
                continue;
            }
            to.groups.insert(key, group.id.clone());
            descriptions.insert(group.id.clone(), group);
        }
    }
    for group in &declaration.groups {
        let key = directory::key(&group.name);
        let id = match to.groups.get(&key).cloned() {
            Some(id) => {
                if let Some(found) = descriptions.get(&id) {
                    update_group(to, found, group).await?;
                }
                id
            }
            None => {
                let id = create_group(to, group).await?;
                to.groups.insert(key, id.clone());
                id
            }
        };
        members(to, group, &id).await?;
        to.act.spill().await?;
    }
    Ok(())
}

async fn create_group(to: &mut Application<'_, '_>, group: &Group) -> Result<String, ApplyError> {
    let subject = format!("group {}", group.name);
    let new = NewGroup {
        display_name: &group.name,
        description: group.description.as_deref(),
    };
    let created = directory::create_group(to.act, &new).await;
    let id = created.about(|| subject.clone())?.id;
    to.changed('+', subject);
    Ok(id)
}

async fn update_group(
    to: &mut Application<'_, '_>,
    found: &directory::Group,
    group: &Group,
) -> Result<(), ApplyError> {
    let mut operations = Vec::new();
    if found.display_name != group.name {
        operations.push(AttributeOperation::set("displayName", group.name.as_str()));
    }
    if found.description != group.description {
        operations.push(AttributeOperation {
            path: "description".to_owned(),
            value: group.description.as_deref().map(Value::from),
        });
    }
    if operations.is_empty() {
        return Ok(());
    }
    let updated = directory::update_group(to.act, &found.id, None, &operations).await;
    updated.about(|| format!("group {}", group.name))?;
    to.changed('~', format!("group {}", group.name));
    Ok(())
}

async fn members(to: &mut Application<'_, '_>, group: &Group, id: &str) -> Result<(), ApplyError> {
    let subject = || format!("group {}", group.name);
    let mut present: BTreeSet<String> = directory::members(to.act.db(), id)
        .await?
        .into_iter()
        .collect();
    let mut added = Vec::new();
    let mut seen = BTreeSet::new();
    for name in &group.members {
        let user = to.users.get(&directory::key(name)).cloned();
        let user = user.ok_or_else(|| ApplyError::Unknown {
            subject: format!("group {:?}", group.name),
            kind: "user",
            name: name.clone(),
        })?;
        if !present.remove(&user) && seen.insert(user.clone()) {
            to.changed('+', format!("member {name} of group {}", group.name));
            added.push(user);
        } else {
            seen.insert(user);
        }
    }
    present.retain(|member| !seen.contains(member));
    if !added.is_empty() {
        let put = directory::add_members(to.act, id, &added).await;
        put.about(subject)?;
    }
    for member in present {
        let user = directory::user(to.act.db(), &member).await?;
        let membership = directory::membership_of(to.act.db(), id, &member).await?;
        if let Some(membership) = membership {
            let removed = directory::remove_member(to.act, &membership.id).await;
            removed.about(subject)?;
        }
        let name = user.map_or(member, |user| user.user_name);
        to.changed('-', format!("member {name} of group {}", group.name));
    }
    Ok(())
}
