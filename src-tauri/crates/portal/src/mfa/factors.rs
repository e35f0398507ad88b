//! The factors a user has, whatever their kind.

use serde_json::json;
use sqlx::{Any, Executor, Row, any::AnyRow};
use time::OffsetDateTime;

use super::{MfaError, Policy, WithoutFactor, policy, recovery};
use crate::{
    act::Act,
    audit::{DIRECTORY, Event},
    clock,
    config::MfaMode,
    sessions,
};

/// As many factors as a user may have, recovery codes aside.
const AT_MOST: usize = 8;
/// As many characters as a factor's name may have.
const LABEL_LENGTH: usize = 64;

/// A second factor of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Not secret.
    pub id: String,
    /// What it is.
    pub kind: FactorKind,
    /// What the user calls it.
    pub label: String,
    /// When it was added.
    pub created_at: OffsetDateTime,
    /// When it last served to sign in.
    pub last_used_at: Option<OffsetDateTime>,
}

/// What a factor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorKind {
    /// An app that shows codes (TOTP).
    AuthenticatorApp,
    /// A security key or a passkey (WebAuthn).
    SecurityKey,
}

impl FactorKind {
    /// How the store names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AuthenticatorApp => "totp",
            Self::SecurityKey => "webauthn",
        }
    }
}

/// The factors of a user, oldest first. Recovery codes are none.
pub async fn factors(
    db: impl Executor<'_, Database = Any>,
    user_id: &str,
) -> Result<Vec<Factor>, sqlx::Error> {
    sqlx::query(
        "SELECT id, kind, label, created_at, last_used_at FROM factors \
         WHERE user_id = $1 AND kind IN ('totp', 'webauthn') ORDER BY created_at, id",
    )
    .bind(user_id)
    .try_map(factor_of)
    .fetch_all(db)
    .await
}

/// Gives a factor of the user another name.
pub async fn rename_factor(
    act: &mut Act<'_>,
    user_id: &str,
    factor_id: &str,
    label: &str,
) -> Result<(), MfaError> {
    let label = checked_label(label)?;
    let renamed = sqlx::query(
        "UPDATE factors SET label = $3 \
         WHERE id = $1 AND user_id = $2 AND kind IN ('totp', 'webauthn')",
    )
    .bind(factor_id)
    .bind(user_id)
    .bind(label)
    .execute(act.db())
    .await?;
    if renamed.rows_affected() == 0 {
        return Err(MfaError::NotFound);
    }
    act.record(
        Event::new(DIRECTORY, "UpdateMfaDeviceForUser")
            .parameters(json!({ "userId": user_id, "mfaDeviceId": factor_id, "label": label })),
    );
    Ok(())
}

/// Takes a factor from the user who has it; the recovery codes go with the last one.
///
/// # Errors
/// [`MfaError::LastFactor`] if the user could not sign in any more.
pub async fn remove_factor(
    act: &mut Act<'_>,
    user_id: &str,
    factor_id: &str,
) -> Result<(), MfaError> {
    let held = factors(&mut *act.db(), user_id).await?;
    if !held.iter().any(|factor| factor.id == factor_id) {
        return Err(MfaError::NotFound);
    }
    let is_last = held.len() == 1;
    if is_last && shuts_out(&policy(&mut *act.db()).await?) {
        return Err(MfaError::LastFactor);
    }
    sqlx::query("DELETE FROM factors WHERE id = $1 AND user_id = $2")
        .bind(factor_id)
        .bind(user_id)
        .execute(act.db())
        .await?;
    if is_last {
        recovery::remove_all(act.db(), user_id).await?;
    }
    act.record(
        Event::new(DIRECTORY, "DeleteMfaDeviceForUser")
            .parameters(json!({ "userId": user_id, "mfaDeviceId": factor_id })),
    );
    Ok(())
}

/// Takes all factors, recovery codes and known places from a user who has lost them, and ends the
/// user's sessions.
pub async fn reset_factors(act: &mut Act<'_>, user_id: &str) -> Result<(), MfaError> {
    for statement in [
        "DELETE FROM factors WHERE user_id = $1",
        "DELETE FROM known_places WHERE user_id = $1",
    ] {
        sqlx::query(statement)
            .bind(user_id)
            .execute(act.db())
            .await?;
    }
    sessions::end_others(act, user_id, None).await?;
    act.record(
        Event::new(DIRECTORY, "ResetMfaDevicesForUser").parameters(json!({ "userId": user_id })),
    );
    Ok(())
}

/// A factor about to be stored.
pub(super) struct NewFactor<'a> {
    /// Derived from what makes it unique.
    pub(super) id: &'a str,
    pub(super) user_id: &'a str,
    pub(super) kind: FactorKind,
    pub(super) label: &'a str,
    /// Sealed.
    pub(super) secret: &'a str,
}

/// Stores a factor, unless it is there already. Whether it was not.
pub(super) async fn add(act: &mut Act<'_>, new: &NewFactor<'_>) -> Result<bool, MfaError> {
    let label = checked_label(new.label)?;
    let held = factors(&mut *act.db(), new.user_id).await?;
    if held.len() >= AT_MOST {
        return Err(MfaError::TooMany);
    }
    let now = act.now();
    let added = sqlx::query(
        "INSERT INTO factors (id, user_id, kind, label, secret, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
    )
    .bind(new.id)
    .bind(new.user_id)
    .bind(new.kind.name())
    .bind(label)
    .bind(new.secret)
    .bind(clock::millis(now))
    .execute(act.db())
    .await?;
    let added = added.rows_affected() == 1;
    if added {
        let name = match new.kind {
            FactorKind::AuthenticatorApp => "CompleteVirtualMfaDeviceRegistration",
            FactorKind::SecurityKey => "CompleteWebAuthnDeviceRegistration",
        };
        act.record(
            Event::new(DIRECTORY, name).parameters(
                json!({ "userId": new.user_id, "mfaDeviceId": new.id, "label": label }),
            ),
        );
    }
    Ok(added)
}

/// Whether the policy leaves nobody in who has no factor.
fn shuts_out(policy: &Policy) -> bool {
    policy.mode != MfaMode::Never && policy.without_factor == WithoutFactor::Block
}

fn checked_label(label: &str) -> Result<&str, MfaError> {
    let label = label.trim();
    let problem = if label.is_empty() {
        "Give it a name by which you will know it again."
    } else if label.chars().count() > LABEL_LENGTH {
        "The name has more than 64 characters."
    } else if label.chars().any(char::is_control) {
        "The name holds characters that cannot be shown."
    } else {
        return Ok(label);
    };
    Err(MfaError::Invalid {
        field: "label",
        problem,
    })
}

fn factor_of(row: AnyRow) -> Result<Factor, sqlx::Error> {
    let kind: String = row.try_get("kind")?;
    let last_used_at: Option<i64> = row.try_get("last_used_at")?;
    Ok(Factor {
        id: row.try_get("id")?,
        kind: if kind == FactorKind::SecurityKey.name() {
            FactorKind::SecurityKey
        } else {
            FactorKind::AuthenticatorApp
        },
        label: row.try_get("label")?,
        created_at: clock::from_millis(row.try_get("created_at")?),
        last_used_at: last_used_at.map(clock::from_millis),
    })
}
