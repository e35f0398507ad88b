//! The portal as a whole, and the policy for second factors.

use sqlx::AnyConnection;

use super::{
    ApplyError, Declaration, Settings,
    apply::{About, Application},
};
use crate::{mfa, settings};

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
    db: &mut AnyConnection,
    declaration: &mut Declaration,
) -> Result<(), sqlx::Error> {
    let set = Settings {
        alias: settings::alias(&mut *db).await?,
        session_minutes: settings::session_minutes(&mut *db).await?,
    };
    let touched = set.alias.is_some() || set.session_minutes.is_some();
    declaration.portal = touched.then_some(set);
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
