use std::io::Write;

use anyhow::{Context, Result};
use portal::{Portal, audit, directory, invitations};
use secrecy::ExposeSecret;
use serde_json::json;

use super::{Which, perform};

/// Send a user a link that sets a password, and print it
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The user's name
    #[arg(value_name = "USER")]
    user_name: String,
    /// Take the password away from a user who has one
    #[arg(long)]
    reset: bool,
    #[command(flatten)]
    which: Which,
}

/// Prints the link. The mail with it is sent by the portal that serves.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let portal = arguments.which.open().await?;
    let user = directory::user_by_name(portal.pool(), &arguments.user_name)
        .await?
        .with_context(|| format!("there is no user {:?}", arguments.user_name))?;
    let name = if arguments.reset {
        "ResetUserPassword"
    } else {
        "InviteUser"
    };
    let (source, parameters) = (audit::DIRECTORY, json!({ "userId": user.id }));
    let link = perform(&portal, source, name, parameters, async |act| {
        if arguments.reset {
            invitations::reset_password(act, &user.id).await
        } else {
            invitations::invite(act, &user.id).await
        }
    })
    .await
    .with_context(|| format!("{} cannot be sent a link", user.user_name))?;
    tell(&portal, &link)
}

/// Prints a link, how long it works and where it goes.
pub(crate) fn tell(portal: &Portal, link: &invitations::Link) -> Result<()> {
    let mut out = std::io::stdout().lock();
    // Some of it went by while it was made.
    let life = link.expires_at - portal.now() + time::Duration::HOUR;
    let life = match life.whole_days() {
        0 => "an hour".to_owned(),
        days => format!("{days} days"),
    };
    writeln!(out, "{}", link.url.expose_secret())?;
    let sends = portal.config().smtp.is_some();
    match &link.mailed_to {
        Some(address) if sends => writeln!(
            out,
            "It works once, for {life}, and is mailed to {address}."
        ),
        Some(address) => writeln!(
            out,
            "It works once, for {life}. There is no [smtp] to mail it: pass it on to {address}."
        ),
        None => writeln!(
            out,
            "It works once, for {life}. The user has no address to mail it to."
        ),
    }?;
    Ok(())
}
