use std::io::Write;

use anyhow::Result;
use portal::admin::keys;
use secrecy::ExposeSecret;
use serde_json::Value;
use time::macros::format_description;

use super::{Which, perform};

const EXAMPLE: &str = "\
A key may do everything through AWS's administrative APIs, at the portal's own address:

  (umask 077; vestibule-portal admin-key create --config portal.toml >> ~/.aws/credentials)
  aws --profile portal-admin --endpoint-url http://localhost:8080 sso-admin list-instances";

/// Make, list and revoke administrators' keys
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make a key and print it, once, as a profile of the credentials file
    Create {
        #[command(flatten)]
        which: Which,
    },
    /// List the keys, without their secrets
    List {
        #[command(flatten)]
        which: Which,
    },
    /// End a key at once
    Revoke {
        /// AKIA…
        access_key_id: String,
        #[command(flatten)]
        which: Which,
    },
}

/// Does what was asked.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    match arguments.command {
        Command::Create { which } => create(&which).await,
        Command::List { which } => list(&which).await,
        Command::Revoke {
            access_key_id,
            which,
        } => revoke(&which, &access_key_id).await,
    }
}

async fn create(which: &Which) -> Result<()> {
    let portal = which.open_or_create().await?;
    let (id, secret) = perform(
        &portal,
        keys::EVENT_SOURCE,
        "CreateAccessKey",
        Value::Null,
        keys::create_key,
    )
    .await?;
    writeln!(
        std::io::stdout(),
        "[portal-admin]\naws_access_key_id = {id}\naws_secret_access_key = {}\nregion = {}",
        secret.expose_secret(),
        portal.config().region,
    )?;
    Ok(())
}

async fn list(which: &Which) -> Result<()> {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let portal = which.open().await?;
    let mut out = std::io::stdout().lock();
    for key in keys::keys(portal.pool()).await? {
        let created = key.created_at.format(format)?;
        let state = match key.revoked_at {
            None => "active".to_owned(),
            Some(revoked) => format!("revoked {}", revoked.format(format)?),
        };
        writeln!(out, "{} created {created} {state}", key.access_key_id)?;
    }
    Ok(())
}

async fn revoke(which: &Which, access_key_id: &str) -> Result<()> {
    let portal = which.open().await?;
    perform(
        &portal,
        keys::EVENT_SOURCE,
        "DeleteAccessKey",
        keys::named(access_key_id),
        async |act| keys::revoke_key(act, access_key_id).await,
    )
    .await?;
    writeln!(std::io::stdout(), "Revoked {access_key_id}")?;
    Ok(())
}
