//! The program's commands, one a file.

use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use portal::{
    Config, Portal,
    act::{self, Act, Actor, Refusal},
    clock::SystemClock,
};
use serde_json::Value;
use url::Url;

pub(crate) mod admin;
pub(crate) mod admin_key;
pub(crate) mod apply;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod enable;
pub(crate) mod export;
mod facts;
pub(crate) mod invite;
mod kept;
pub(crate) mod listen;
pub(crate) mod lock;
pub(crate) mod password;
pub(crate) mod restore;
pub(crate) mod serve;

/// Which portal a command is about.
#[derive(clap::Args)]
pub(crate) struct Which {
    /// Data folder of the portal [default: the demonstration's]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        conflicts_with = "config",
        display_order = 100
    )]
    data: Option<PathBuf>,
    /// Configuration file of the portal, as given to `serve`
    #[arg(long, global = true, value_name = "FILE", display_order = 101)]
    config: Option<PathBuf>,
}

impl Which {
    /// Opens the portal's data, which must exist.
    pub(crate) async fn open(&self) -> Result<Portal> {
        let (folder, config) = self.resolve()?;
        if config.database.is_none() && !folder.join("portal.db").exists() {
            let folder = folder.display();
            match &self.config {
                Some(file) => bail!(
                    "there is no portal in {folder}, which {} names; begin it with \
                     `vestibule-portal enable` or `apply`",
                    file.display()
                ),
                None => bail!(
                    "there is no portal in {folder}; name its folder with --data or its \
                     configuration with --config"
                ),
            }
        }
        open(&folder, config).await
    }

    /// Opens the portal's data, new if there is none.
    pub(crate) async fn open_or_create(&self) -> Result<Portal> {
        let (folder, config) = self.resolve()?;
        open(&folder, config).await
    }

    /// Its data folder and its settings.
    pub(crate) fn resolve(&self) -> Result<(PathBuf, Config)> {
        if let Some(file) = &self.config {
            let file = config::ConfigFile::read(file)?;
            let config = file.to_config()?;
            return Ok((file.data, config));
        }
        let folder = match &self.data {
            Some(folder) => folder.clone(),
            None => demo_folder(&|name| std::env::var_os(name))?,
        };
        // The demonstration's address, for links that commands print.
        let port = kept::Kept::read(&folder)?.port;
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        let origin = Url::parse(&format!("http://localhost{port}"))?;
        Ok((folder, Config::new(origin)))
    }
}

/// Opens the portal in `folder` with the machine's clock.
pub(crate) async fn open(folder: &Path, config: Config) -> Result<Portal> {
    Portal::open(folder, config, Arc::new(SystemClock))
        .await
        .with_context(|| format!("the portal in {} cannot be opened", folder.display()))
}

/// Runs one act of whoever has this machine, as [`act::perform`] does.
pub(crate) async fn perform<T, E>(
    portal: &Portal,
    source: &'static str,
    name: &'static str,
    parameters: Value,
    work: impl AsyncFnOnce(&mut Act<'_>) -> Result<T, E>,
) -> Result<T, E>
where
    E: Refusal + From<sqlx::Error>,
{
    act::perform(portal, &Actor::machine(), source, name, parameters, work).await
}

/// Says that nobody `can` administer the portal, or could, and how to let somebody in.
pub(crate) fn tell_nobody_is_left(account_id: &str, can: &str) -> std::io::Result<()> {
    writeln!(
        std::io::stderr(),
        "Nobody {can} administer the portal at /admin. To let somebody in, give a user who is \
         enabled\na permission set with the policy AdministratorAccess in the management account \
         {account_id}:\nin a file for `vestibule-portal apply`, or with `vestibule-portal admin \
         assign`."
    )
}

/// Where the demonstration keeps its data unless told otherwise.
pub(crate) fn demo_folder(env: &dyn Fn(&str) -> Option<std::ffi::OsString>) -> Result<PathBuf> {
    let folder = |name: &str| {
        env(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let data = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")))
    };
    let data = data.context("there is no home folder; name a data folder with --data")?;
    Ok(data.join("vestibule-portal"))
}

/// Says what went wrong, with its causes.
pub(crate) fn complain(error: &anyhow::Error) {
    let mut text = String::from("error");
    for cause in error.chain() {
        let cause = cause.to_string();
        let cause = cause.trim_end();
        // Some errors end with what their cause says.
        if !text.ends_with(cause) {
            text = format!("{text}: {cause}");
        }
    }
    // Nobody is left to tell if standard error is closed.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Refuses plain http for anything but this machine itself.
pub(crate) fn require_loopback(address: SocketAddr) -> Result<()> {
    if !address.ip().is_loopback() {
        bail!("{address} is not a loopback address: plain http is for this machine only");
    }
    Ok(())
}

/// Resolves when the program is asked to stop.
pub(crate) async fn stop_requested() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            let _ = tokio::signal::ctrl_c().await;
            return;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}
