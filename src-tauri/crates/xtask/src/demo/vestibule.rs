//! The command line, as a script uses it.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::home::Home;
use crate::run::output;

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
    pub(crate) roles: Vec<String>,
}

impl Session {
    pub(crate) fn is_signed_in(&self) -> bool {
        self.state == "signed_in"
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

pub(crate) fn add_portal(home: &Home, start_url: &str, region: &str) -> Result<()> {
    run(home, &["portal", "add", start_url, "--region", region]).map(drop)
}

pub(crate) fn keep(home: &Home, account: &str, role: &str, profile: &str) -> Result<()> {
    run(home, &["keep", account, role, "--profile", profile]).map(drop)
}

fn json<T: DeserializeOwned>(home: &Home, arguments: &[&str]) -> Result<T> {
    serde_json::from_str(&run(home, arguments)?)
        .with_context(|| format!("`vestibule {}` printed something else", arguments.join(" ")))
}

fn run(home: &Home, arguments: &[&str]) -> Result<String> {
    output(home.program("vestibule").args(arguments))
}
