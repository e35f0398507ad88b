//! The command line, as a script uses it.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::home::Home;

/// A session of `vestibule status --json`.
#[derive(Deserialize)]
pub(crate) struct Session {
    pub(crate) start_url: String,
    state: String,
}

/// An account of `vestibule accounts --json`.
#[derive(Deserialize)]
pub(crate) struct Account {
    pub(crate) id: String,
    roles: Vec<String>,
}

impl Session {
    pub(crate) fn is_signed_in(&self) -> bool {
        self.state == "signed_in"
    }
}

impl Account {
    /// The role that may do least, as far as its name tells.
    pub(crate) fn least_role(&self) -> Option<&String> {
        let reads = |role: &&String| role.contains("ReadOnly");
        self.roles.iter().find(reads).or(self.roles.first())
    }
}

pub(crate) fn sessions(home: &Home) -> Result<Vec<Session>> {
    #[derive(Deserialize)]
    struct Status {
        sessions: Vec<Session>,
    }
    Ok(json::<Status>(home, &["status", "--json"])?.sessions)
}

pub(crate) fn accounts(home: &Home) -> Result<Vec<Account>> {
    #[derive(Deserialize)]
    struct Accounts {
        accounts: Vec<Account>,
    }
    Ok(json::<Accounts>(home, &["accounts", "--json"])?.accounts)
}

/// Adds a portal, under a name of Vestibule's choice if none is given.
pub(crate) fn add_portal(
    home: &Home,
    start_url: &str,
    region: &str,
    name: Option<&str>,
) -> Result<()> {
    let mut arguments = vec!["portal", "add", start_url, "--region", region];
    if let Some(name) = name {
        arguments.extend(["--name", name]);
    }
    run(home, &arguments).map(drop)
}

pub(crate) fn keep(home: &Home, account: &str, role: &str, profile: &str) -> Result<()> {
    run(home, &["keep", account, role, "--profile", profile]).map(drop)
}

fn json<T: DeserializeOwned>(home: &Home, arguments: &[&str]) -> Result<T> {
    serde_json::from_str(&run(home, arguments)?)
        .with_context(|| format!("`vestibule {}` printed something else", arguments.join(" ")))
}

/// What `vestibule` prints; what it says besides is for errors only.
fn run(home: &Home, arguments: &[&str]) -> Result<String> {
    let output = home
        .program("vestibule")
        .args(arguments)
        .output()
        .context("cannot start vestibule")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{}", said.trim().trim_start_matches("error: "));
    }
    Ok(String::from_utf8(output.stdout)?)
}
