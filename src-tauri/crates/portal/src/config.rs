//! What one portal is: its addresses, its lifetimes, its policies.

use std::net::IpAddr;

use secrecy::SecretString;
use time::Duration;
use url::Url;

use crate::{audit::export::Exports, server::TlsFiles};

/// The settings of one portal instance.
#[derive(Debug, Clone)]
pub struct Config {
    /// Scheme, host and port under which everything is served, as in `http://localhost:8123`.
    pub origin: Url,
    /// Further start URLs that clients may name; each means this portal.
    pub aliases: Vec<String>,
    /// The region clients are told, as in `us-east-1`.
    pub region: String,
    /// `aws`, `aws-cn`, `aws-us-gov` or `aws-eusc`.
    pub partition: String,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// When a second factor is asked for; the portal's policy says so from then on. `None` leaves
    /// the policy as it is.
    pub mfa: Option<MfaMode>,
    /// Where mail is handed in; `None`: it goes to the outbox folder.
    pub smtp: Option<Smtp>,
    /// Requests a second (and burst) to the portal API for one portal session, and of each kind that
    /// proves nothing for one host: registrations, sign-ins begun, refusals that are written down.
    /// `None`: no limit.
    pub rate_limit: Option<u32>,
    /// Addresses whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// The store, as `postgres://user:password@host/database`; `None`: SQLite in the data folder.
    pub database: Option<SecretString>,
    /// Certificate and key, where the portal itself brings the TLS.
    pub tls: Option<TlsFiles>,
    /// How many may be connected at once.
    pub connections: usize,
    /// Where the audit trail goes besides the store.
    pub exports: Exports,
}

/// How long things live.
#[derive(Debug, Clone)]
pub struct Lifetimes {
    /// Access tokens; default 1 hour.
    pub access_token: Duration,
    /// The portal session, and so every refresh token; default 8 hours.
    pub portal_session: Duration,
    /// Role credentials, where it is shorter than the permission set's session.
    pub credentials: Option<Duration>,
    /// Client registrations; 90 days.
    pub registration: Duration,
    /// Device codes; 10 minutes.
    pub device_code: Duration,
    /// Authorization codes, and the consent before them; 10 minutes.
    pub authorization_code: Duration,
    /// How long a rotated refresh token is still accepted; 60 seconds.
    pub rotation_grace: Duration,
    /// Console sign-in tokens; 15 minutes.
    pub signin_token: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            access_token: Duration::HOUR,
            portal_session: Duration::hours(8),
            credentials: None,
            registration: Duration::days(90),
            device_code: Duration::minutes(10),
            authorization_code: Duration::minutes(10),
            rotation_grace: Duration::seconds(60),
            signin_token: Duration::minutes(15),
        }
    }
}

/// The server that takes the portal's mail.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port, unless it is the usual one.
    pub port: Option<u16>,
    /// How the way there is kept private.
    pub security: SmtpSecurity,
    /// User name and password, if it asks for them.
    pub credentials: Option<(String, SecretString)>,
    /// The address mail comes from.
    pub from: String,
}

/// How the way to the mail server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurity {
    /// TLS from the beginning (usually port 465).
    Tls,
    /// TLS after a greeting (usually port 587).
    Starttls,
    /// Not at all: for a server on this machine.
    None,
}

/// When a second factor is asked for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum MfaMode {
    /// The password is enough.
    Never,
    /// Only when the device or the network was not seen before.
    ContextAware,
    /// At every sign-in.
    Always,
}

impl Config {
    /// A portal at `origin` with the defaults: `us-east-1`, 20 requests a second, 8,192 connections,
    /// mail to the outbox.
    pub fn new(origin: Url) -> Self {
        Self {
            origin,
            aliases: Vec::new(),
            region: "us-east-1".to_owned(),
            partition: "aws".to_owned(),
            lifetimes: Lifetimes::default(),
            mfa: None,
            smtp: None,
            rate_limit: Some(20),
            trusted_proxies: Vec::new(),
            database: None,
            tls: None,
            connections: 8192,
            exports: Exports::new(),
        }
    }

    /// The address of `path` (with its slash) under this portal.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin.as_str().trim_end_matches('/'))
    }

    /// The address users and clients know the portal by.
    pub fn start_url(&self) -> String {
        self.url("/start")
    }

    /// Whether `url` names this portal: its start URL or an alias, with or without a last slash
    /// or a fragment such as `#/`.
    pub fn is_start_url(&self, url: &str) -> bool {
        let asked = without_ending(url);
        let mut aliases = self.aliases.iter();
        asked == self.start_url() || aliases.any(|alias| asked == without_ending(alias))
    }
}

/// A start URL without what clients put after it: a last slash, a fragment.
pub(crate) fn without_ending(url: &str) -> &str {
    let url = url.split_once('#').map_or(url, |(before, _)| before);
    url.trim_end_matches('/')
}
