//! The file that `serve` reads.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::{NonZero, NonZeroU32, NonZeroUsize},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use portal::{
    Config,
    audit::export::Exports,
    config::{MfaMode, Smtp, SmtpSecurity},
    server::TlsFiles,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use time::Duration;
use url::{Host, Url};

/// AWS's partitions: ARNs begin with theirs.
const PARTITIONS: [&str; 4] = ["aws", "aws-cn", "aws-us-gov", "aws-eusc"];

/// Its keys. Durations are seconds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigFile {
    /// What users and clients see: `https://sso.example.com`.
    origin: Url,
    /// Where to listen.
    #[serde(default = "default_listen")]
    pub(crate) listen: SocketAddr,
    /// The data folder.
    pub(crate) data: PathBuf,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default = "default_region")]
    region: String,
    #[serde(default = "default_partition")]
    partition: String,
    /// Said here, it is so at every start; otherwise as the administrators set it.
    mfa: Option<MfaMode>,
    smtp: Option<SmtpFile>,
    /// Requests a second for one portal session; 0 is no limit.
    #[serde(default = "default_rate")]
    rate_limit: u32,
    #[serde(default)]
    trusted_proxies: Vec<IpAddr>,
    /// `postgres://…`; none: SQLite in the data folder.
    #[serde(default, deserialize_with = "secret")]
    database: Option<SecretString>,
    /// Certificate and key; none: a proxy in front brings the TLS.
    tls: Option<TlsFiles>,
    /// Where to tell metrics and health, plain http.
    pub(crate) metrics: Option<SocketAddr>,
    connections: Option<NonZeroUsize>,
    #[serde(default)]
    exports: Exports,
    access_token_seconds: Option<NonZeroU32>,
    session_seconds: Option<NonZeroU32>,
    credentials_seconds: Option<NonZeroU32>,
}

/// It may hold a password.
fn secret<'de, D: Deserializer<'de>>(field: D) -> Result<Option<SecretString>, D::Error> {
    String::deserialize(field).map(|text| Some(text.into()))
}

fn default_listen() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 8080).into()
}

fn default_region() -> String {
    "us-east-1".to_owned()
}

fn default_partition() -> String {
    "aws".to_owned()
}

fn default_rate() -> u32 {
    20
}

/// The server that takes the portal's mail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SmtpFile {
    host: String,
    port: Option<u16>,
    #[serde(default = "default_security")]
    security: SmtpSecurity,
    user: Option<String>,
    /// A file that holds the password and nothing else.
    password_file: Option<PathBuf>,
    from: String,
}

fn default_security() -> SmtpSecurity {
    SmtpSecurity::Starttls
}

impl SmtpFile {
    fn to_smtp(&self) -> Result<Smtp> {
        let credentials = match (&self.user, &self.password_file) {
            (Some(user), Some(file)) => {
                let password = fs::read_to_string(file)
                    .with_context(|| format!("smtp: {} cannot be read", file.display()))?;
                let password = password.trim_end_matches(['\r', '\n']);
                Some((user.clone(), SecretString::from(password)))
            }
            (None, None) => None,
            _ => bail!("smtp: user and password_file go together"),
        };
        if self.from.parse::<lettre::Address>().is_err() {
            bail!("smtp: from is no mail address: {:?}", self.from);
        }
        let is_local = ["localhost", "127.0.0.1", "::1"].contains(&self.host.as_str());
        if self.security == SmtpSecurity::None && !is_local {
            bail!("smtp: security can be none for a server on this machine only");
        }
        Ok(Smtp {
            host: self.host.clone(),
            port: self.port,
            security: self.security,
            credentials,
            from: self.from.clone(),
        })
    }
}

impl ConfigFile {
    /// Reads and checks the file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("{name} cannot be read"))?;
        let file: Self = toml::from_str(&text).with_context(|| format!("{name} is not valid"))?;
        file.check()
            .with_context(|| format!("{name} is not valid"))?;
        Ok(file)
    }

    /// What the portal is made with.
    pub(crate) fn to_config(&self) -> Result<Config> {
        let mut config = Config::new(self.origin.clone());
        config.aliases.clone_from(&self.aliases);
        config.region.clone_from(&self.region);
        config.partition.clone_from(&self.partition);
        config.mfa = self.mfa;
        config.smtp = self.smtp.as_ref().map(SmtpFile::to_smtp).transpose()?;
        config.rate_limit = (self.rate_limit > 0).then_some(self.rate_limit);
        config.trusted_proxies.clone_from(&self.trusted_proxies);
        config.database.clone_from(&self.database);
        config.tls.clone_from(&self.tls);
        config.connections = self.connections.map_or(config.connections, NonZero::get);
        config.exports.clone_from(&self.exports);
        let seconds = |seconds: NonZeroU32| Duration::seconds(seconds.get().into());
        let lifetimes = &mut config.lifetimes;
        lifetimes.credentials = self.credentials_seconds.map(seconds);
        lifetimes.access_token = self
            .access_token_seconds
            .map_or(lifetimes.access_token, seconds);
        lifetimes.portal_session = self
            .session_seconds
            .map_or(lifetimes.portal_session, seconds);
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        let local = match self.origin.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => bail!("origin has no host"),
        };
        if self.origin.path() != "/" || self.origin.query().is_some() {
            bail!("origin is scheme, host and port only");
        }
        match self.origin.scheme() {
            "https" if self.tls.is_none() && self.trusted_proxies.is_empty() => bail!(
                "origin is https: name certificate and key under [tls] or, if a proxy brings the \
                 TLS, its addresses in trusted_proxies, for one on this machine \
                 [\"127.0.0.1\", \"::1\"]"
            ),
            "https" => {}
            "http" if self.tls.is_some() => bail!("origin must be https where there is [tls]"),
            "http" if local => super::require_loopback(self.listen)?,
            "http" => bail!("origin must be https: plain http is for this machine only"),
            other => bail!("origin cannot be {other}"),
        }
        if !PARTITIONS.contains(&self.partition.as_str()) {
            bail!("partition must be one of {}", PARTITIONS.join(", "));
        }
        let url = self.database.as_ref().map(SecretString::expose_secret);
        if url
            .is_some_and(|url| !url.starts_with("postgres://") && !url.starts_with("postgresql://"))
        {
            bail!("database must be postgres://user:password@host/name");
        }
        Ok(())
    }
}
