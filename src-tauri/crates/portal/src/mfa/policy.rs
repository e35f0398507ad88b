use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Any, Executor};

use super::{MfaError, takes_security_keys};
use crate::{
    act::Act,
    audit::{Event, PORTAL_API},
    config::{Config, MfaMode},
    store::{StoreError, put_setting, setting},
};

/// The name of its row among the instance's settings.
const SETTING: &str = "mfa_policy";

/// What the portal asks of users beside their password. It governs what may be added; factors that
/// users have already stay good, or whoever knows a password could add one of an allowed kind in
/// their place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// When a factor is asked for.
    pub mode: MfaMode,
    /// Whether users may add authenticator apps.
    pub authenticator_apps: bool,
    /// Whether users may add security keys and passkeys.
    pub security_keys: bool,
    /// What becomes of a user who is asked for a factor and has none.
    pub without_factor: WithoutFactor,
    /// Whether users may add and remove factors themselves once they are signed in.
    pub self_service: bool,
}

/// What becomes of a user who is asked for a factor and has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WithoutFactor {
    /// They add one on the way in.
    Enrol,
    /// They are not let in.
    Block,
    /// Their password is enough.
    Allow,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            mode: MfaMode::ContextAware,
            authenticator_apps: true,
            security_keys: true,
            without_factor: WithoutFactor::Enrol,
            self_service: true,
        }
    }
}

impl Policy {
    /// Whether a sign-in from a known or an unknown place must prove a factor.
    pub fn asks(&self, known_place: bool) -> bool {
        match self.mode {
            MfaMode::Never => false,
            MfaMode::ContextAware => !known_place,
            MfaMode::Always => true,
        }
    }
}

/// The policy in force.
pub async fn policy(db: impl Executor<'_, Database = Any>) -> Result<Policy, sqlx::Error> {
    match setting(db, SETTING).await? {
        None => Ok(Policy::default()),
        Some(stored) => {
            serde_json::from_str(&stored).map_err(|error| sqlx::Error::Decode(error.into()))
        }
    }
}

/// Puts another policy in force, from the next sign-in on.
///
/// # Errors
/// If it leaves users no kind of factor to add, and yet asks for one.
pub async fn set_policy(act: &mut Act<'_>, policy: &Policy) -> Result<(), MfaError> {
    let keys = policy.security_keys && takes_security_keys(act.portal());
    let none_allowed = !policy.authenticator_apps && !keys;
    if none_allowed && policy.mode != MfaMode::Never {
        return Err(MfaError::Invalid {
            field: "AllowedMfaTypes",
            problem: "Allow at least one kind of factor, or never ask for one.",
        });
    }
    put(act.db(), policy).await?;
    act.record(
        Event::new(PORTAL_API, "PutMfaDeviceManagementForDirectory")
            .parameters(json!({ "configuration": policy })),
    );
    Ok(())
}

/// Brings the stored policy in line with what the configuration says of it, if it says anything.
pub(crate) async fn configure(pool: &sqlx::AnyPool, config: &Config) -> Result<(), StoreError> {
    let Some(mode) = config.mfa else {
        return Ok(());
    };
    let stored = policy(pool).await?;
    if stored.mode != mode {
        put(pool, &Policy { mode, ..stored }).await?;
    }
    Ok(())
}

async fn put(db: impl Executor<'_, Database = Any>, policy: &Policy) -> Result<(), sqlx::Error> {
    let value = serde_json::to_string(policy).map_err(|error| sqlx::Error::Encode(error.into()))?;
    put_setting(db, SETTING, &value).await
}
