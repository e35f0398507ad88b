//! What the agent remembers of its own accord, in `state.json`: nothing secret, nothing the user
//! would edit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ipc::message::Delivery;
use serde::{Deserialize, Serialize};

use crate::files;
use crate::menu::RoleId;

/// How many recently used roles are remembered.
const RECENTS: usize = 5;

/// Favourites, recents, kept roles and learned session lengths.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Remembered {
    /// In the order they were made favourites.
    pub(crate) favourites: Vec<RoleId>,
    /// The last used one first.
    pub(crate) recents: Vec<RoleId>,
    /// Whose credentials are kept fresh: one entry for each role and way of delivery.
    pub(crate) kept: Vec<Kept>,
    /// Sessions whose sign-in was put into a token file for AWS's tools.
    pub(crate) shared: BTreeSet<String>,
    /// Length of the portal session in seconds, by session name.
    pub(crate) session_seconds: BTreeMap<String, i64>,
    /// Length of the last session that ended earlier than that, by session name.
    pub(crate) ended_early: BTreeMap<String, i64>,
    /// Who is signed in, by session name, where the portal told.
    pub(crate) users: BTreeMap<String, String>,
}

/// A role kept fresh in one way of delivery, and the profile written for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The role.
    pub(crate) role: RoleId,
    /// How it reaches AWS's tools; files of the first release name none.
    #[serde(default)]
    pub(crate) delivery: Delivery,
    /// Name of the profile.
    pub(crate) profile: String,
    /// File it stands in: the AWS credentials file for static keys, else the AWS config file.
    pub(crate) config_file: PathBuf,
}

impl Remembered {
    /// What the file says. It can all be had again: one that cannot be read counts as empty.
    pub(crate) fn load(path: &Path) -> Self {
        match files::read(path) {
            Ok(Some(text)) => serde_json::from_str(&text).unwrap_or_else(|error| {
                tracing::warn!(path = %path.display(), %error, "what was remembered cannot be read");
                Self::default()
            }),
            Ok(None) => Self::default(),
            Err(error) => {
                tracing::warn!(%error, "what was remembered cannot be read");
                Self::default()
            }
        }
    }

    pub(crate) fn save(&self, path: &Path) -> Result<(), files::Error> {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        files::write(path, &text)
    }

    pub(crate) fn note_use(&mut self, role: &RoleId) {
        self.recents.retain(|other| other != role);
        self.recents.insert(0, role.clone());
        self.recents.truncate(RECENTS);
    }

    pub(crate) fn set_favourite(&mut self, role: &RoleId, favourite: bool) {
        self.favourites.retain(|other| other != role);
        if favourite {
            self.favourites.push(role.clone());
        }
    }

    /// In which ways the role is kept.
    pub(crate) fn ways(&self, role: &RoleId) -> impl Iterator<Item = &Kept> {
        self.kept.iter().filter(move |kept| kept.role == *role)
    }

    /// What was written for the role in one way of delivery.
    pub(crate) fn kept_as(&self, role: &RoleId, delivery: Delivery) -> Option<&Kept> {
        self.ways(role).find(|kept| kept.delivery == delivery)
    }

    /// Whether the role is kept in any way.
    pub(crate) fn is_kept(&self, role: &RoleId) -> bool {
        self.ways(role).next().is_some()
    }

    /// Learns the length of a session that ended. Somebody may have signed out elsewhere: one that
    /// ended earlier than was known is believed only when the next one ends after the same time.
    pub(crate) fn learn_length(&mut self, session: &str, seconds: i64) {
        let known = self.session_seconds.get(session);
        let early = known.is_some_and(|known| seconds < *known);
        if early && self.ended_early.get(session) != Some(&seconds) {
            self.ended_early.insert(session.to_owned(), seconds);
            return;
        }
        self.ended_early.remove(session);
        self.session_seconds.insert(session.to_owned(), seconds);
    }

    /// Notes who signed in, as far as it is known.
    pub(crate) fn set_user(&mut self, session: &str, user: Option<String>) {
        match user {
            Some(user) => self.users.insert(session.to_owned(), user),
            None => self.users.remove(session),
        };
    }

    /// Forgets that the role is a favourite or was used.
    pub(crate) fn forget_role(&mut self, role: &RoleId) {
        self.favourites.retain(|other| other != role);
        self.recents.retain(|other| other != role);
    }

    /// Forgets everything about a session.
    pub(crate) fn forget(&mut self, session: &str) {
        self.favourites.retain(|role| role.session != session);
        self.recents.retain(|role| role.session != session);
        self.kept.retain(|kept| kept.role.session != session);
        self.shared.remove(session);
        self.session_seconds.remove(session);
        self.ended_early.remove(session);
        self.users.remove(session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str) -> RoleId {
        RoleId {
            session: "acme".to_owned(),
            account_id: "111111111111".to_owned(),
            role_name: name.to_owned(),
        }
    }

    #[test]
    fn recents_are_few_and_the_last_used_comes_first() {
        let mut remembered = Remembered::default();
        for name in ["a", "b", "c", "d", "e", "f", "b"] {
            remembered.note_use(&role(name));
        }
        let names: Vec<_> = remembered
            .recents
            .iter()
            .map(|role| role.role_name.as_str())
            .collect();
        assert_eq!(names, ["b", "f", "e", "d", "c"]);
    }

    #[test]
    fn a_session_that_ends_early_once_was_signed_out_elsewhere() {
        let mut remembered = Remembered::default();
        for (ended, known) in [(8, 8), (1, 8), (8, 8), (1, 8), (2, 8), (2, 2), (12, 12)] {
            remembered.learn_length("acme", ended * 3600);
            assert_eq!(
                remembered.session_seconds["acme"],
                known * 3600,
                "{ended} h"
            );
        }
    }

    #[test]
    fn it_is_read_back_and_a_broken_file_counts_as_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let mut remembered = Remembered::default();
        remembered.set_favourite(&role("a"), true);
        remembered.session_seconds.insert("acme".to_owned(), 3600);
        remembered.set_user("acme", Some("ana".to_owned()));
        remembered.shared.insert("acme".to_owned());
        remembered.save(&path).unwrap();
        assert_eq!(Remembered::load(&path), remembered);
        std::fs::write(&path, "{").unwrap();
        assert_eq!(Remembered::load(&path), Remembered::default());
        remembered.forget("acme");
        assert_eq!(remembered, Remembered::default());
    }

    #[test]
    fn what_the_first_release_kept_is_kept_by_a_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let text = r#"{"kept":[{"role":{"session":"acme","account_id":"111111111111","role_name":"a"},
            "profile":"payments-a","config_file":"/home/ana/.aws/config"}]}"#;
        std::fs::write(&path, text).unwrap();
        let remembered = Remembered::load(&path);
        let kept = remembered.kept_as(&role("a"), Delivery::Process).unwrap();
        assert_eq!(kept.profile, "payments-a");
        assert_eq!(remembered.kept_as(&role("a"), Delivery::StaticKeys), None);
        assert!(remembered.is_kept(&role("a")) && !remembered.is_kept(&role("b")));
    }
}
