//! The organization's policies: the types in force, and what each policy is attached to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sqlx::AnyConnection;

use super::{
    ALL, ApplyError, Declaration, Policy as Declared,
    apply::{About, Application, Kind},
    model::Tags,
    organization::{all_accounts, canonical, exists, put_tags, tags, unit_paths},
};
use crate::organization::{self, OrganizationError, POLICY_TYPES, Policy, PolicyChange};

/// The root, as a file names it among the units.
const ROOT: &str = "/";
/// Every unit or account, as a file names them.
const EVERY: &str = "*";

/// The ids of targets, by the id of the policy that is attached to them.
type Attachments = BTreeMap<String, BTreeSet<String>>;

pub(super) async fn apply(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let declaration = to.declaration;
    let prunes = to.prunes(Kind::Policies);
    let silent = declaration.policy_types.is_none() && declaration.policies.is_empty();
    if (silent && !prunes) || !exists(to).await? {
        return Ok(());
    }
    let places = Places::read(to.act.db()).await;
    let places = places.about(|| "organization".to_owned())?;
    if let Some(wanted) = &declaration.policy_types {
        put_types(to, &places.root_id, wanted).await?;
    }
    let tags = tags(organization::all_tags(to.act.db()).await?);
    let mut present = all(to).await?;
    let mut wanted = Attachments::new();
    for declared in &declaration.policies {
        let policy = put(to, &present, declared).await?;
        let said = !present.contains(&policy);
        let subject = subject(&policy);
        put_tags(to, &tags, &policy.id, &declared.tags, &subject, said).await?;
        wanted.insert(policy.id.clone(), places.targets(declared)?);
        if !present.iter().any(|one| one.id == policy.id) {
            present.push(policy);
        }
    }
    let goes = |policy: &&Policy| !policy.aws_managed && !wanted.contains_key(&policy.id);
    let gone: Vec<Policy> = match prunes {
        true => present.iter().filter(goes).cloned().collect(),
        false => Vec::new(),
    };
    wanted.extend(gone.iter().map(|one| (one.id.clone(), BTreeSet::new())));
    attach(to, &places, &present, &wanted).await?;
    for policy in gone {
        let deleted = organization::delete_policy(to.act, &policy.id).await;
        deleted.about(|| subject(&policy))?;
        to.changed('-', subject(&policy));
    }
    Ok(())
}

pub(super) async fn export(
    db: &mut AnyConnection,
    declaration: &mut Declaration,
) -> Result<(), OrganizationError> {
    let places = match Places::read(&mut *db).await {
        Err(OrganizationError::NotInUse) => return Ok(()),
        places => places?,
    };
    let types = organization::enabled_policy_types(&mut *db).await?;
    let mut tags = tags(organization::all_tags(&mut *db).await?);
    let mut attached = Attachments::new();
    for (policy, target) in organization::all_attachments(&mut *db).await? {
        attached.entry(policy).or_default().insert(target);
    }
    let mut policies = Vec::new();
    for (name, ..) in POLICY_TYPES {
        policies.extend(organization::policies(&mut *db, name, "", ALL).await?);
    }
    // AWS's own are attached to nothing while their type is not in force.
    policies.retain(|policy| !policy.aws_managed || types.contains(&policy.policy_type));
    policies.sort_by_key(|policy| (policy.policy_type.clone(), policy.name.clone()));
    let declared = |policy: Policy| {
        let targets = attached.remove(&policy.id).unwrap_or_default();
        let tags = tags.remove(&policy.id).unwrap_or_default();
        places.declared(policy, &targets, tags)
    };
    declaration.policies = policies.into_iter().map(declared).collect();
    declaration.policy_types = Some(types);
    Ok(())
}

/// Whatever a policy can be attached to, as a file names it.
struct Places {
    root_id: String,
    /// Ids of units, by path; the root is among them.
    units: BTreeMap<String, String>,
    /// Names of accounts, by id.
    accounts: BTreeMap<String, String>,
}

impl Places {
    async fn read(db: &mut AnyConnection) -> Result<Self, OrganizationError> {
        let root_id = organization::organization(&mut *db).await?.root_id;
        let mut units = unit_paths(&organization::all_units(&mut *db).await?);
        units.insert(ROOT.to_owned(), root_id.clone());
        let accounts = all_accounts(db).await?.into_iter();
        Ok(Self {
            root_id,
            units,
            accounts: accounts.map(|one| (one.id, one.name)).collect(),
        })
    }

