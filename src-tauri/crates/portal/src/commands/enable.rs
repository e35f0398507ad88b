use std::io::Write;

use anyhow::{Context, Result};
use portal::{access::EVENT_SOURCE, directory::UserAttributes, enabling};
use serde_json::json;

use super::{Which, invite, perform};

const EXAMPLE: &str = "\
It founds the organization with its management account, and makes the user the first of its
Administrators, who have AdministratorAccess there and find everything else under /admin:

  vestibule-portal enable ana --display-name \"Ana\" --email ana@example.com --config portal.toml

Whoever has the organization in a file applies that instead.";

/// Begin an empty portal with its first administrator
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// What the administrator signs in with
    #[arg(value_name = "USER")]
    user_name: String,
    /// How they are called
    #[arg(long, value_name = "NAME")]
    display_name: String,
    /// Their address, where the invitation goes
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    #[command(flatten)]
    which: Which,
}

/// Prints the invitation's link.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let portal = arguments.which.open_or_create().await?;
    let Arguments {
        user_name,
        display_name,
        email,
        ..
    } = &arguments;
    let first = UserAttributes::new(user_name, display_name, email);
    let parameters = json!({ "userName": user_name });
    let link = perform(&portal, EVENT_SOURCE, "StartSSO", parameters, async |act| {
        enabling::enable(act, &first).await
    })
    .await
    .context("the portal was not enabled")?;
    let start_url = portal.config().start_url();
    writeln!(
        std::io::stdout(),
        "{start_url} is enabled. {user_name} sets a password by this link:"
    )?;
    invite::tell(&portal, &link)
}
