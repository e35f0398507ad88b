//! An organization as large as asked, in the form `vestibule-portal apply` takes.

use std::{collections::BTreeSet, fmt::Write};

/// Accounts of the user who has a role in every one.
pub(crate) const ACCOUNTS: usize = 2000;
const PERMISSION_SETS: usize = 200;
pub(crate) const APPLICATIONS: usize = 500;
const UNITS: usize = 40;
/// Groups a user is in, roles a group has, and of how many groups one has an application.
const GROUPS_OF_USER: usize = 6;
const ROLES_OF_GROUP: usize = 4;
const GROUPS_TO_AN_APPLICATION: usize = 1000;

/// How many there are of what grows with the company.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) users: usize,
    pub(crate) groups: usize,
}

pub(crate) fn user_name(index: usize) -> String {
    format!("user{index:05}")
}

/// The user who has a role in every account, and administers the portal.
pub(crate) const EVERYWHERE: &str = "everywhere";

fn group_name(index: usize) -> String {
    format!("Group {index:05}")
}

fn account_id(index: usize) -> String {
    format!("{:012}", 100_000_000_001 + 7919 * index as u64)
}

/// The declaration, TOML.
pub(crate) fn declaration(size: Size) -> String {
    let mut text = String::new();
    accounts(&mut text);
    permission_sets(&mut text);
    principals(&mut text, size);
    applications(&mut text, size);
    text
}

// Writing to a string cannot fail.

fn accounts(text: &mut String) {
    for index in 0..ACCOUNTS {
        let _ = write!(
            text,
            "[[accounts]]\nid = \"{}\"\nname = \"Team {} {}\"\nemail = \"aws+{index}@example.com\"\n\
             unit = \"Workloads/Unit {:02}\"\nmanagement = {}\n",
            account_id(index),
            index / 4,
            ["Production", "Staging", "Development", "Sandbox"][index % 4],
            index % UNITS,
            index == 0,
        );
    }
}

fn permission_sets(text: &mut String) {
    for index in 0..PERMISSION_SETS {
        let _ = write!(
            text,
            "[[permission_sets]]\nname = \"Role{index:03}\"\nsession_hours = {}\n\
             managed_policies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]\n",
            1 + index % 12
        );
    }
    text.push_str(
        "[[permission_sets]]\nname = \"AdministratorAccess\"\n\
         managed_policies = [\"arn:aws:iam::aws:policy/AdministratorAccess\"]\n",
    );
}

/// Users, groups, and what they may take.
fn principals(text: &mut String, size: Size) {
    let names = (0..size.users).map(user_name);
    for name in names.chain([EVERYWHERE.to_owned()]) {
        let _ = write!(
            text,
            "[[users]]\nuser_name = \"{name}\"\ndisplay_name = \"The user {name}\"\n\
             email = \"{name}@example.com\"\n"
        );
    }
    for index in 0..size.groups {
        let _ = write!(
            text,
            "[[groups]]\nname = \"{}\"\nmembers = {:?}\n",
            group_name(index),
            members(size, index)
        );
        let _ = write!(
            text,
            "[[assignments]]\ngroup = \"{}\"\npermission_sets = [\"Role{:03}\"]\n\
             accounts = {:?}\n",
            group_name(index),
            index % PERMISSION_SETS,
            (0..ROLES_OF_GROUP)
                .map(|nth| account_id((index * 7 + nth * 501) % ACCOUNTS))
                .collect::<Vec<_>>()
        );
    }
    let _ = write!(
        text,
        "[[assignments]]\nuser = \"{EVERYWHERE}\"\npermission_sets = [\"AdministratorAccess\"]\n\
         accounts = [\"*\"]\n"
    );
}

fn applications(text: &mut String, size: Size) {
    for index in 0..APPLICATIONS {
        let groups: Vec<_> = (0..size.groups.div_ceil(GROUPS_TO_AN_APPLICATION))
            .map(|nth| group_name((index * 13 + nth * 1009) % size.groups))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let _ = write!(
            text,
            "[[applications]]\nname = \"Application {index:03}\"\nprovider = \"custom\"\n\
             sign_in = \"APPLICATION\"\nurl = \"https://app{index}.example.com/\"\n\
             groups = {groups:?}\n"
        );
    }
}

/// Every user is in a few groups, spread over all of them.
fn members(size: Size, group: usize) -> Vec<String> {
    let each = size.users * GROUPS_OF_USER / size.groups;
    let first = group * each;
    (first..first + each)
        .map(|member| user_name(member * 31 % size.users))
        .collect()
}
