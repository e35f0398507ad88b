use std::io::Write;

use anyhow::{Context, Error, Result, anyhow};
use portal::{
    Portal,
    directory::{self, DirectoryError, EVENT_SOURCE, GroupKey, NewGroup},
};
use serde_json::json;

use super::{users, watched};
use crate::commands::{Which, perform};

/// How many groups are read at a time.
const PAGE: i64 = 500;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    which: Which,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List all groups: name, description
    List,
    /// Add a group
    Add {
        /// Its name
        name: String,
        /// What it is for
        #[arg(long)]
        description: Option<String>,
    },
    /// Delete a group, with its assignments
    Delete {
        /// Its name
        name: String,
    },
    /// List the users in a group
    Members {
        /// Its name
        name: String,
    },
    /// Put a user into a group
    AddMember {
        /// The group's name
        name: String,
        /// The user's name
        user_name: String,
    },
    /// Take a user out of a group
    RemoveMember {
        /// The group's name
        name: String,
        /// The user's name
        user_name: String,
    },
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let portal = arguments.which.open().await?;
    match arguments.command {
        Command::List => list(&portal).await,
        Command::Add { name, description } => add(&portal, &name, description.as_deref()).await,
        Command::Delete { name } => watched(&portal, delete(&portal, &name)).await,
        Command::Members { name } => members(&portal, &name).await,
        Command::AddMember { name, user_name } => add_member(&portal, &name, &user_name).await,
        Command::RemoveMember { name, user_name } => {
            watched(&portal, remove_member(&portal, &name, &user_name)).await
        }
    }
}

/// The id of the group with this name.
pub(super) async fn id_of(portal: &Portal, name: &str) -> Result<String> {
    let found = directory::group_id(portal.pool(), GroupKey::Name(name)).await?;
    found.with_context(|| format!("there is no group {name:?}"))
}

async fn list(portal: &Portal) -> Result<()> {
    let mut db = portal.pool().acquire().await?;
    let mut after = String::new();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    loop {
        let page = directory::groups(&mut db, &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for group in page {
            let description = group.description.as_deref().unwrap_or("-");
            writeln!(out, "{}\t{description}", group.display_name)?;
        }
    }
    Ok(out.flush()?)
}

async fn add(portal: &Portal, name: &str, description: Option<&str>) -> Result<()> {
    let new = NewGroup {
        display_name: name,
        description,
    };
    let parameters = json!({ "displayName": name });
    let group = perform(
        portal,
        EVENT_SOURCE,
        "CreateGroup",
        parameters,
        async |act| directory::create_group(act, &new).await,
    )
    .await
    .map_err(|error| match error {
        DirectoryError::Duplicate(_) => {
            anyhow!("there is a group {name:?} already; choose another name")
        }
        error => Error::from(error),
    })?;
    writeln!(std::io::stdout(), "Added group {name} ({}).", group.id)?;
    Ok(())
}

async fn delete(portal: &Portal, name: &str) -> Result<()> {
    let id = id_of(portal, name).await?;
    let parameters = json!({ "groupId": id });
    perform(
        portal,
        EVENT_SOURCE,
        "DeleteGroup",
        parameters,
        async |act| directory::delete_group(act, &id, None).await,
    )
    .await?;
    writeln!(std::io::stdout(), "Deleted group {name}.")?;
    Ok(())
}

async fn members(portal: &Portal, name: &str) -> Result<()> {
    let id = id_of(portal, name).await?;
    let mut db = portal.pool().acquire().await?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for member in directory::members(&mut *db, &id).await? {
        if let Some(user) = directory::user(&mut *db, &member).await? {
            writeln!(out, "{}", user.user_name)?;
        }
    }
    Ok(out.flush()?)
}

async fn add_member(portal: &Portal, name: &str, user_name: &str) -> Result<()> {
    let group = id_of(portal, name).await?;
    let user = users::id_of(portal, user_name).await?;
    let parameters = json!({ "groupId": group, "memberId": { "userId": user } });
    let event = "CreateGroupMembership";
    perform(portal, EVENT_SOURCE, event, parameters, async |act| {
        directory::add_member(act, &group, &user).await
    })
    .await
    .map_err(|error| match error {
        DirectoryError::Member => anyhow!("{user_name} is in group {name} already"),
        error => Error::from(error),
    })?;
    writeln!(std::io::stdout(), "{user_name} is in group {name}.")?;
    Ok(())
}

async fn remove_member(portal: &Portal, name: &str, user_name: &str) -> Result<()> {
    let group = id_of(portal, name).await?;
    let user = users::id_of(portal, user_name).await?;
    let found = directory::membership_of(portal.pool(), &group, &user).await?;
    let found = found.with_context(|| format!("{user_name} is not in group {name}"))?;
    let parameters = json!({ "membershipId": found.id });
    let event = "DeleteGroupMembership";
    perform(portal, EVENT_SOURCE, event, parameters, async |act| {
        directory::remove_member(act, &found.id).await
    })
    .await?;
    writeln!(
        std::io::stdout(),
        "{user_name} is no longer in group {name}."
    )?;
    Ok(())
}
