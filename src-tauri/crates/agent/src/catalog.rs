//! What a portal assigns to its user: accounts, roles and applications. Kept on disk, revised in place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::files;

/// The accounts and applications of one session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Catalog {
    /// Whether a listing was ever finished: before, an account not found may yet come.
    pub(crate) complete: bool,
    /// Sorted by name, then id.
    pub(crate) accounts: Vec<Account>,
    /// Sorted by name, then id.
    #[serde(default)]
    pub(crate) applications: Vec<Application>,
}

/// An application that opens in the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Application {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) start_url: Url,
}

impl From<sso::portal::Application> for Application {
    fn from(told: sso::portal::Application) -> Self {
        Self {
            id: told.id,
            name: told.name,
            start_url: told.start_url,
        }
    }
}

/// An account and the roles its user may take there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    /// Sorted.
    pub(crate) roles: Vec<String>,
}

impl Account {
    /// One of which nothing but the number is known.
    pub(crate) fn unnamed(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: id.to_owned(),
            email: String::new(),
            roles: Vec::new(),
        }
    }

    /// What accounts are sorted by: name, then id.
    pub(crate) fn order(&self) -> (String, String) {
        (self.name.to_lowercase(), self.id.clone())
    }
}

/// Roles that came and went between two listings, as `account / role`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) gained: Vec<String>,
    pub(crate) lost: Vec<String>,
}

impl Catalog {
    /// Puts an account in its place, over what was known of it.
    pub(crate) fn put(&mut self, mut account: Account) {
        account.roles.sort();
        account.roles.dedup();
        self.accounts.retain(|other| other.id != account.id);
        let place = self
            .accounts
            .partition_point(|other| other.order() < account.order());
        self.accounts.insert(place, account);
    }

    /// Drops the accounts that a finished listing did not mention.
    pub(crate) fn finish(&mut self, seen: &BTreeSet<String>) {
        self.accounts.retain(|account| seen.contains(&account.id));
        self.complete = true;
    }

    pub(crate) fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// What `after` has that this one lacks, and the other way round. A first listing is no news.
    pub(crate) fn difference(&self, after: &Self) -> Difference {
        if !self.complete {
            return Difference::default();
        }
        let (old, new) = (self.pairs(), after.pairs());
        let names = |one: &Self, ids: &mut dyn Iterator<Item = &(String, String)>| {
            let name = |id: &str| {
                one.account(id)
                    .map_or(id.to_owned(), |account| account.name.clone())
            };
            ids.map(|(id, role)| format!("{} / {role}", name(id)))
                .collect()
        };
        Difference {
            gained: names(after, &mut new.difference(&old)),
            lost: names(self, &mut old.difference(&new)),
        }
    }

    fn pairs(&self) -> BTreeSet<(String, String)> {
        let roles = |account: &Account| {
            let id = account.id.clone();
            account
                .roles
                .clone()
                .into_iter()
                .map(move |role| (id.clone(), role))
        };
        self.accounts.iter().flat_map(roles).collect()
    }

    /// The catalog of the session on disk; one that is not there or cannot be read is empty,
    /// for the portal will tell it again.
    pub(crate) fn load(folder: &Path, session: &str) -> Self {
        let path = Self::path(folder, session);
        let text = files::read(&path).unwrap_or_else(|error| {
            tracing::warn!(%error, "the catalog cannot be read");
            None
        });
        text.and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }

    pub(crate) fn save(&self, folder: &Path, session: &str) -> Result<(), files::Error> {
        let text = serde_json::to_string(self).unwrap_or_default();
        files::write(&Self::path(folder, session), &text)
    }

    pub(crate) fn forget(folder: &Path, session: &str) {
        // A file that is not there is forgotten already.
        let _ = std::fs::remove_file(Self::path(folder, session));
    }

    fn path(folder: &Path, session: &str) -> PathBuf {
        folder.join(format!("{session}.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: &str, name: &str, roles: &[&str]) -> Account {
        let roles = roles.iter().map(|&role| role.to_owned()).collect();
        Account {
            id: id.to_owned(),
            name: name.to_owned(),
            email: String::new(),
            roles,
        }
    }

    fn catalog(accounts: &[Account]) -> Catalog {
        let mut catalog = Catalog {
            complete: true,
            ..Catalog::default()
        };
        accounts
            .iter()
            .for_each(|account| catalog.put(account.clone()));
        catalog
    }

    #[test]
    fn accounts_are_sorted_and_revised_in_place() {
        let mut catalog = catalog(&[
            account("2", "beta", &["b", "a", "b"]),
            account("1", "Alpha", &[]),
        ]);
        catalog.put(account("2", "aa", &["c"]));
        let names: Vec<_> = catalog
            .accounts
            .iter()
            .map(|account| account.name.as_str())
            .collect();
        assert_eq!(names, ["aa", "Alpha"]);
        assert_eq!(catalog.accounts[0].roles, ["c"]);
    }

    #[test]
    fn a_listing_tells_what_came_and_went() {
        let before = catalog(&[
            account("1", "Alpha", &["Admin", "Read"]),
            account("2", "Beta", &["Read"]),
        ]);
        let mut after = before.clone();
        after.put(account("1", "Alpha", &["Read", "Write"]));
        after.finish(&BTreeSet::from(["1".to_owned()]));
        let expected = Difference {
            gained: vec!["Alpha / Write".to_owned()],
            lost: vec!["Alpha / Admin".to_owned(), "Beta / Read".to_owned()],
        };
        assert_eq!(before.difference(&after), expected);
        assert_eq!(Catalog::default().difference(&after), Difference::default());
    }

    #[test]
    fn it_is_there_at_the_next_start_and_a_broken_file_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = catalog(&[account("1", "Alpha", &["Admin"])]);
        catalog.save(folder.path(), "acme").unwrap();
        assert_eq!(Catalog::load(folder.path(), "acme"), catalog);
        std::fs::write(Catalog::path(folder.path(), "acme"), "[").unwrap();
        assert_eq!(Catalog::load(folder.path(), "acme"), Catalog::default());
        Catalog::forget(folder.path(), "acme");
        assert_eq!(Catalog::load(folder.path(), "other"), Catalog::default());
    }
}
