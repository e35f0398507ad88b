//! Applications, and whom they are assigned to.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ALL, Application as Declared, ApplyError, AttributeMapping,
    access::{as_tags, name_of, principal, put_tags},
    apply::{About, Application, Kind},
};
use crate::{
    access::Principal,
    applications::{
        self, ApplicationAssignment, ApplicationChange, NewApplication, Provider, SignIn,
        SignInOrigin,
    },
};

pub(super) async fn apply(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let declaration = to.declaration;
    let mut present = BTreeMap::new();
    for found in all(to.act.db()).await? {
        present
            .entry(found.name.clone())
            .or_insert_with(Vec::new)
            .push(found);
    }
    if to.prunes(Kind::Applications) {
        let declared: BTreeSet<&String> = declaration
            .applications
            .iter()
            .map(|one| &one.name)
            .collect();
        for found in present.values().flatten() {
            if !declared.contains(&found.name) {
                delete(to, found).await?;
            }
        }
    }
    for declared in &declaration.applications {
        match present.get(&declared.name).map(Vec::as_slice) {
            None => {
                create(to, declared, '+').await?;
            }
            Some([found]) => update(to, found, declared).await?,
            Some(_) => {
                return Err(ApplyError::Refused {
                    subject: format!("application {}", declared.name),
                    problem: "several of this name are there: rename all but one".to_owned(),
                });
            }
        }
    }
    Ok(())
}

/// Every application, in the order of their ids.
pub(super) async fn all(
    db: &mut sqlx::AnyConnection,
) -> Result<Vec<applications::Application>, sqlx::Error> {
    applications::applications(db, None, "", ALL).await
}

/// Whom an application is assigned to.
pub(super) async fn principals_of(
    db: &mut sqlx::AnyConnection,
    id: &str,
) -> Result<Vec<Principal>, sqlx::Error> {
    let found = applications::application_assignments(db, id, "", ALL).await?;
    Ok(found.into_iter().map(|one| one.principal).collect())
}

/// The attribute mappings that a declared application has, by name.
pub(super) fn mappings_of(declared: &Declared, provider: Provider) -> Vec<AttributeMapping> {
    let mut mappings = match (&declared.attributes, provider) {
        (Some(mappings), _) => mappings.clone(),
        (None, Provider::Catalogue(entry)) => mappings(&entry.attributes),
        (None, Provider::Custom | Provider::CustomSaml) => Vec::new(),
    };
    mappings.sort();
    mappings
}

/// The same mappings as the file has them.
pub(super) fn mappings(found: &[applications::AttributeMapping]) -> Vec<AttributeMapping> {
    let mapping = |found: &applications::AttributeMapping| AttributeMapping {
        name: found.name.clone(),
        source: found.source.clone(),
        format: found.format.clone(),
    };
    let mut mappings: Vec<AttributeMapping> = found.iter().map(mapping).collect();
    mappings.sort();
    mappings
}

fn subject(declared: &Declared) -> String {
    format!("application {}", declared.name)
}

/// The provider and the sign-in that a declared application names.
fn parts(declared: &Declared) -> Result<(Provider, Option<SignIn>), ApplyError> {
    let provider = Provider::parse(&declared.provider).ok_or_else(|| ApplyError::Unknown {
        subject: subject(declared),
        kind: "provider",
        name: declared.provider.clone(),
    })?;
    let Some(origin) = &declared.sign_in else {
        return Ok((provider, None));
    };
    let origin = SignInOrigin::parse(origin).map_err(|error| ApplyError::Refused {
        subject: subject(declared),
        problem: error.to_string(),
    })?;
    let url = declared.url.clone();
    Ok((provider, Some(SignIn { origin, url })))
}

async fn delete(
    to: &mut Application<'_, '_>,
    found: &applications::Application,
) -> Result<(), ApplyError> {
    let subject = format!("application {}", found.name);
    let deleted = applications::delete_application(to.act, &found.id).await;
    deleted.about(|| subject.clone())?;
    to.changed('-', subject);
    Ok(())
}

async fn create(
    to: &mut Application<'_, '_>,
    declared: &Declared,
    sign: char,
) -> Result<(), ApplyError> {
    let (provider, sign_in) = parts(declared)?;
    let about = || subject(declared);
    let new = NewApplication {
        name: &declared.name,
        provider,
        description: declared.description.as_deref(),
        enabled: declared.enabled,
        visible: declared.visible,
        sign_in,
        client_token: None,
    };
    let tags = as_tags(&declared.tags);
    let created = applications::create_application(to.act, &new, &tags).await;
    let id = created.about(about)?.id;
    to.changed(sign, about());
    settings(to, declared, provider, &id).await?;
    assignments(to, declared, &id).await
}

