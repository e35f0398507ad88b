use std::io::Write;

use anyhow::Result;
use portal::{access::EVENT_SOURCE, settings};
use serde_json::json;

use crate::commands::{Which, perform};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// What comes after the portal's origin: 2 to 63 small letters, digits and hyphens
    alias: String,
    #[command(flatten)]
    which: Which,
}

/// Prints the address.
pub(super) async fn customize_url(arguments: Arguments) -> Result<()> {
    let portal = arguments.which.open().await?;
    let alias = &arguments.alias;
    let parameters = json!({ "portalAlias": alias });
    perform(
        &portal,
        EVENT_SOURCE,
        "UpdateSSOConfiguration",
        parameters,
        async |act| settings::customize_url(act, alias).await,
    )
    .await?;
    let url = settings::customized(portal.config(), alias);
    writeln!(std::io::stdout(), "The portal's own address is {url}.")?;
    Ok(())
}
