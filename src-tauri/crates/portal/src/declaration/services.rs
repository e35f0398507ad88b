//! The services that the organization trusts, and whom it delegates them to.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AnyConnection;

use super::{
    ALL, ApplyError, Declaration,
    apply::{About, Application},
    organization::{all_accounts, exists},
};
use crate::organization::{self, OrganizationError};

/// Account ids and the services that each looks after.
type Delegations = BTreeSet<(String, String)>;

pub(super) async fn apply(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let declaration = to.declaration;
    let silent = declaration.trusted_services.is_none()
        && declaration.delegated_administrators.is_none()
        && declaration.resource_policy.is_none();
    if silent || !exists(to).await? {
        return Ok(());
    }
    let trusted = trusted(to.act.db()).await;
    let trusted = trusted.about(|| "trusted services".to_owned())?;
    let wanted = match &declaration.trusted_services {
        Some(wanted) => wanted.iter().cloned().collect(),
        None => trusted.clone(),
    };
    for missing in wanted.difference(&trusted) {
        let enabled = organization::enable_service(to.act, missing).await;
        enabled.about(|| subject(missing))?;
        to.changed('+', subject(missing));
    }
    if let Some(wanted) = &declaration.delegated_administrators {
        delegate(to, wanted).await?;
    }
    for extra in trusted.difference(&wanted) {
        let disabled = organization::disable_service(to.act, extra).await;
        disabled.about(|| subject(extra))?;
        to.changed('-', subject(extra));
    }
    match &declaration.resource_policy {
        Some(wanted) => put_resource_policy(to, wanted).await,
        None => Ok(()),
    }
}

pub(super) async fn export(
    db: &mut AnyConnection,
    declaration: &mut Declaration,
) -> Result<(), OrganizationError> {
    let trusted = match trusted(&mut *db).await {
        Err(OrganizationError::NotInUse) => return Ok(()),
        trusted => trusted?,
    };
    let mut administrators: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (account, service) in delegations(&mut *db).await? {
        administrators.entry(service).or_default().push(account);
    }
    declaration.trusted_services = Some(trusted.into_iter().collect());
    declaration.delegated_administrators = Some(administrators);
    declaration.resource_policy = resource_policy(db).await?;
    Ok(())
}

fn subject(service: &str) -> String {
    format!("trusted service {service}")
}

async fn trusted(db: &mut AnyConnection) -> Result<BTreeSet<String>, OrganizationError> {
    let found = organization::services(db, "", ALL).await?;
    Ok(found.into_iter().map(|(service, _)| service).collect())
}

async fn delegations(db: &mut AnyConnection) -> Result<Delegations, OrganizationError> {
    let mut all = Delegations::new();
    for (account, _) in organization::administrators(&mut *db, None, "", ALL).await? {
        let services = organization::services_of_administrator(&mut *db, &account.id, "", ALL);
        let services = services.await?.into_iter();
        all.extend(services.map(|(service, _)| (account.id.clone(), service)));
    }
    Ok(all)
}

async fn resource_policy(db: &mut AnyConnection) -> Result<Option<String>, OrganizationError> {
    match organization::resource_policy(db).await {
        Err(OrganizationError::NotFound { .. }) => Ok(None),
        found => Ok(Some(found?.content)),
    }
}

/// Delegates each service to exactly the accounts that are named for it.
async fn delegate(
    to: &mut Application<'_, '_>,
    named: &BTreeMap<String, Vec<String>>,
) -> Result<(), ApplyError> {
    let subject = |service: &str| format!("delegated administrators of {service}");
    let accounts = all_accounts(to.act.db()).await?;
    let mut wanted = Delegations::new();
    for (service, names) in named {
        for name in names {
            let is_named = |one: &&organization::Account| one.id == *name || one.name == *name;
            let found = accounts.iter().find(is_named);
            let account = found.ok_or_else(|| ApplyError::Unknown {
                subject: subject(service),
                kind: "account",
                name: name.clone(),
            })?;
            wanted.insert((account.id.clone(), service.clone()));
        }
    }
    let present = delegations(to.act.db()).await;
    let present = present.about(|| "delegated administrators".to_owned())?;
    let line = |(account, service): &(String, String)| {
        format!("delegated administrator {account} of {service}")
    };
    for extra in present.difference(&wanted) {
        let removed = organization::deregister_administrator(to.act, &extra.0, &extra.1).await;
        removed.about(|| line(extra))?;
        to.changed('-', line(extra));
    }
    for missing in wanted.difference(&present) {
        let added = organization::register_administrator(to.act, &missing.0, &missing.1).await;
        added.about(|| line(missing))?;
        to.changed('+', line(missing));
    }
    Ok(())
}

/// Makes this the organization's resource policy; an empty one is none.
async fn put_resource_policy(to: &mut Application<'_, '_>, wanted: &str) -> Result<(), ApplyError> {
    const SUBJECT: &str = "resource policy of the organization";
    let present = resource_policy(to.act.db()).await;
    let present = present.about(|| SUBJECT.to_owned())?;
    let sign = match (&present, wanted) {
        (None, "") => return Ok(()),
        (Some(present), wanted) if present == wanted => return Ok(()),
        (Some(_), "") => {
            let deleted = organization::delete_resource_policy(to.act).await;
            deleted.about(|| SUBJECT.to_owned())?;
            '-'
        }
        (present, wanted) => {
            let put = organization::put_resource_policy(to.act, wanted, &[]).await;
            put.about(|| SUBJECT.to_owned())?;
            if present.is_some() { '~' } else { '+' }
        }
    };
    to.changed(sign, SUBJECT);
    Ok(())
}