async fn update(
    to: &mut Application<'_, '_>,
    found: &applications::Application,
    declared: &Declared,
) -> Result<(), ApplyError> {
    let (provider, sign_in) = parts(declared)?;
    let about = || subject(declared);
    // No operation can change it.
    if found.provider != provider {
        let deleted = applications::delete_application(to.act, &found.id).await;
        deleted.about(about)?;
        return create(to, declared, '~').await;
    }
    let same = found.description == declared.description
        && found.enabled == declared.enabled
        && found.visible == declared.visible
        && found.sign_in == sign_in;
    if !same {
        let change = ApplicationChange {
            name: None,
            description: Some(declared.description.as_deref()),
            enabled: Some(declared.enabled),
            visible: Some(declared.visible),
            sign_in: Some(sign_in),
        };
        let updated = applications::update_application(to.act, &found.id, &change).await;
        updated.about(about)?;
    }
    let tagged = put_tags(to.act, &found.id, &declared.tags).await;
    let tagged = tagged.about(about)?;
    let set = settings(to, declared, provider, &found.id).await?;
    if !same || tagged || set {
        to.changed('~', about());
    }
    assignments(to, declared, &found.id).await
}

/// Mappings, whether assignments are needed, and whether sessions go on. Returns whether any was
/// another.
async fn settings(
    to: &mut Application<'_, '_>,
    declared: &Declared,
    provider: Provider,
    id: &str,
) -> Result<bool, ApplyError> {
    let about = || subject(declared);
    let found = applications::attribute_mappings(to.act.db(), id).await?;
    let wanted = mappings_of(declared, provider);
    let mapped = mappings(&found) != wanted;
    if mapped {
        let wanted: Vec<applications::AttributeMapping> = wanted
            .into_iter()
            .map(|mapping| applications::AttributeMapping {
                name: mapping.name,
                source: mapping.source,
                format: mapping.format,
            })
            .collect();
        let put = applications::put_attribute_mappings(to.act, id, &wanted).await;
        put.about(about)?;
    }
    let required = applications::assignment_required(to.act.db(), id).await;
    let required = required.about(about)?;
    if required != declared.assignment_required {
        let wanted = declared.assignment_required;
        let put = applications::put_assignment_required(to.act, id, wanted).await;
        put.about(about)?;
    }
    let background = applications::background_sessions(to.act.db(), id).await;
    let background = background.about(about)?;
    if background != declared.background_sessions {
        let wanted = declared.background_sessions;
        let put = applications::put_background_sessions(to.act, id, wanted).await;
        put.about(about)?;
    }
    Ok(mapped
        || required != declared.assignment_required
        || background != declared.background_sessions)
}

async fn assignments(
    to: &mut Application<'_, '_>,
    declared: &Declared,
    id: &str,
) -> Result<(), ApplyError> {
    let mut wanted = BTreeMap::new();
    let users = declared.users.iter().map(|name| ("user", name));
    for (kind, name) in users.chain(declared.groups.iter().map(|name| ("group", name))) {
        let principal = principal(to, kind, name).ok_or_else(|| ApplyError::Unknown {
            subject: subject(declared),
            kind,
            name: name.clone(),
        })?;
        wanted.insert(principal, format!("{kind} {name}"));
    }
    let assignment = |principal: Principal| ApplicationAssignment {
        application_id: id.to_owned(),
        principal,
    };
    for principal in principals_of(to.act.db(), id).await? {
        if wanted.remove(&principal).is_some() {
            continue;
        }
        let who = name_of(to, &principal).await?;
        let line = format!("assignment of {} to {who}", subject(declared));
        let unwanted = assignment(principal);
        let removed = applications::delete_application_assignment(to.act, &unwanted).await;
        removed.about(|| line.clone())?;
        to.changed('-', line);
    }
    for (principal, who) in wanted {
        let line = format!("assignment of {} to {who}", subject(declared));
        let wanted = assignment(principal);
        let created = applications::create_application_assignment(to.act, &wanted).await;
        created.about(|| line.clone())?;
        to.changed('+', line);
    }
    Ok(())
}