    /// The ids of what a declared policy is attached to.
    fn targets(&self, declared: &Declared) -> Result<BTreeSet<String>, ApplyError> {
        let unknown = |kind, name: &String| ApplyError::Unknown {
            subject: format!("policy {:?}", declared.name),
            kind,
            name: name.clone(),
        };
        let mut targets = BTreeSet::new();
        for named in &declared.units {
            if named == EVERY {
                targets.extend(self.units.values().cloned());
            } else {
                let id = self.units.get(&canonical(named));
                let id = id.ok_or_else(|| unknown("organizational unit", named))?;
                targets.insert(id.clone());
            }
        }
        for named in &declared.accounts {
            if named == EVERY {
                targets.extend(self.accounts.keys().cloned());
            } else {
                let is_named = |(id, name): &(&String, &String)| *id == named || *name == named;
                let found = self.accounts.iter().find(is_named);
                let (id, _) = found.ok_or_else(|| unknown("account", named))?;
                targets.insert(id.clone());
            }
        }
        Ok(targets)
    }

    /// A policy as a file has it.
    fn declared(&self, policy: Policy, targets: &BTreeSet<String>, tags: Tags) -> Declared {
        let own = !policy.aws_managed;
        // Whatever comes new has AWS's own attached, and whoever applies this again means that too.
        let every = |named: Vec<String>, all: usize| match !own && named.len() == all {
            true => vec![EVERY.to_owned()],
            false => named,
        };
        let units = self.units.iter().filter(|(_, id)| targets.contains(*id));
        let units = units.map(|(path, _)| written(path)).collect();
        let accounts = self.accounts.keys().filter(|id| targets.contains(*id));
        let accounts = accounts.cloned().collect();
        Declared {
            name: policy.name,
            policy_type: policy.policy_type,
            description: Some(policy.description).filter(|text| own && !text.is_empty()),
            content: own.then_some(policy.content),
            units: every(units, self.units.len()),
            accounts: every(accounts, self.accounts.len()),
            tags,
        }
    }

    /// What has this id, in words.
    fn name(&self, id: &str) -> String {
        if id == self.root_id {
            return "the root".to_owned();
        }
        match self.accounts.get(id) {
            Some(name) => format!("account {id} {name}"),
            None => {
                let unit = self.units.iter().find(|(_, unit)| *unit == id);
                let path = unit.map_or(id, |(path, _)| path);
                format!("organizational unit {path}")
            }
        }
    }
}

/// A path that does not mean every unit, whatever the unit is called.
fn written(path: &str) -> String {
    match path {
        EVERY => format!("\\{path}"),
        path => path.to_owned(),
    }
}

fn subject(policy: &Policy) -> String {
    format!("policy {}", policy.name)
}

/// Every policy.
async fn all(to: &mut Application<'_, '_>) -> Result<Vec<Policy>, ApplyError> {
    let mut policies = Vec::new();
    for (name, ..) in POLICY_TYPES {
        let found = organization::policies(to.act.db(), name, "", ALL).await;
        policies.extend(found.about(|| format!("policies of type {name}"))?);
    }
    Ok(policies)
}

/// Puts exactly these types in force.
async fn put_types(
    to: &mut Application<'_, '_>,
    root_id: &str,
    wanted: &[String],
) -> Result<(), ApplyError> {
    let subject = |name: &str| format!("policy type {name}");
    let found = organization::enabled_policy_types(to.act.db()).await?;
    for extra in found.iter().filter(|name| !wanted.contains(name)) {
        let disabled = organization::disable_policy_type(to.act, root_id, extra).await;
        disabled.about(|| subject(extra))?;
        to.changed('-', subject(extra));
    }
    for missing in wanted.iter().filter(|name| !found.contains(name)) {
        let enabled = organization::enable_policy_type(to.act, root_id, missing).await;
        enabled.about(|| subject(missing))?;
        to.changed('+', subject(missing));
    }
    Ok(())
}

