//! What others need to know to use the demonstration, as a JSON file.

use std::{fs, io, path::Path};

use anyhow::{Context, Result};
use portal::{Config, declaration::Declaration, store::write_private};
use serde::Serialize;

use super::kept::Credentials;

#[derive(Serialize)]
struct Facts<'a> {
    start_url: String,
    region: &'a str,
    users: &'a [Credentials],
    accounts: Vec<AccountFacts<'a>>,
}

#[derive(Serialize)]
struct AccountFacts<'a> {
    id: &'a str,
    name: &'a str,
    roles: Vec<&'a str>,
}

/// Writes the file, whole and at once: that it is there says that the portal serves.
pub(crate) fn write(
    path: &Path,
    config: &Config,
    users: &[Credentials],
    organization: &Declaration,
) -> Result<()> {
    let facts = Facts {
        start_url: config.start_url(),
        region: &config.region,
        users,
        accounts: account_facts(organization),
    };
    write_private(path, &serde_json::to_vec_pretty(&facts)?)
        .with_context(|| format!("the facts cannot be written to {}", path.display()))
}

/// Removes the file: the facts of an earlier run would say that this one serves already.
pub(crate) fn forget(facts: &Path) -> Result<()> {
    match fs::remove_file(facts) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be replaced", facts.display()))
        }
        _ => Ok(()),
    }
}

fn account_facts(organization: &Declaration) -> Vec<AccountFacts<'_>> {
    organization
        .accounts
        .iter()
        .map(|account| {
            let mut roles: Vec<&str> = organization
                .assignments
                .iter()
                .filter(|assignment| assignment.is_in(account))
                .flat_map(|assignment| &assignment.permission_sets)
                .map(String::as_str)
                .collect();
            roles.sort_unstable();
            roles.dedup();
            AccountFacts {
                id: &account.id,
                name: &account.name,
                roles,
            }
        })
        .collect()
}
