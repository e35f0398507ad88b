//! Organizational units and accounts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    ApplyError,
    apply::{About, Application, Kind},
    model::Tags,
};
use crate::organization::{self, Account, KnownAccount, Put, Tag};

/// How many accounts are read at a time.
const PAGE: i64 = 1000;

/// The organization as it is while a declaration is applied.
struct Present {
    root_id: String,
    /// Ids of units, by path.
    units: BTreeMap<String, String>,
    tags: HashMap<String, Tags>,
}

pub(super) async fn apply(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let declaration = to.declaration;
    let silent = declaration.accounts.is_empty()
        && declaration.units.is_empty()
        && declaration.policies.is_empty()
        && declaration.policy_types.is_none()
        && declaration.trusted_services.is_none()
        && declaration.resource_policy.is_none();
    if silent && !exists(to).await? {
        return Ok(());
    }
    let organization = organization::ensure_organization(to.act).await;
    let mut present = Present {
        root_id: organization.about(|| "organization".to_owned())?.root_id,
        units: unit_paths(&organization::all_units(to.act.db()).await?),
        tags: tags(organization::all_tags(to.act.db()).await?),
    };
    if to.prunes(Kind::Accounts) {
        remove_accounts(to).await?;
    }
    for unit in &declaration.units {
        let id = ensure_unit(to, &mut present, &unit.path).await?;
        let subject = format!("organizational unit {}", unit.path);
        put_tags(to, &present.tags, &id, &unit.tags, &subject, false).await?;
    }
    for account in &declaration.accounts {
        let parent_id = match &account.unit {
            Some(path) => ensure_unit(to, &mut present, path).await?,
            None => present.root_id.clone(),
        };
        let wanted = KnownAccount {
            id: &account.id,
            name: &account.name,
            email: &account.email,
            is_management: account.management,
            parent_id: &parent_id,
        };
        let subject = format!("account {} {}", account.id, account.name);
        let put = organization::put_account(to.act, &wanted).await;
        let put = put.about(|| subject.clone())?;
        match put {
            Put::Same => {}
            Put::Added => to.changed('+', &subject),
            Put::Changed => to.changed('~', &subject),
        }
        let said = put != Put::Same;
        put_tags(
            to,
            &present.tags,
            &account.id,
            &account.tags,
            &subject,
            said,
        )
        .await?;
    }
    if to.prunes(Kind::Units) {
        remove_units(to, &present).await?;
    }
    Ok(())
}

/// Closes the accounts that the file says are closed.
pub(super) async fn close(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    for declared in &to.declaration.accounts {
        let subject = || format!("account {} {}", declared.id, declared.name);
        let found = organization::account(to.act.db(), &declared.id).await;
        let is_closed = found.about(subject)?.is_suspended;
        if declared.closed && !is_closed {
            let closed = organization::close_account(to.act, &declared.id).await;
            closed.about(subject)?;
            to.changed('~', format!("{}: closed", subject()));
        } else if is_closed && !declared.closed {
            return Err(ApplyError::Refused {
                subject: subject(),
                problem: "it is closed, which cannot be undone: say closed = true".to_owned(),
            });
        }
    }
    Ok(())
}