/// Creates a declared policy, or changes it; AWS's own stay as they are.
async fn put(
    to: &mut Application<'_, '_>,
    present: &[Policy],
    declared: &Declared,
) -> Result<Policy, ApplyError> {
    let subject = || format!("policy {}", declared.name);
    let refused = |problem: &str| ApplyError::Refused {
        subject: subject(),
        problem: problem.to_owned(),
    };
    let named =
        |one: &&Policy| one.policy_type == declared.policy_type && one.name == declared.name;
    let found = present.iter().find(named);
    if let Some(found) = found.filter(|found| found.aws_managed) {
        if declared.content.is_some() || declared.description.is_some() {
            return Err(refused("it is AWS's own: say only what it is attached to"));
        }
        return Ok(found.clone());
    }
    let content = declared.content.as_deref();
    let content = content.ok_or_else(|| refused("say its content"))?;
    let description = declared.description.as_deref().unwrap_or_default();
    let Some(found) = found else {
        let kind = &declared.policy_type;
        let name = &declared.name;
        let created =
            organization::create_policy(to.act, kind, name, description, content, &[]).await;
        let created = created.about(subject)?;
        to.changed('+', subject());
        return Ok(created);
    };
    if found.content == content && found.description == description {
        return Ok(found.clone());
    }
    let change = PolicyChange {
        name: None,
        description: Some(description),
        content: Some(content),
    };
    let changed = organization::update_policy(to.act, &found.id, &change).await;
    let changed = changed.about(subject)?;
    to.changed('~', subject());
    Ok(changed)
}

/// What changes of the policies of one type at one target.
#[derive(Default)]
struct Revision {
    /// How many there are.
    number: usize,
    extra: Vec<String>,
    missing: Vec<String>,
}

/// Attaches these policies to exactly these targets.
async fn attach(
    to: &mut Application<'_, '_>,
    places: &Places,
    policies: &[Policy],
    wanted: &Attachments,
) -> Result<(), ApplyError> {
    let policies: HashMap<&str, &Policy> =
        policies.iter().map(|one| (one.id.as_str(), one)).collect();
    let kind = |id: &str| policies.get(id).map_or("", |one| one.policy_type.as_str());
    let mut revisions: BTreeMap<(String, &str), Revision> = BTreeMap::new();
    let mut missing = wanted.clone();
    for (policy, target) in organization::all_attachments(to.act.db()).await? {
        if let Some(targets) = missing.get_mut(&policy) {
            targets.remove(&target);
        }
        let goes = wanted
            .get(&policy)
            .is_some_and(|targets| !targets.contains(&target));
        let revision = revisions.entry((target, kind(&policy))).or_default();
        revision.number += 1;
        if goes {
            revision.extra.push(policy);
        }
    }
    for (policy, targets) in missing {
        for target in targets {
            let revision = revisions.entry((target, kind(&policy))).or_default();
            revision.missing.push(policy.clone());
        }
    }
    for ((target, kind), revision) in revisions {
        let most = POLICY_TYPES.iter().find(|(name, ..)| *name == kind);
        let most = most.map_or(0, |(.., most)| usize::try_from(*most).unwrap_or_default());
        let about = |policy: &str| {
            let name = policies.get(policy).map_or(policy, |one| one.name.as_str());
            format!("attachment of policy {name} to {}", places.name(&target))
        };
        revise(to, &target, most, revision, &about).await?;
    }
    Ok(())
}

/// Detaches the extra and attaches the missing ones, so that the target never has more than the
/// `most` it can have, and none only where that is wanted.
async fn revise(
    to: &mut Application<'_, '_>,
    target: &str,
    most: usize,
    mut revision: Revision,
    about: &impl Fn(&str) -> String,
) -> Result<(), ApplyError> {
    loop {
        let make_room = revision.number >= most || revision.missing.is_empty();
        if make_room && let Some(policy) = revision.extra.pop() {
            let detached = organization::detach_policy(to.act, &policy, target).await;
            detached.about(|| about(&policy))?;
            to.changed('-', about(&policy));
            revision.number -= 1;
        } else if let Some(policy) = revision.missing.pop() {
            let attached = organization::attach_policy(to.act, &policy, target).await;
            attached.about(|| about(&policy))?;
            to.changed('+', about(&policy));
            revision.number += 1;
        } else {
            return Ok(());
        }
    }
}
