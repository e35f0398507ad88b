//! The way from *Accounts* down to a role: (letter range →) account → roles.

use super::build::{LEVEL, console, item};
use super::{Action, Entry, Item};
use crate::snapshot::Role;

/// Roles listed in one go below an account: room is left for the two submenus below them.
const ROLES: usize = LEVEL - 2;

/// The accounts of one session, in ranges of letters where they are many.
pub(super) fn accounts(roles: &[Role]) -> Vec<Entry> {
    let accounts: Vec<&[Role]> = roles
        .chunk_by(|one, other| one.id.account_id == other.id.account_id)
        .collect();
    let titles: Vec<String> = titles(&accounts);
    let titled: Vec<(String, &[Role])> = titles.into_iter().zip(accounts).collect();
    in_ranges(&titled, LEVEL, &|(title, roles)| Entry::Submenu {
        title: title.clone(),
        entries: account(roles),
    })
}

/// An account's roles; a click opens the console. Below, the same roles for other purposes.
fn account(roles: &[Role]) -> Vec<Entry> {
    let named: Vec<(String, &Role)> = roles
        .iter()
        .map(|role| (role.id.role_name.clone(), role))
        .collect();
    let mut entries = in_ranges(&named, ROLES, &|(name, role)| console(role, name.clone()));
    entries.push(Entry::Separator);
    let copy = |(name, role): &(String, &Role)| {
        item(name.clone(), Action::CopyCredentials(role.id.clone()))
    };
    let keep = |(name, role): &(String, &Role)| {
        Entry::Item(Item {
            title: name.clone(),
            action: Some(Action::ToggleKept(role.id.clone())),
            checked: Some(role.kept),
        })
    };
    let submenu = |title: &str, entries| Entry::Submenu {
        title: title.to_owned(),
        entries,
    };
    entries.push(submenu("Copy credentials", in_ranges(&named, LEVEL, &copy)));
    entries.push(submenu("Keep refreshed", in_ranges(&named, LEVEL, &keep)));
    entries
}

/// Account names; those that several accounts share with their numbers.
fn titles(accounts: &[&[Role]]) -> Vec<String> {
    let name = |account: &[Role]| account[0].account_name.clone();
    accounts
        .iter()
        .map(|account| {
            let shared = accounts
                .iter()
                .filter(|other| name(other) == name(account))
                .count()
                > 1;
            let id = &account[0].id.account_id;
            if shared {
                format!("{} ({id})", name(account))
            } else {
                name(account)
            }
        })
        .collect()
}

/// The entries as they are where they fit on a level, else in as many even ranges as it takes.
pub(super) fn in_ranges<T>(
    titled: &[(String, T)],
    level: usize,
    draw: &dyn Fn(&(String, T)) -> Entry,
) -> Vec<Entry> {
    if titled.len() <= level {
        return titled.iter().map(draw).collect();
    }
    let ranges = titled.len().div_ceil(LEVEL).min(level);
    let chunks: Vec<&[(String, T)]> = titled.chunks(titled.len().div_ceil(ranges)).collect();
    let names: Vec<(&str, &str)> = chunks
        .iter()
        .filter_map(|chunk| Some((chunk.first()?.0.as_str(), chunk.last()?.0.as_str())))
        .collect();
    let titles = range_titles(&names);
    let submenu = |(title, chunk): (String, &&[(String, T)])| Entry::Submenu {
        title,
        entries: chunk.iter().map(draw).collect(),
    };
    titles.into_iter().zip(&chunks).map(submenu).collect()
}

/// Titles such as `A–D`: of the first and last name of each range as many letters as tell it from
/// its neighbours.
fn range_titles(ranges: &[(&str, &str)]) -> Vec<String> {
    let first = |at: usize| ranges[at].0;
    let last = |at: usize| ranges[at].1;
    (0..ranges.len())
        .map(|at| {
            let above = (at > 0).then(|| telling(first(at), last(at - 1)));
            let below = (at + 1 < ranges.len()).then(|| telling(last(at), first(at + 1)));
            // The outer ends have no neighbour: they are as long as the inner ones.
            let start = prefix(first(at), above.or(below).unwrap_or(1));
            let end = prefix(last(at), below.or(above).unwrap_or(1));
            if start == end {
                start
            } else {
                format!("{start}–{end}")
            }
        })
        .collect()
}

/// How many letters tell the first name from the second, case aside.
fn telling(one: &str, other: &str) -> usize {
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    one.chars()
        .zip(other.chars())
        .take_while(|(one, other)| one == other)
        .count()
        + 1
}

fn prefix(name: &str, letters: usize) -> String {
    let mut prefix: String = name.chars().take(letters).collect();
    if let Some(first) = prefix.chars().next() {
        let upper: String = first.to_uppercase().collect();
        prefix.replace_range(..first.len_utf8(), &upper);
    }
    prefix.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_named_by_the_letters_that_tell_them_apart() {
        let titles = range_titles(&[("alpha", "delta"), ("Echo", "papa-1"), ("papa-2", "zulu")]);
        assert_eq!(titles, ["A–D", "E–Papa-1", "Papa-2–Zulu"]);
        assert_eq!(
            range_titles(&[("role00", "role19"), ("role20", "role39")]),
            ["Role0–Role1", "Role2–Role3"]
        );
        assert_eq!(range_titles(&[("a1", "a2"), ("b", "b")]), ["A", "B"]);
        assert_eq!(
            range_titles(&[("same", "same"), ("same", "same")]),
            ["Same", "Same"]
        );
    }
}
