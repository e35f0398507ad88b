use std::{io::Write, path::PathBuf};

use anyhow::{Context, Result};
use portal::server;

use super::{config::ConfigFile, listen, lock};

/// What `--help` says of the file.
const EXAMPLE: &str = "\
The configuration. Origin and data must be given, and trusted_proxies where origin is https; the
rest shows its default:

  origin = \"https://sso.example.com\"    # as users see it; a proxy in front brings the TLS
  data = \"/var/lib/vestibule-portal\"    # kept private to its owner
  listen = \"127.0.0.1:8080\"
  trusted_proxies = [\"127.0.0.1\"]       # proxies that bring the TLS: only they, and this machine,
                                        # may connect, and their X-Forwarded-For is believed
  region = \"us-east-1\"
  partition = \"aws\"
  aliases = []                          # further start URLs that mean this portal
  mfa = \"context-aware\"                 # never, context-aware or always
  rate_limit = 20                       # requests a second for one sign-in, registrations
                                        # for one address; 0 is no limit
  access_token_seconds = 3600
  session_seconds = 28800
  credentials_seconds = 43200           # at most; permission sets say how long

Declare its organization with `vestibule-portal apply`, let users in with
`vestibule-portal password`.";

/// Serve a portal of your own
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// Its configuration, TOML
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
