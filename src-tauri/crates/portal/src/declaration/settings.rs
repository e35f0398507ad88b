//! The portal as a whole, and the policy for second factors.

use sqlx::AnyConnection;

use super::{
    ApplyError, Declaration, Settings,
    access::{put_tags, tags_of},
    apply::{About, Application},
};
use crate::{Portal, access, mfa, settings};

pub(super) async fn apply(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let declaration = to.declaration;
    if let Some(wanted) = &declaration.portal {
        portal(to, wanted).await?;
    }
    if let Some(wanted) = &declaration.mfa {
        second_factors(to, wanted).await?;
    }
    Ok(())
}

pub(super) async fn export(
    portal: &Portal,
    db: &mut AnyConnection,
    declaration: &mut Declaration,
) -> Result<(), sqlx::Error> {
    let tags = tags_of(&mut *db, &portal.instance().instance_id).await?;
    let set = Settings {
        alias: settings::alias(&mut *db).await?,
        instance_name: access::instance_name(&mut *db).await?,
        added_regions: Some(regions(&mut *db).await?).filter(|all| !all.is_empty()),
        tags: Some(tags).filter(|tags| !tags.is_empty()),
        session_minutes: settings::session_minutes(&mut *db).await?,
    };
    declaration.portal = Some(set).filter(|set| *set != Settings::default());
    declaration.mfa = Some(mfa::policy(db).await?);
    Ok(())
}

async fn portal(to: &mut Application<'_, '_>, wanted: &Settings) -> Result<(), ApplyError> {
    if let Some(alias) = &wanted.alias
        && settings::alias(to.act.db()).await?.as_ref() != Some(alias)
    {
        let subject = format!("address of the portal {alias}");
        let customized = settings::customize_url(to.act, alias).await;
        customized.about(|| subject.clone())?;
        to.changed('+', subject);
    }
    if let Some(name) = &wanted.instance_name
        && access::instance_name(to.act.db())
            .await?
            .unwrap_or_default()
            != *name
    {
        const SUBJECT: &str = "name of the instance";
        let renamed = access::rename_instance(to.act, name).await;
        renamed.about(|| SUBJECT.to_owned())?;
        to.changed('~', SUBJECT);
    }
    if let Some(wanted) = &wanted.added_regions {
        put_regions(to, wanted).await?;
    }
    if let Some(tags) = &wanted.tags {
        const SUBJECT: &str = "tags of the instance";
        let instance = &to.act.portal().instance().instance_id;
        let tagged = put_tags(to.act, instance, tags).await;
        if tagged.about(|| SUBJECT.to_owned())? {
            to.changed('~', SUBJECT);
        }
    }
    if let Some(minutes) = wanted.session_minutes
        && settings::session_minutes(to.act.db()).await? != Some(minutes)
    {
        const SUBJECT: &str = "length of portal sessions";
        let set = settings::set_session_length(to.act, minutes).await;
        set.about(|| SUBJECT.to_owned())?;
        to.changed('~', SUBJECT);
    }
    Ok(())
}

async fn regions(db: &mut AnyConnection) -> Result<Vec<String>, sqlx::Error> {
    let found = access::added_regions(db).await?;
    Ok(found.into_iter().map(|region| region.name).collect())
}

/// Puts the instance in exactly these regions, beside its first.
async fn put_regions(to: &mut Application<'_, '_>, wanted: &[String]) -> Result<(), ApplyError> {
    let subject = |name: &str| format!("region {name} of the instance");
    let found = regions(to.act.db()).await?;
    for extra in found.iter().filter(|name| !wanted.contains(name)) {
        let removed = access::remove_region(to.act, extra).await;
        removed.about(|| subject(extra))?;
        to.changed('-', subject(extra));
    }
    for missing in wanted.iter().filter(|name| !found.contains(name)) {
        let added = access::add_region(to.act, missing).await;
        added.about(|| subject(missing))?;
        to.changed('+', subject(missing));
    }
    Ok(())
}

async fn second_factors(
    to: &mut Application<'_, '_>,
    wanted: &mfa::Policy,
) -> Result<(), ApplyError> {
    const SUBJECT: &str = "policy for second factors";
    if mfa::policy(to.act.db()).await? == *wanted {
        return Ok(());
    }
    let set = mfa::set_policy(to.act, wanted).await;
    set.about(|| SUBJECT.to_owned())?;
    to.changed('~', SUBJECT);
    Ok(())
}
