use sqlx::AnyPool;

use super::super::fields::Fields;
use crate::{
    access::{self, AccountAssignment, Principal},
    directory, organization,
};

/// So many of a kind are picked at most.
pub(super) const MOST: usize = 100;
/// So many assignments are made at once at most.
pub(super) const MOST_ASSIGNMENTS: usize = 1000;

/// What is picked on the way to new assignments: ids, in the order they were picked.
#[derive(Debug, Clone, Default)]
pub(super) struct Picks {
    pub(super) accounts: Vec<String>,
    pub(super) users: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) sets: Vec<String>,
    /// Whether more than [`MOST`] of a kind were picked: the first of them are here.
    pub(super) are_cut: bool,
}

/// Something picked, by the name people know.
#[derive(Debug)]
pub(super) struct Named {
    /// The name of its field in the form.
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) name: String,
}

impl Picks {
    /// What a form or an address says is picked.
    pub(super) fn of(sent: &Fields) -> Self {
        let mut are_cut = false;
        let mut all = |name| {
            let mut ids: Vec<String> = Vec::new();
            for id in sent.all(name) {
                if id.is_empty() || ids.iter().any(|other| other == id) {
                    continue;
                }
                if ids.len() == MOST {
                    are_cut = true;
                    break;
                }
                ids.push(id.to_owned());
            }
            ids
        };
        Self {
            accounts: all("account"),
            users: all("user"),
            groups: all("group"),
            sets: all("set"),
            are_cut,
        }
    }

    /// Every field that says it again.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let kinds = [
            ("account", &self.accounts),
            ("user", &self.users),
            ("group", &self.groups),
            ("set", &self.sets),
        ];
        let kinds = kinds.into_iter();
        kinds.flat_map(|(kind, ids)| ids.iter().map(move |id| (kind, id.as_str())))
    }

    pub(super) fn has(&self, kind: &str, id: &str) -> bool {
        self.fields().any(|picked| picked == (kind, id))
    }

    pub(super) fn principals(&self) -> impl Iterator<Item = Principal> {
        let users = self.users.iter().cloned().map(Principal::User);
        users.chain(self.groups.iter().cloned().map(Principal::Group))
    }

    /// How many assignments they make.
    pub(super) fn count(&self) -> usize {
        self.accounts.len() * (self.users.len() + self.groups.len()) * self.sets.len()
    }

    /// The assignments they make.
    pub(super) fn assignments(&self) -> impl Iterator<Item = AccountAssignment> {
        self.accounts.iter().flat_map(move |account_id| {
            self.sets.iter().flat_map(move |permission_set_id| {
                self.principals().map(move |principal| AccountAssignment {
                    account_id: account_id.clone(),
                    permission_set_id: permission_set_id.clone(),
                    principal,
                })
            })
        })
    }

    /// With their names; what does not exist any more is left out.
    pub(super) async fn named(&self, pool: &AnyPool) -> Result<Vec<Named>, sqlx::Error> {
        let accounts = organization::account_names(pool, &self.accounts).await?;
        let users = directory::user_names(pool, &self.users).await?;
        let groups = directory::group_names(pool, &self.groups).await?;
        let sets = access::permission_set_names(pool, &self.sets).await?;
        let named = self.fields().filter_map(|(kind, id)| {
            let names = match kind {
                "account" => &accounts,
                "user" => &users,
                "group" => &groups,
                _ => &sets,
            };
            let (id, name) = names.get_key_value(id)?;
            let (id, name) = (id.clone(), name.clone());
            Some(Named { kind, id, name })
        });
        Ok(named.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_than_can_be_picked_is_told() {
        let picked = |count: usize| {
            let account = |number: usize| ("account".to_owned(), number.to_string());
            let twice = (0..count).chain(0..count);
            Picks::of(&Fields::from(twice.map(account).collect::<Vec<_>>()))
        };
        let (all, cut) = (picked(MOST), picked(MOST + 1));
        assert_eq!((all.accounts.len(), all.are_cut), (MOST, false));
        assert_eq!((cut.accounts.len(), cut.are_cut), (MOST, true));
    }

    #[test]
    fn every_combination_is_one_assignment() {
        let sent = [
            ("account", "1"),
            ("account", "2"),
            ("account", "1"),
            ("user", "ada"),
            ("group", "admins"),
            ("set", "ps-1"),
            ("set", ""),
        ];
        let picks = Picks::of(&Fields::of(sent));
        assert_eq!(picks.count(), 4);
        let made: Vec<String> = picks.assignments().map(|made| made.key()).collect();
        assert_eq!(
            made,
            [
                "1/ps-1/USER/ada",
                "1/ps-1/GROUP/admins",
                "2/ps-1/USER/ada",
                "2/ps-1/GROUP/admins",
            ]
        );
    }
}
