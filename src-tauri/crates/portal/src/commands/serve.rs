use std::{io::Write, path::PathBuf};

use anyhow::{Context, Result};
use portal::server;

use super::{config::ConfigFile, listen, lock};

/// Serve a portal of your own
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Its configuration, TOML: origin, data, listen, region, aliases, mfa, …
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Serves until it is asked to stop.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let file = ConfigFile::read(&arguments.config)?;
    let _lock = lock::take(&file.data)?;
    let listeners = listen::bind(file.listen)
        .await
        .with_context(|| format!("cannot listen on {}", file.listen))?;
    let portal = super::open(&file.data, file.to_config()?).await?;
    let start_url = portal.config().start_url();
    writeln!(std::io::stdout(), "The portal serves at {start_url}")?;
    server::serve(portal, listeners, super::stop_requested()).await?;
    Ok(())
}
