//! Users, groups and memberships.

use std::collections::BTreeSet;

use super::{ApplyError, Group, User, apply::Application};
use crate::directory::{self, AttributeOperation, GroupKey, NewGroup, UserAttributes, UserKey};

pub(super) async fn apply(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let declaration = to.declaration;
    for declared in &declaration.users {
        user(to, declared).await?;
    }
    for declared in &declaration.groups {
        let id = group(to, declared).await?;
        members(to, declared, &id).await?;
    }
    Ok(())
}

async fn user(to: &mut Application<'_, '_>, declared: &User) -> Result<(), ApplyError> {
    let User {
        user_name,
        display_name,
        email,
        enabled,
    } = declared;
    let found = directory::user_by_name(to.act.db(), user_name).await?;
    let Some(found) = found else {
        let attributes = UserAttributes::new(user_name, display_name, email);
        let created = directory::create_user(to.act, &attributes).await?;
        if !enabled {
            directory::set_enabled(to.act, &created.id, false).await?;
        }
        to.changed('+', format!("user {user_name}"));
        return Ok(());
    };
    let mut operations = Vec::new();
    if found.display_name != *display_name {
        operations.push(AttributeOperation::set(
            "displayName",
            display_name.as_str(),
        ));
    }
    if found.email.as_ref() != Some(email) {
        operations.push(AttributeOperation::set_email(email));
    }
    if !operations.is_empty() {
        directory::update_user(to.act, &found.id, None, &operations).await?;
    }
    if found.enabled != *enabled {
        directory::set_enabled(to.act, &found.id, *enabled).await?;
    }
    if !operations.is_empty() || found.enabled != *enabled {
        to.changed('~', format!("user {user_name}"));
    }
    Ok(())
}

async fn group(to: &mut Application<'_, '_>, declared: &Group) -> Result<String, ApplyError> {
    let found = directory::group_id(to.act.db(), GroupKey::Name(&declared.name)).await?;
    let Some(id) = found else {
        let new = NewGroup {
            display_name: &declared.name,
            description: declared.description.as_deref(),
        };
        to.changed('+', format!("group {}", declared.name));
        return Ok(directory::create_group(to.act, &new).await?.id);
    };
    let present = directory::group(to.act.db(), &id).await?;
    if present.and_then(|group| group.description) != declared.description {
        let operation = AttributeOperation {
            path: "description".to_owned(),
            value: declared.description.as_deref().map(Into::into),
        };
        directory::update_group(to.act, &id, None, &[operation]).await?;
        to.changed('~', format!("group {}", declared.name));
    }
    Ok(id)
}

async fn members(to: &mut Application<'_, '_>, group: &Group, id: &str) -> Result<(), ApplyError> {
    let mut present: BTreeSet<String> = directory::members(to.act.db(), id)
        .await?
        .into_iter()
        .collect();
    for name in &group.members {
        let user = directory::user_id(to.act.db(), UserKey::Name(name)).await?;
        let user = user.ok_or_else(|| ApplyError::Unknown {
            subject: format!("group {:?}", group.name),
            kind: "user",
            name: name.clone(),
        })?;
        if !present.remove(&user) {
            directory::add_member(to.act, id, &user).await?;
            to.changed('+', format!("member {name} of group {}", group.name));
        }
    }
    for member in present {
        let membership = directory::membership_of(to.act.db(), id, &member).await?;
        if let Some(membership) = membership {
            directory::remove_member(to.act, &membership.id).await?;
        }
        let user = directory::user(to.act.db(), &member).await?;
        let name = user.map_or(member, |user| user.user_name);
        to.changed('-', format!("member {name} of group {}", group.name));
    }
    Ok(())
}
