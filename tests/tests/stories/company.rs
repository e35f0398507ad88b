//! What both stories are about: a company, who works there, and what they may do where.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

/// What the company calls its portal: the last part of the portal's customized address.
pub(crate) const ALIAS: &str = "harbour";

/// The management account, which is there as soon as the organization is.
pub(crate) const MANAGEMENT: &str = "Management";
const WAREHOUSE: &str = "Warehouse";
const LABORATORY: &str = "Laboratory";
/// The accounts that the organization gets besides: name and address.
pub(crate) const MEMBER_ACCOUNTS: [(&str, &str); 2] = [
    (WAREHOUSE, "warehouse@example.com"),
    (LABORATORY, "laboratory@example.com"),
];

const ADMINISTRATOR_ACCESS: &str = "AdministratorAccess";

/// Whoever looks after the portal and every account.
pub(crate) const ADMINISTRATOR: Person = Person {
    user_name: "harbourmaster",
    display_name: "Harbour Master",
    email: "harbourmaster@example.com",
    group: "Administrators",
};
/// Of the story "S3 and RDS".
const KEEPER: Person = Person {
    user_name: "keeper",
    display_name: "Store Keeper",
    email: "keeper@example.com",
    group: "Storage",
};
/// Of the story "Billing".
const BOOKKEEPER: Person = Person {
    user_name: "bookkeeper",
    display_name: "Book Keeper",
    email: "bookkeeper@example.com",
    group: "Finance",
};
/// Everyone.
pub(crate) const PEOPLE: [Person; 3] = [ADMINISTRATOR, KEEPER, BOOKKEEPER];

/// Everything that can be assigned.
pub(crate) const PERMISSION_SETS: [PermissionSet; 3] = [
    PermissionSet {
        name: ADMINISTRATOR_ACCESS,
        policies: &["arn:aws:iam::aws:policy/AdministratorAccess"],
        predefined: true,
    },
    PermissionSet {
        name: "StorageAndDatabases",
        policies: &[
            "arn:aws:iam::aws:policy/AmazonS3FullAccess",
            "arn:aws:iam::aws:policy/AmazonRDSFullAccess",
        ],
        predefined: false,
    },
    PermissionSet {
        name: "Billing",
        policies: &["arn:aws:iam::aws:policy/job-function/Billing"],
        predefined: true,
    },
];

/// Every assignment.
pub(crate) const GRANTS: [Grant; 3] = [
    Grant {
        group: ADMINISTRATOR.group,
        permission_set: ADMINISTRATOR_ACCESS,
        accounts: &[MANAGEMENT, WAREHOUSE, LABORATORY],
    },
    Grant {
        group: KEEPER.group,
        permission_set: "StorageAndDatabases",
        accounts: &[WAREHOUSE, LABORATORY],
    },
    Grant {
        group: BOOKKEEPER.group,
        permission_set: "Billing",
        accounts: &[MANAGEMENT],
    },
];

/// Someone of the company, in the one group that says what they may do.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Person {
    pub(crate) user_name: &'static str,
    pub(crate) display_name: &'static str,
    pub(crate) email: &'static str,
    pub(crate) group: &'static str,
}

/// A permission set, whose sessions last an hour.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PermissionSet {
    pub(crate) name: &'static str,
    pub(crate) policies: &'static [&'static str],
    /// Whether AWS, and the portal's pages, offer it ready-made.
    pub(crate) predefined: bool,
}

/// A permission set for a group in accounts.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Grant {
    pub(crate) group: &'static str,
    pub(crate) permission_set: &'static str,
    pub(crate) accounts: &'static [&'static str],
}

/// How long a session lasts in every permission set.
pub(crate) const HOURS: i64 = 1;

impl Person {
    /// What the portal must show them and nothing else: roles by account.
    pub(crate) fn roles(&self) -> BTreeMap<&'static str, &'static str> {
        let theirs = GRANTS.iter().filter(|grant| grant.group == self.group);
        theirs
            .flat_map(|grant| {
                let accounts = grant.accounts.iter();
                accounts.map(|account| (*account, grant.permission_set))
            })
            .collect()
    }
}

impl PermissionSet {
    /// The permission set of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        PERMISSION_SETS.iter().find(|set| set.name == name)
    }
}

/// What there is to set up, for whoever does it by hand or by a program. Where the portal was
/// `enabled` with its administrator, they are there already, and what they may take is.
pub(crate) fn task(enabled: bool) -> Value {
    let people: Vec<Person> = PEOPLE
        .into_iter()
        .filter(|person| !enabled || person.group != ADMINISTRATOR.group)
        .collect();
    let groups: Vec<&str> = people.iter().map(|person| person.group).collect();
    let sets = PERMISSION_SETS.iter();
    let sets = sets.filter(|set| !enabled || set.name != ADMINISTRATOR_ACCESS);
    let set = |set: &PermissionSet| {
        json!({
            "name": set.name, "policies": set.policies, "predefined": set.predefined,
            "hours": HOURS,
        })
    };
    let account = |(name, email)| json!({ "name": name, "email": email });
    json!({
        "alias": ALIAS,
        "accounts": MEMBER_ACCOUNTS.map(account),
        "groups": groups,
        "people": people,
        "permission_sets": sets.map(set).collect::<Vec<_>>(),
        "grants": GRANTS,
    })
}
