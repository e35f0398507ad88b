//! The example organization of the demonstration.

use std::collections::BTreeMap;

use crate::declaration::{
    Account, Assignment, Declaration, DeclarationError, Group, PermissionSet,
};

/// The organization of `example.toml`.
pub fn example() -> Result<Declaration, DeclarationError> {
    Declaration::parse(include_str!("example.toml"))
}

/// An organization of `accounts` accounts, in each of which every example user has the same `roles`
/// roles.
pub fn large(accounts: usize, roles: usize) -> Result<Declaration, DeclarationError> {
    let users = example()?.users;
    let everyone = "Everyone".to_owned();
    let group = Group {
        name: everyone.clone(),
        description: None,
        members: users.iter().map(|user| user.user_name.clone()).collect(),
    };
    let permission_sets: Vec<PermissionSet> = (0..roles).map(permission_set).collect();
    let assignment = Assignment {
        group: Some(everyone),
        user: None,
        permission_sets: permission_sets.iter().map(|set| set.name.clone()).collect(),
        accounts: vec!["*".to_owned()],
    };
    Ok(Declaration {
        accounts: (0..accounts).map(account).collect(),
        users,
        groups: vec![group],
        permission_sets,
        assignments: vec![assignment],
        ..Declaration::default()
    })
}

/// `Checkout 01 Production`, `Checkout 01 Staging`, … `Mobile 01 Sandbox`, `Checkout 02 …`.
fn account(index: usize) -> Account {
    const TEAMS: [&str; 8] = [
        "Checkout", "Search", "Payments", "Shipping", "Catalog", "Insights", "Identity", "Mobile",
    ];
    const STAGES: [&str; 4] = ["Production", "Staging", "Development", "Sandbox"];
    let stage = STAGES[index % STAGES.len()];
    let team = TEAMS[index / STAGES.len() % TEAMS.len()];
    let round = index / (TEAMS.len() * STAGES.len()) + 1;
    Account {
        id: format!("{:012}", 100_000_000_001 + 7919 * index as u64),
        name: format!("{team} {round:02} {stage}"),
        email: format!("aws+{index}@example.com"),
        unit: Some(format!("Workloads/{stage}")),
        management: index == 0,
        closed: false,
        tags: BTreeMap::new(),
    }
}

fn permission_set(index: usize) -> PermissionSet {
    const NAMES: [&str; 5] = [
        "AdministratorAccess",
        "ReadOnlyAccess",
        "PowerUserAccess",
        "Billing",
        "DatabaseAdministrator",
    ];
    let name = NAMES.get(index).map(|name| (*name).to_owned());
    PermissionSet {
        name: name.unwrap_or_else(|| format!("Operator{:03}", index + 1)),
        description: None,
        session_hours: 1,
        relay_state: None,
        managed_policies: Vec::new(),
        customer_policies: Vec::new(),
        inline_policy: None,
        boundary: None,
        session_seconds: 0,
        tags: BTreeMap::new(),
    }
}
