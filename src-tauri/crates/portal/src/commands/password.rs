use std::io::Write;

use anyhow::{Context, Result};
use portal::{audit, client::Client, directory, random, sessions};

use super::Which;

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
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let portal = arguments.which.open().await?;
    let user = directory::user_by_name(portal.pool(), &arguments.user_name)
        .await?
        .with_context(|| format!("there is no user {:?}", arguments.user_name))?;
    let password = random::characters(LETTERS, 16);
    let secret = password.as_str().into();
    let now = portal.now();
    directory::set_password(portal.pool(), now, &user.id, &secret, true).await?;
    sessions::end_all(portal.pool(), now, &user.id).await?;
    let event = audit::Event::new("sso-directory.amazonaws.com", "UpdatePassword")
        .user(&user.id, &user.user_name);
    audit::record(&portal, &Client::this_machine("vestibule-portal"), event).await?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "One-time password of {}: {password}", user.user_name)?;
    Ok(())
}
