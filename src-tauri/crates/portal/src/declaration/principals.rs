//! Users, groups and memberships.

use std::collections::BTreeSet;

use super::{ApplyError, Group, User, apply::Application};
use crate::directory::{self, NewGroup, NewUser};

pub(super) async fn apply(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    for declared in &to.declaration.users {
        user(to, declared).await?;
    }
    for declared in &to.declaration.groups {
        let id = group(to, declared).await?;
        members(to, declared, &id).await?;
    }
    Ok(())
}

async fn user(to: &mut Application<'_, '_>, declared: &User) -> Result<(), ApplyError> {
    let wanted = NewUser {
        user_name: &declared.user_name,
        display_name: &declared.display_name,
        email: &declared.email,
    };
    let found = directory::user_by_name(to.act.db(), &declared.user_name).await?;
    let Some(found) = found else {
        let id = directory::create_user(to.act.db(), to.now, &wanted).await?;
        if !declared.enabled {
            directory::set_enabled(to.act.db(), to.now, &id, false).await?;
        }
        to.changed('+', format!("user {}", declared.user_name));
        return Ok(());
    };
    let same = found.display_name == declared.display_name
        && found.email.as_ref() == Some(&declared.email);
    if !same {
        directory::update_user(to.act.db(), to.now, &found.id, &wanted).await?;
    }
    if found.enabled != declared.enabled {
        directory::set_enabled(to.act.db(), to.now, &found.id, declared.enabled).await?;
    }
    if !same || found.enabled != declared.enabled {
        to.changed('~', format!("user {}", declared.user_name));
    }
    Ok(())
}

async fn group(to: &mut Application<'_, '_>, declared: &Group) -> Result<String, ApplyError> {
    let wanted = NewGroup {
        display_name: &declared.name,
        description: declared.description.as_deref(),
    };
    match directory::group_by_name(to.act.db(), &declared.name).await? {
        None => {
            to.changed('+', format!("group {}", declared.name));
            Ok(directory::create_group(to.act.db(), to.now, &wanted).await?)
        }
        Some((id, description)) => {
            if description != declared.description {
                directory::describe_group(to.act.db(), to.now, &id, wanted.description).await?;
                to.changed('~', format!("group {}", declared.name));
            }
            Ok(id)
        }
    }
}

async fn members(to: &mut Application<'_, '_>, group: &Group, id: &str) -> Result<(), ApplyError> {
    let mut wanted = BTreeSet::new();
    for name in &group.members {
        let user = directory::user_by_name(to.act.db(), name).await?;
        let user = user.ok_or_else(|| ApplyError::Unknown {
            subject: format!("group {:?}", group.name),
            kind: "user",
            name: name.clone(),
        })?;
        wanted.insert(user.id.clone());
        if directory::add_member(to.act.db(), to.now, id, &user.id).await? {
            to.changed('+', format!("member {name} of group {}", group.name));
        }
    }
    for member in directory::members(to.act.db(), id).await? {
        if !wanted.contains(&member) {
            directory::remove_member(to.act.db(), id, &member).await?;
            let user = directory::user(to.act.db(), &member).await?;
            let name = user.map_or(member, |user| user.user_name);
            to.changed('-', format!("member {name} of group {}", group.name));
        }
    }
    Ok(())
}
