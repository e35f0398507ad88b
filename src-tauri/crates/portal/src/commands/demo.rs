use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    path::PathBuf,
};

use anyhow::{Context, Result};
use portal::{
    Config, Portal,
    act::{Act, Actor},
    config::MfaMode,
    declaration::{self, Options},
    directory::{self, NewPassword},
    example, mfa, random,
    server::{self, Listeners},
};
use secrecy::ExposeSecret;
use time::Duration;
use tokio::net::TcpListener;
use url::Url;

use super::{
    facts,
    kept::{Credentials, Kept},
    listen, lock,
};

/// What the newest AWS CLI takes for a start URL; it is then pointed here by its endpoint variables.
const ALIAS: &str = "https://d-1234567890.awsapps.com/start";

/// Serve the example organization on this machine
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Loopback address to listen on [default: 127.0.0.1 and a port chosen once]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Folder for its data [default: vestibule-portal in your data folder]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Write start URL, users and accounts to this file as JSON once the portal serves
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
    /// How long access tokens live
    #[arg(long, value_name = "N", value_parser = seconds)]
    access_token_seconds: Option<Duration>,
    /// How long role credentials live at most
    #[arg(long, value_name = "N", value_parser = seconds)]
    credentials_seconds: Option<Duration>,
    /// How long a sign-in lasts
    #[arg(long, value_name = "N", value_parser = seconds)]
    session_seconds: Option<Duration>,
    /// Make a large organization of this many accounts instead
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    accounts: Option<u32>,
    /// With --accounts: how many roles each account has
    #[arg(long, value_name = "M", requires = "accounts", default_value_t = 2,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    roles: u32,
    /// Portal requests a second for one sign-in, or `off`
    #[arg(long, value_name = "N|off", default_value = "20")]
    rate_limit: RateLimit,
    /// When to ask for a second factor: never, context-aware (new device or network) or always
    #[arg(long, value_name = "MODE", default_value = "always")]
    mfa: MfaMode,
}

/// A number of requests a second, or `off`.
#[derive(Clone, Copy)]
struct RateLimit(Option<NonZeroU32>);

impl std::str::FromStr for RateLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(None));
        }
        let rate = text
            .parse()
            .map_err(|_| "a whole number above 0, or off".to_owned())?;
        Ok(Self(Some(rate)))
    }
}

impl std::fmt::Display for RateLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(rate) => rate.fmt(f),
            None => f.write_str("off"),
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::seconds(seconds.into())),
        _ => Err("a whole number of seconds above 0".to_owned()),
    }
}

/// Serves until it is asked to stop.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let folder = match &arguments.data {
        Some(folder) => folder.clone(),
        None => super::demo_folder(&|name| std::env::var_os(name))?,
    };
    let _lock = lock::take(&folder)?;
    if let Some(path) = &arguments.facts {
        facts::forget(path)?;
    }
    let mut kept = Kept::read(&folder)?;
    let listeners = bind(&arguments, &mut kept).await?;
    let config = arguments.to_config(&listeners)?;
    let organization = arguments.organization()?;
    keep_secrets(&mut kept, &organization);
    kept.write(&folder)?;

    let portal = super::open(&folder, config).await?;
    let name = arguments.organization_name();
    if kept.organization.as_ref() != Some(&name) {
        declaration::apply(&portal, &organization, &Options::default()).await?;
        kept.organization = Some(name);
        kept.write(&folder)?;
    }
    for user in &kept.users {
        equip(&portal, user).await?;
    }
    let serving = tokio::spawn(server::serve(
        portal.clone(),
        Listeners {
            portal: listeners,
            operation: None,
        },
        super::stop_requested(),
    ));
    if let Some(path) = &arguments.facts {
        facts::write(path, portal.config(), &kept.users, &organization)?;
    }
    // It serves as well when nobody reads this.
    let _ = announce(&portal, &kept);
    serving.await??;
    Ok(())
}

