use std::io::Write;

use anyhow::{Context, Result};
use portal::{
    Portal, audit,
    directory::{self, NewPassword, PasswordError},
};
use secrecy::ExposeSecret;
use serde_json::json;

use super::{Which, perform};

/// Give a user a one-time password, which the next sign-in replaces
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The user's name
    #[arg(value_name = "USER")]
    user_name: String,
    #[command(flatten)]
    which: Which,
}

/// Prints the password, and ends the sessions of the user's old one.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let portal = arguments.which.open().await?;
    give(&portal, &arguments.user_name).await
}

/// Gives a user a one-time password, and prints it.
pub(crate) async fn give(portal: &Portal, user_name: &str) -> Result<()> {
    let user = directory::user_by_name(portal.pool(), user_name)
        .await?
        .with_context(|| format!("there is no user {user_name:?}"))?;
    let (password, new) = NewPassword::one_time().await?;
    let parameters = json!({ "userId": user.id });
    let (source, name) = (audit::DIRECTORY, "UpdatePassword");
    perform(portal, source, name, parameters, async |act| {
        directory::set_password(act, &user.id, &new, None).await?;
        Ok::<_, PasswordError>(())
    })
    .await?;
    let mut out = std::io::stdout().lock();
    let password = password.expose_secret();
    writeln!(out, "One-time password of {}: {password}", user.user_name)?;
    Ok(())
}
