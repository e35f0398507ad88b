use std::collections::{BTreeMap, BTreeSet, HashMap};

use sqlx::AnyConnection;
use thiserror::Error;

use super::{
    Account, Application, Assignment, Declaration, Group, PermissionSet, Role, Unit, User,
    access::{all_sets, tags_of},
    applications::{self as declared_applications, mappings, mappings_of, principals_of},
    model::Tags,
    organization::{all_accounts, tags, unit_paths},
    policies, principals, services, settings, tokens,
};
use crate::{
    Portal,
    access::{self, Policy, Principal},
    applications, directory,
    organization::{self, OrganizationError},
};

/// How many users or groups are read at a time.
const PAGE: i64 = 1000;

/// Why the present state could not be written down.
#[derive(Debug, Error)]
pub enum ExportError {
    /// A file names applications by their names.
    #[error("several applications are called {0:?}: rename all but one")]
    SameName(String),
    /// The organization could not be read.
    #[error(transparent)]
    Organization(#[from] OrganizationError),
    /// The applications could not be read.
    #[error(transparent)]
    Access(#[from] access::AccessError),
    /// The store failed.
    #[error("the store could not be read")]
    Store(#[from] sqlx::Error),
}

/// The names of users and groups, by id.
#[derive(Default)]
struct Names {
    users: HashMap<String, String>,
    groups: HashMap<String, String>,
}

/// The present state as a declaration: the same for the same state, whatever it came about by.
pub async fn export(portal: &Portal) -> Result<Declaration, ExportError> {
    // Nothing changes between the first part and the last.
    let mut db = portal.store().snapshot().await?;
    let mut names = Names::default();
    let mut declaration = Declaration {
        users: users(&mut db, &mut names).await?,
        groups: groups(&mut db, &mut names).await?,
        ..Declaration::default()
    };
    settings::export(portal, &mut db, &mut declaration).await?;
    organization(&mut db, &mut declaration).await?;
    policies::export(&mut db, &mut declaration).await?;
    services::export(&mut db, &mut declaration).await?;
    permission_sets(&mut db, &names, &mut declaration).await?;
    declaration.token_issuers = tokens::declared_issuers(&mut db).await?;
    declaration.applications = applications(portal, &mut db, &names).await?;
    declaration.roles = roles(&mut db).await?;
    let attributes = access::attributes(&mut db).await?;
    declaration.access_control_attributes = attributes.map(|attributes| {
        let pair = |one: access::AccessControlAttribute| (one.key, one.source);
        attributes.into_iter().map(pair).collect()
    });
    db.rollback().await?;
    Ok(declaration)
}

async fn users(db: &mut AnyConnection, names: &mut Names) -> Result<Vec<User>, sqlx::Error> {
    let mut users = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = directory::profiles(&mut *db, &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for profile in page {
            let user = principals::declared(&profile.attributes, profile.enabled);
            names.users.insert(profile.id, user.user_name.clone());
            users.insert(directory::key(&user.user_name), user);
        }
    }
    Ok(users.into_values().collect())
}

async fn groups(db: &mut AnyConnection, names: &mut Names) -> Result<Vec<Group>, sqlx::Error> {
    let mut groups = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = directory::groups(&mut *db, &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for group in page {
            let members = directory::members(&mut *db, &group.id).await?;
            let named = members.iter().filter_map(|id| names.users.get(id).cloned());
            let mut members: Vec<String> = named.collect();
            members.sort();
            names.groups.insert(group.id, group.display_name.clone());
            let key = directory::key(&group.display_name);
            groups.insert(
                key,
                Group {
                    name: group.display_name,
                    description: group.description,
                    members,
                },
            );
        }
    }
    Ok(groups.into_values().collect())
}

async fn organization(
    db: &mut AnyConnection,
    declaration: &mut Declaration,
) -> Result<(), ExportError> {
    let mut tags = tags(organization::all_tags(&mut *db).await?);
    let paths = unit_paths(&organization::all_units(&mut *db).await?);
    let by_id: HashMap<&String, &String> = paths.iter().map(|(path, id)| (id, path)).collect();
    declaration.accounts = all_accounts(&mut *db)
        .await?
        .into_iter()
        .map(|account| Account {
            unit: account
                .unit_id
                .as_ref()
                .and_then(|id| by_id.get(id))
                .map(|path| (*path).clone()),
            tags: tags.remove(&account.id).unwrap_or_default(),
            id: account.id,
            name: account.name,
            email: account.email,
            management: account.is_management,
            closed: account.is_suspended,
        })
        .collect();
    let unit = |(path, id): (&String, &String)| Unit {
        path: path.clone(),
        tags: tags.remove(id).unwrap_or_default(),
    };
    declaration.units = paths.iter().map(unit).collect();
    Ok(())
}

async fn permission_sets(
    db: &mut AnyConnection,
    names: &Names,
    declaration: &mut Declaration,
) -> Result<(), ExportError> {
    let mut grants = Grants::new();
    for set in all_sets(&mut *db).await? {
        let policies = access::policies(&mut *db, &set.id).await?;
        for (account, principal) in access::assignments_of(&mut *db, &set.id).await? {
            let Some(who) = who(names, &principal) else {
                continue;
            };
            let sets = grants.entry(who).or_default();
            sets.entry(set.name.clone()).or_default().insert(account);
        }
        let tags = tags_of(&mut *db, &set.id).await?;
        declaration
            .permission_sets
            .push(declared_set(set, policies, tags));
    }
    declaration
        .permission_sets
        .sort_by(|one, other| one.name.cmp(&other.name));
    declaration.assignments = assignments(grants);
    Ok(())
}

/// Accounts by permission set by principal.
type Grants = BTreeMap<(Option<String>, Option<String>), BTreeMap<String, BTreeSet<String>>>;

/// Group and user as an assignment has them.
fn who(names: &Names, principal: &Principal) -> Option<(Option<String>, Option<String>)> {
    match principal {
        Principal::User(id) => Some((None, Some(names.users.get(id)?.clone()))),
        Principal::Group(id) => Some((Some(names.groups.get(id)?.clone()), None)),
    }
}

/// One assignment for the permission sets of a principal that are assigned in the same accounts.
fn assignments(grants: Grants) -> Vec<Assignment> {
    let mut all = Vec::new();
    for ((group, user), sets) in grants {
        let mut by_accounts: BTreeMap<BTreeSet<String>, Vec<String>> = BTreeMap::new();
        for (set, accounts) in sets {
            by_accounts.entry(accounts).or_default().push(set);
        }
        for (accounts, permission_sets) in by_accounts {
            all.push(Assignment {
                group: group.clone(),
                user: user.clone(),
                permission_sets,
                accounts: accounts.into_iter().collect(),
            });
        }
    }
    all.sort();
    all
}

fn declared_set(set: access::PermissionSet, policies: Vec<Policy>, tags: Tags) -> PermissionSet {
    let seconds = set.session.whole_seconds();
    let mut declared = PermissionSet {
        name: set.name,
        description: set.description.filter(|text| !text.is_empty()),
        session_hours: seconds / 3600,
        session_seconds: seconds % 3600,
        relay_state: set.relay_state,
        managed_policies: Vec::new(),
        customer_policies: Vec::new(),
        inline_policy: None,
        boundary: None,
        tags,
    };
    for policy in policies {
        match policy {
            Policy::Managed(arn) => declared.managed_policies.push(arn),
            Policy::Customer(policy) => declared.customer_policies.push(policy.full_name()),
            Policy::Inline(document) => declared.inline_policy = Some(document),
            Policy::ManagedBoundary(arn) => declared.boundary = Some(arn),
            Policy::CustomerBoundary(policy) => declared.boundary = Some(policy.full_name()),
        }
    }
    declared
}

async fn applications(
    portal: &Portal,
    db: &mut AnyConnection,
    names: &Names,
) -> Result<Vec<Application>, ExportError> {
    let known = tokens::Names::read(portal, &mut *db).await?;
    let mut all = BTreeMap::new();
    for found in declared_applications::all(&mut *db).await? {
        let (mut users, mut groups) = (Vec::new(), Vec::new());
        for principal in principals_of(&mut *db, &found.id).await? {
            match who(names, &principal) {
                Some((Some(group), _)) => groups.push(group),
                Some((_, Some(user))) => users.push(user),
                _ => {}
            }
        }
        users.sort();
        groups.sort();
        let (sign_in, url) = match found.sign_in {
            Some(sign_in) => (Some(sign_in.origin.name().to_owned()), sign_in.url),
            None => (None, None),
        };
        let mut declared = Application {
            provider: found.provider.name(),
            description: found.description,
            enabled: found.enabled,
            visible: found.visible,
            sign_in,
            url,
            assignment_required: applications::assignment_required(&mut *db, &found.id).await?,
            background_sessions: applications::background_sessions(&mut *db, &found.id).await?,
            tokens: tokens::declared(&mut *db, &known, &found.id).await?,
            attributes: None,
            users,
            groups,
            tags: tags_of(&mut *db, &found.id).await?,
            name: found.name,
        };
        let present = mappings(&applications::attribute_mappings(&mut *db, &found.id).await?);
        if present != mappings_of(&declared, found.provider) {
            declared.attributes = Some(present);
        }
        if let Some(twin) = all.insert(declared.name.clone(), declared) {
            return Err(ExportError::SameName(twin.name));
        }
    }
    Ok(all.into_values().collect())
}

async fn roles(db: &mut AnyConnection) -> Result<Vec<Role>, sqlx::Error> {
    let declared = |role: access::IamRole| Role {
        account: role.account_id,
        name: role.name,
        trusts: role.trusted_principal,
        require_mfa: role.require_mfa,
        external_id: role.external_id,
        session_hours: role.longest_session.whole_hours(),
    };
    let found = access::iam_roles(db).await?;
    Ok(found.into_iter().map(declared).collect())
}