impl Arguments {
    fn to_config(&self, listeners: &[TcpListener]) -> Result<Config> {
        let port = listeners
            .first()
            .context("no address to listen on")?
            .local_addr()?
            .port();
        let mut config = Config::new(Url::parse(&format!("http://localhost:{port}"))?);
        config.aliases = vec![ALIAS.to_owned()];
        config.mfa = Some(self.mfa);
        config.rate_limit = self.rate_limit.0.map(NonZeroU32::get);
        let lifetimes = &mut config.lifetimes;
        lifetimes.credentials = self.credentials_seconds;
        if let Some(lifetime) = self.access_token_seconds {
            lifetimes.access_token = lifetime;
        }
        if let Some(lifetime) = self.session_seconds {
            lifetimes.portal_session = lifetime;
        }
        Ok(config)
    }

    fn organization_name(&self) -> String {
        match self.accounts {
            None => "example".to_owned(),
            Some(accounts) => format!("{accounts} accounts, {} roles", self.roles),
        }
    }

    fn organization(&self) -> Result<declaration::Declaration> {
        Ok(match self.accounts {
            None => example::example()?,
            Some(accounts) => example::large(accounts as usize, self.roles as usize)?,
        })
    }
}

async fn bind(arguments: &Arguments, kept: &mut Kept) -> Result<Vec<TcpListener>> {
    let asked = arguments.listen.unwrap_or((Ipv4Addr::LOCALHOST, 0).into());
    super::require_loopback(asked)?;
    let mut address = asked;
    if asked.port() == 0 {
        address.set_port(kept.port.unwrap_or(0));
    }
    let listeners = listen::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}; choose another port with --listen {}:PORT",
            asked.ip()
        )
    })?;
    let first = listeners.first().context("no address to listen on")?;
    kept.port = Some(first.local_addr()?.port());
    Ok(listeners)
}

/// Invents the secrets of users that have none yet.
fn keep_secrets(kept: &mut Kept, organization: &declaration::Declaration) {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
    for user in &organization.users {
        if kept
            .users
            .iter()
            .any(|known| known.user_name == user.user_name)
        {
            continue;
        }
        let word = || random::characters(LETTERS, 4);
        kept.users.push(Credentials {
            user_name: user.user_name.clone(),
            password: format!("{}-{}-{}", word(), word(), word()),
            totp_secret: mfa::Secret::generate().base32().expose_secret().to_owned(),
        });
    }
}

/// Gives a user password and authenticator, if a run before has not.
async fn equip(portal: &Portal, credentials: &Credentials) -> Result<()> {
    let user = directory::user_by_name(portal.pool(), &credentials.user_name)
        .await?
        .with_context(|| format!("the user {} is gone", credentials.user_name))?;
    let factors = mfa::factors(portal.pool(), &user.id).await?;
    let password = if directory::has_password(portal.pool(), &user.id).await? {
        None
    } else {
        Some(NewPassword::of(&credentials.password.as_str().into(), false).await?)
    };
    let secret = mfa::Secret::from_base32(credentials.totp_secret.as_str().into())?;
    let actor = Actor::machine();
    let mut act = Act::begin(portal, &actor).await?;
    if let Some(password) = password {
        directory::set_password(&mut act, &user.id, &password, None).await?;
    }
    if factors.is_empty() {
        mfa::enrol_totp(&mut act, &user.id, "Demonstration", &secret).await?;
    }
    Ok(act.commit().await?)
}

/// Says how to sign in.
fn announce(portal: &Portal, kept: &Kept) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "The portal serves at {}", portal.config().start_url())?;
    writeln!(
        out,
        "\n{:<12} {:<16} authenticator secret",
        "user", "password"
    )?;
    for user in &kept.users {
        writeln!(
            out,
            "{:<12} {:<16} {}",
            user.user_name, user.password, user.totp_secret
        )?;
    }
    writeln!(out, "\nStop it with Ctrl-C.")?;
    out.flush()
}
