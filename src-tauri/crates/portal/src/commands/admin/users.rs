use std::io::Write;

use anyhow::{Context, Error, Result, anyhow};
use portal::{
    Portal,
    directory::{self, DirectoryError, EVENT_SOURCE, UserAttributes, UserKey},
};
use serde_json::json;

use super::watched;
use crate::commands::{Which, password, perform};

/// How many users are read at a time.
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
    /// List all users: name, state, address, display name
    List,
    /// Add a user without a password; reset-password gives one
    Add {
        /// What they sign in with
        user_name: String,
        /// How they are called
        #[arg(long)]
        display_name: String,
        /// Their address
        #[arg(long)]
        email: String,
    },
    /// End a user's sessions and refuse new ones
    Disable {
        /// The user's name
        user_name: String,
    },
    /// Let a user sign in again
    Enable {
        /// The user's name
        user_name: String,
    },
    /// Delete a user, with factors, memberships and assignments
    Delete {
        /// The user's name
        user_name: String,
    },
    /// Give a user a one-time password
    ResetPassword {
        /// The user's name
        user_name: String,
    },
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let portal = arguments.which.open().await?;
    match arguments.command {
        Command::List => list(&portal).await,
        Command::Add {
            user_name,
            display_name,
            email,
        } => {
            let attributes = UserAttributes::new(&user_name, &display_name, &email);
            add(&portal, &attributes).await
        }
        Command::Disable { user_name } => {
            watched(&portal, set_enabled(&portal, &user_name, false)).await
        }
        Command::Enable { user_name } => set_enabled(&portal, &user_name, true).await,
        Command::Delete { user_name } => watched(&portal, delete(&portal, &user_name)).await,
        Command::ResetPassword { user_name } => password::give(&portal, &user_name).await,
    }
}

/// The id of the user with this name.
pub(super) async fn id_of(portal: &Portal, user_name: &str) -> Result<String> {
    let found = directory::user_id(portal.pool(), UserKey::Name(user_name)).await?;
    found.with_context(|| format!("there is no user {user_name:?}"))
}

async fn list(portal: &Portal) -> Result<()> {
    let mut db = portal.pool().acquire().await?;
    let mut after = String::new();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    loop {
        let page = directory::profiles(&mut db, &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for user in page {
            let state = if user.enabled { "enabled" } else { "disabled" };
            let UserAttributes {
                user_name,
                display_name,
                ..
            } = &user.attributes;
            let email = user.attributes.email().unwrap_or("-");
            writeln!(out, "{user_name}\t{state}\t{email}\t{display_name}")?;
        }
    }
    Ok(out.flush()?)
}

async fn add(portal: &Portal, attributes: &UserAttributes) -> Result<()> {
    let parameters = json!({ "userName": attributes.user_name });
    let user = perform(
        portal,
        EVENT_SOURCE,
        "CreateUser",
        parameters,
        async |act| directory::create_user(act, attributes).await,
    )
    .await
    .map_err(|error| taken(error, attributes))?;
    writeln!(
        std::io::stdout(),
        "Added user {} ({}).",
        attributes.user_name,
        user.id
    )?;
    Ok(())
}

/// AWS's words, which its clients read, do not say what another user has already.
fn taken(error: DirectoryError, attributes: &UserAttributes) -> Error {
    let email = attributes.email().unwrap_or_default();
    match error {
        DirectoryError::Duplicate("UserName") => anyhow!(
            "there is a user {:?} already; choose another name",
            attributes.user_name
        ),
        DirectoryError::Duplicate("Email") => anyhow!(
            "another user has the address {email:?} already; `vestibule-portal admin users list` \
             shows who"
        ),
        error => error.into(),
    }
}

async fn set_enabled(portal: &Portal, user_name: &str, enabled: bool) -> Result<()> {
    let id = id_of(portal, user_name).await?;
    let (name, done) = match enabled {
        true => ("EnableUser", "Enabled"),
        false => ("DisableUser", "Disabled"),
    };
    let parameters = json!({ "userId": id });
    perform(portal, EVENT_SOURCE, name, parameters, async |act| {
        directory::set_enabled(act, &id, enabled).await
    })
    .await?;
    writeln!(std::io::stdout(), "{done} user {user_name}.")?;
    Ok(())
}

async fn delete(portal: &Portal, user_name: &str) -> Result<()> {
    let id = id_of(portal, user_name).await?;
    let parameters = json!({ "userId": id });
    let work = async |act: &mut portal::act::Act<'_>| -> Result<bool, DirectoryError> {
        directory::delete_user(act, &id, None).await
    };
    perform(portal, EVENT_SOURCE, "DeleteUser", parameters, work).await?;
    writeln!(std::io::stdout(), "Deleted user {user_name}.")?;
    Ok(())
}
