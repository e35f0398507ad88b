//! What administrators set of the portal as a whole: an address of its own, once, and how long
//! users stay signed in.

use std::ops::RangeInclusive;

use serde_json::json;
use sqlx::{Any, Executor};
use thiserror::Error;
use time::Duration;

use crate::{
    Config, Portal,
    access::EVENT_SOURCE,
    act::{self, Act},
    audit::Event,
    check::{self, Constraint, Invalid, Pattern},
    config::without_ending,
    store::{put_setting, setting},
};

/// The name of the setting that holds the portal's own address.
const ALIAS: &str = "portal_alias";
/// The name of the setting that holds the length of sessions, in minutes.
const SESSION: &str = "portal_session_minutes";

/// How long users may stay signed in: up to ninety days.
pub(crate) const SESSION_MINUTES: RangeInclusive<i64> = 15..=90 * 24 * 60;

static FORM: Pattern = Pattern::new("[a-z0-9]+(-[a-z0-9]+)*");
/// Addresses that are something else already, or may become it.
const TAKEN: [&str; 24] = [
    "admin",
    "assets",
    "assignment",
    "authorize",
    "client",
    "consent",
    "console",
    "device",
    "federation",
    "forgot-password",
    "healthz",
    "instance",
    "logout",
    "metrics",
    "oauth",
    "readyz",
    "saml",
    "scim",
    "security",
    "set-password",
    "signin",
    "signout",
    "start",
    "token",
];

/// Why a setting was not changed.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// It is not what it may be.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The portal has an address of its own already.
    #[error("The portal's address was customized before; it cannot be changed again.")]
    Customized,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
}

impl act::Refusal for SettingsError {
    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "ValidationException",
            Self::Customized => "ConflictException",
            Self::Store(_) => "InternalServerException",
        }
    }
}

/// The last part of the portal's customized address, if it has one: it leads to the portal, and
/// clients may name the portal by it.
pub async fn alias(db: impl Executor<'_, Database = Any>) -> Result<Option<String>, sqlx::Error> {
    setting(db, ALIAS).await
}

/// Refuses what can be no address of the portal's own.
pub(crate) fn check_alias(alias: &str) -> Result<(), Invalid> {
    const FIELD: &str = "alias";
    check::length(FIELD, alias, 2..=63)?;
    FORM.check(FIELD, alias)?;
    if TAKEN.contains(&alias) {
        let problem = Constraint::Other("Member must not be an address of the portal's".to_owned());
        return Err(Invalid::new(FIELD, alias, problem));
    }
    Ok(())
}

/// Gives the portal an address of its own, once: `alias` under its origin, 2 to 63 lower-case
/// letters, digits and hyphens.
pub async fn customize_url(act: &mut Act<'_>, alias: &str) -> Result<(), SettingsError> {
    check_alias(alias)?;
    if setting(act.db(), ALIAS).await?.is_some() {
        return Err(SettingsError::Customized);
    }
    put_setting(act.db(), ALIAS, alias).await?;
    record(act, json!({ "portalAlias": alias }));
    Ok(())
}

/// Whether `url` names this portal: by its start URL, an alias of the configuration, or its
/// customized address.
pub async fn is_start_url(portal: &Portal, url: &str) -> Result<bool, sqlx::Error> {
    let config = portal.config();
    if config.is_start_url(url) {
        return Ok(true);
    }
    let alias = alias(portal.pool()).await?;
    Ok(alias.is_some_and(|alias| without_ending(url) == customized(config, &alias)))
}

/// The address that users know the portal by: the customized one, if it has one.
pub async fn address(portal: &Portal) -> Result<String, sqlx::Error> {
    let (config, alias) = (portal.config(), alias(portal.pool()).await?);
    Ok(alias.map_or_else(|| config.start_url(), |alias| customized(config, &alias)))
}

/// The portal's customized address.
pub fn customized(config: &Config, alias: &str) -> String {
    config.url(&format!("/{alias}"))
}

/// How long a portal session lasts: as set here, or as the configuration says.
pub async fn session_length(
    db: impl Executor<'_, Database = Any>,
    config: &Config,
) -> Result<Duration, sqlx::Error> {
    let set = session_minutes(db).await?;
    Ok(set.map_or(config.lifetimes.portal_session, Duration::minutes))
}

/// How long a portal session lasts, in minutes, if it was set here.
pub async fn session_minutes(
    db: impl Executor<'_, Database = Any>,
) -> Result<Option<i64>, sqlx::Error> {
    let set = setting(db, SESSION).await?;
    Ok(set.and_then(|minutes| minutes.parse().ok()))
}

/// Sets how long a portal session lasts: 15 minutes to 90 days, from the next sign-in on.
pub async fn set_session_length(act: &mut Act<'_>, minutes: i64) -> Result<(), SettingsError> {
    check::number("sessionMinutes", minutes, SESSION_MINUTES)?;
    put_setting(act.db(), SESSION, &minutes.to_string()).await?;
    record(act, json!({ "sessionMinutes": minutes }));
    Ok(())
}

/// Whether anything was set here yet.
pub async fn is_touched(db: impl Executor<'_, Database = Any>) -> Result<bool, sqlx::Error> {
    let found: Option<String> =
        sqlx::query_scalar("SELECT name FROM instance_settings WHERE name IN ($1, $2) LIMIT 1")
            .bind(ALIAS)
            .bind(SESSION)
            .fetch_optional(db)
            .await?;
    Ok(found.is_some())
}

fn record(act: &mut Act<'_>, parameters: serde_json::Value) {
    act.record(Event::new(EVENT_SOURCE, "UpdateSSOConfiguration").parameters(parameters));
}