/// Every account, by id.
pub(super) async fn all_accounts(
    db: &mut sqlx::AnyConnection,
) -> Result<Vec<Account>, sqlx::Error> {
    let mut all: Vec<Account> = Vec::new();
    loop {
        let after = all.last().map(|account| account.id.clone());
        let after = after.unwrap_or_default();
        let page = organization::accounts(&mut *db, &after, PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// The names in a unit's path.
pub(super) fn names_of(path: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut letters = path.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '/' => names.push(String::new()),
            letter => {
                let letter = if letter == '\\' {
                    letters.next()
                } else {
                    Some(letter)
                };
                if let Some(name) = names.last_mut() {
                    name.extend(letter);
                }
            }
        }
    }
    names
}

/// The one way to write a unit's path, of several with the same meaning.
pub(super) fn canonical(path: &str) -> String {
    let names = names_of(path);
    let join = |above: Option<String>, name: &String| Some(path_of(above.as_deref(), name));
    names.iter().fold(None, join).unwrap_or_default()
}

/// The path of a unit called `name` in the one with the path `above` (none: the root).
fn path_of(above: Option<&str>, name: &str) -> String {
    let name = name.replace('\\', "\\\\").replace('/', "\\/");
    above.map_or(name.clone(), |above| format!("{above}/{name}"))
}

/// The ids of units, by path of names.
pub(super) fn unit_paths(units: &[organization::Unit]) -> BTreeMap<String, String> {
    let by_id: HashMap<&str, &organization::Unit> =
        units.iter().map(|unit| (unit.id.as_str(), unit)).collect();
    let path = |unit: &organization::Unit| {
        let above = unit.path.split('/').filter_map(|id| by_id.get(id));
        above.fold(None::<String>, |above, unit| {
            Some(path_of(above.as_deref(), &unit.name))
        })
    };
    let named = |unit: &organization::Unit| Some((path(unit)?, unit.id.clone()));
    units.iter().filter_map(named).collect()
}

/// Tags by resource.
pub(super) fn tags(all: Vec<(String, Tag)>) -> HashMap<String, Tags> {
    let mut tags: HashMap<String, Tags> = HashMap::new();
    for (resource, tag) in all {
        tags.entry(resource).or_default().insert(tag.key, tag.value);
    }
    tags
}

/// Whether there is an organization.
pub(super) async fn exists(to: &mut Application<'_, '_>) -> Result<bool, ApplyError> {
    match organization::organization(to.act.db()).await {
        Err(organization::OrganizationError::NotInUse) => Ok(false),
        found => found.map(|_| true).about(|| "organization".to_owned()),
    }
}

/// The id of the unit with this path, whose missing parts are created.
async fn ensure_unit(
    to: &mut Application<'_, '_>,
    present: &mut Present,
    path: &str,
) -> Result<String, ApplyError> {
    let mut parent = present.root_id.clone();
    let mut above: Option<String> = None;
    let mut created = false;
    for name in names_of(path) {
        let here = path_of(above.as_deref(), &name);
        parent = match present.units.get(&here) {
            Some(id) => id.clone(),
            None => {
                created = true;
                let made = organization::create_unit(to.act, &parent, &name, &[]).await;
                let id = made.about(|| format!("organizational unit {path}"))?.id;
                present.units.insert(here.clone(), id.clone());
                id
            }
        };
        above = Some(here);
    }
    if created {
        to.changed('+', format!("organizational unit {path}"));
    }
    Ok(parent)
}

/// Gives a resource exactly these tags. A change is told unless its subject `said` so already.
pub(super) async fn put_tags(
    to: &mut Application<'_, '_>,
    present: &HashMap<String, Tags>,
    id: &str,
    wanted: &Tags,
    subject: &str,
    said: bool,
) -> Result<(), ApplyError> {
    let none = Tags::new();
    let found = present.get(id).unwrap_or(&none);
    if found == wanted {
        return Ok(());
    }
    let extra: Vec<&str> = found
        .keys()
        .filter(|key| !wanted.contains_key(*key))
        .map(String::as_str)
        .collect();
    let about = || subject.to_owned();
    if !extra.is_empty() {
        let removed = organization::untag_resource(to.act, id, &extra).await;
        removed.about(about)?;
    }
    let tags: Vec<Tag> = wanted
        .iter()
        .map(|(key, value)| Tag {
            key: key.clone(),
            value: value.clone(),
        })
        .collect();
    if !tags.is_empty() {
        let tagged = organization::tag_resource(to.act, id, &tags).await;
        tagged.about(about)?;
    }
    if !said {
        to.changed('~', format!("tags of {subject}"));
    }
    Ok(())
}

async fn remove_accounts(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let declared: BTreeSet<&str> = to
        .declaration
        .accounts
        .iter()
        .map(|account| account.id.as_str())
        .collect();
    for account in all_accounts(to.act.db()).await? {
        if account.is_management || declared.contains(account.id.as_str()) {
            continue;
        }
        let subject = format!("account {} {}", account.id, account.name);
        let removed = organization::remove_account(to.act, &account.id).await;
        removed.about(|| subject.clone())?;
        to.changed('-', subject);
    }
    Ok(())
}

/// From the leaves up: a unit that is named, or holds one that is, stays.
async fn remove_units(to: &mut Application<'_, '_>, present: &Present) -> Result<(), ApplyError> {
    let units = to.declaration.units.iter().map(|unit| &unit.path);
    let of_accounts = to.declaration.accounts.iter();
    let mut named = BTreeSet::new();
    for path in units.chain(of_accounts.filter_map(|account| account.unit.as_ref())) {
        let mut above: Option<String> = None;
        for name in names_of(path) {
            let here = path_of(above.as_deref(), &name);
            named.insert(here.clone());
            above = Some(here);
        }
    }
    // A path comes after those of the units above it.
    for (path, id) in present.units.iter().rev() {
        if named.contains(path) {
            continue;
        }
        let subject = format!("organizational unit {path}");
        let deleted = organization::delete_unit(to.act, id).await;
        deleted.about(|| subject.clone())?;
        to.changed('-', subject);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_in_a_name_is_no_end_of_it() {
        let path = path_of(Some(&path_of(None, "a/b\\")), "c");
        assert_eq!(path, "a\\/b\\\\/c");
        assert_eq!(names_of(&path), ["a/b\\", "c"]);
        assert_eq!(
            names_of("Workloads/Production"),
            ["Workloads", "Production"]
        );
    }
}
