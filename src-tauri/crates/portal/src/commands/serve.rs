use std::{io::Write, path::PathBuf};

use anyhow::{Context, Result};
use portal::{
    enabling,
    server::{self, Listeners},
};
use tokio::net::TcpListener;

use super::{config::ConfigFile, listen, lock};

/// What `--help` says of the file.
const EXAMPLE: &str = "\
The configuration. Origin and data must be given, and where origin is https either [tls] or
trusted_proxies; the rest shows its default or an example:

  origin = \"https://sso.example.com\"    # as users see it
  data = \"/var/lib/vestibule-portal\"    # kept private to its owner
  listen = \"127.0.0.1:8080\"
  trusted_proxies = [\"127.0.0.1\"]       # proxies that bring the TLS: only they, and this machine,
                                        # may connect, and their X-Forwarded-For is believed
  region = \"us-east-1\"
  partition = \"aws\"
  aliases = []                          # further start URLs that mean this portal
  mfa = \"context-aware\"                 # never, context-aware or always; without it, as set
                                        # under /admin
  rate_limit = 20                       # requests a second for one sign-in, registrations
                                        # for one address; 0 is no limit
  connections = 8192                    # at once; the longest silent makes room for the next
  access_token_seconds = 3600
  session_seconds = 28800
  credentials_seconds = 43200           # at most; permission sets say how long

  # metrics = \"127.0.0.1:9464\"          # /metrics, /healthz and /readyz, plain http
  # database = \"postgres://portal:secret@db.example.com/portal\"
                                        # in place of SQLite in the data folder; several portals
                                        # may share one if they have the same master.key in data

  # [tls]                               # in place of a proxy; read again when they change
  # certificate = \"/etc/vestibule/fullchain.pem\"
  # key = \"/etc/vestibule/privkey.pem\"

  # [exports.archive]                   # the audit trail elsewhere, under a name of your own
  # kind = \"file\"                       # JSON lines
  # path = \"/var/log/vestibule/audit.jsonl\"
  # rotate_bytes = 104857600
  # keep = 10                           # full files
  # [exports.syslog]
  # kind = \"syslog\"                     # RFC 5424
  # address = \"tcp://logs.example.com:601\"   # or udp://logs.example.com:514, unix:///dev/log
  # [exports.splunk]
  # kind = \"splunk\"                     # HTTP Event Collector
  # url = \"https://splunk.example.com:8088\"
  # token_file = \"/etc/vestibule/splunk.token\"
  # [exports.sumo]
  # kind = \"sumo-logic\"                 # hosted HTTP source
  # url_file = \"/etc/vestibule/sumo.url\"  # its address is the secret

  # [smtp]                                # without it mail goes to the folder outbox in data
  # host = \"smtp.example.com\"
  # port = 587
  # security = \"starttls\"               # starttls, tls or none (on this machine only)
  # user = \"portal\"                     # with password_file; without both, none is sent
  # password_file = \"/etc/vestibule/smtp\"
  # from = \"vestibule@example.com\"

Begin it with `vestibule-portal enable`, or from a file with `vestibule-portal apply` and
`vestibule-portal invite`.";

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
    let config = file.to_config()?;
    // PostgreSQL has room for several portals, a folder for one.
    let _lock = match config.database {
        Some(_) => None,
        None => Some(lock::take(&file.data)?),
    };
    let portal_listeners = listen::bind(file.listen)
        .await
        .with_context(|| format!("cannot listen on {}", file.listen))?;
    let operation = match file.metrics {
        Some(address) => Some(
            TcpListener::bind(address)
                .await
                .with_context(|| format!("cannot listen on {address}, named in metrics"))?,
        ),
        None => None,
    };
    let listeners = Listeners {
        portal: portal_listeners,
        operation,
    };
    let portal = super::open(&file.data, config).await?;
    let start_url = portal.config().start_url();
    let mut out = std::io::stdout();
    writeln!(out, "The portal serves at {start_url}")?;
    if portal.config().origin.port_or_known_default() != Some(file.listen.port()) {
        writeln!(out, "It listens on {}", file.listen)?;
    }
    if enabling::is_empty(portal.pool()).await? {
        let config = arguments.config.display();
        writeln!(
            out,
            "Nobody can sign in yet. Make the first administrator:\n  vestibule-portal enable USER \
             --display-name NAME --email ADDRESS --config {config}"
        )?;
    }
    server::serve(portal, listeners, super::stop_requested()).await?;
    Ok(())
}
