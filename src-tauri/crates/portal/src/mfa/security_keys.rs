//! Security keys and passkeys (W3C WebAuthn, level 2). They stand beside the password, so a touch
//! is enough; a key that knows a PIN or a fingerprint may ask for it.

use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::{Duration, OffsetDateTime};
use webauthn_rs::prelude::{
    CredentialID, PublicKeyCredential, RegisterPublicKeyCredential, SecurityKey,
    SecurityKeyAuthentication, SecurityKeyRegistration, Uuid, Webauthn, WebauthnBuilder,
    WebauthnError,
};

use super::{
    FactorKind, MfaError,
    factors::{self, NewFactor},
};
use crate::{
    Portal,
    act::Act,
    clock,
    directory::User,
    random,
    seal::{Seal, SealError},
};

/// What stored keys are sealed for.
const KEY: &str = "security key";
/// What registrations and sign-ins under way are sealed for.
const STATE: &str = "security key ceremony";
/// How long a user may take to touch the key.
const LIFE: Duration = Duration::minutes(10);

/// A registration of, or a sign-in with, a security key under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// By which the answer finds it; not secret.
    pub id: String,
    /// What the browser's `navigator.credentials` is asked, as JSON.
    pub options: String,
}

/// Whether security keys can be used with this portal: they are bound to a host's name, and an
/// address has none.
pub fn takes_security_keys(portal: &Portal) -> bool {
    portal.config().origin.domain().is_some()
}

/// Begins to add a security key for a user.
pub async fn begin_registration(portal: &Portal, user: &User) -> Result<Ceremony, MfaError> {
    let held = keys(portal.pool(), portal.seal(), &user.id).await?;
    let held: Vec<CredentialID> = held.iter().map(|(_, key)| key.cred_id().clone()).collect();
    let handle = Uuid::parse_str(&user.id).map_err(|_| MfaError::NotFound)?;
    let (name, display_name) = (&user.user_name, &user.display_name);
    let (mut options, state) = relying_party(portal)?
        .start_securitykey_registration(handle, name, display_name, Some(held), None, None)
        .map_err(not_proved)?;
    // Passkeys of phones and computers are as welcome as keys of their own.
    options.public_key.hints = None;
    // Chromium refuses the protection that the library asks for where no PIN is insisted on.
    options.public_key.extensions = None;
    keep(portal, &user.id, &options, &state).await
}

/// Adds the key that gave this answer, under a name of the user's own.
pub async fn finish_registration(
    act: &mut Act<'_>,
    user_id: &str,
    ceremony: &str,
    answer: &str,
    label: &str,
) -> Result<(), MfaError> {
    let (portal, now) = (act.portal().clone(), act.now());
    let state: SecurityKeyRegistration =
        take(act.db(), portal.seal(), now, user_id, ceremony).await?;
    let answer: RegisterPublicKeyCredential = parsed(answer)?;
    let key = relying_party(&portal)?
        .finish_securitykey_registration(&answer, &state)
        .map_err(not_proved)?;
    let new = NewFactor {
        id: &random::hash(&data_encoding::HEXLOWER.encode(key.cred_id().as_ref())),
        user_id,
        kind: FactorKind::SecurityKey,
        label,
        secret: &portal.seal().seal(KEY, &key)?,
    };
    if factors::add(act, &new).await? {
        Ok(())
    } else {
        Err(MfaError::Known)
    }
}

/// Begins a sign-in with one of the user's security keys, if there is one.
pub async fn begin_authentication(
    portal: &Portal,
    user_id: &str,
) -> Result<Option<Ceremony>, MfaError> {
    let held = keys(portal.pool(), portal.seal(), user_id).await?;
    if held.is_empty() || !takes_security_keys(portal) {
        return Ok(None);
    }
    let held: Vec<SecurityKey> = held.into_iter().map(|(_, key)| key).collect();
    let (mut options, state) = relying_party(portal)?
        .start_securitykey_authentication(&held)
        .map_err(not_proved)?;
    options.public_key.hints = None;
    keep(portal, user_id, &options, &state).await.map(Some)
}

/// Whether one of the user's security keys gave this answer to this ceremony. Said once for each.
pub async fn verify_security_key(
    portal: &Portal,
    user_id: &str,
    ceremony: &str,
    answer: &str,
) -> Result<bool, MfaError> {
    let mut db = portal.write().await?;
    let verified = verify(portal, &mut db, user_id, ceremony, answer).await;
    // The challenge is spent even if the answer was wrong.
    db.commit().await?;
    match verified {
        Err(MfaError::NotProved(reason)) => {
            tracing::info!(reason, "a security key's answer was refused");
            Ok(false)
        }
        other => other.map(|()| true),
    }
}

async fn verify(
    portal: &Portal,
    db: &mut AnyConnection,
    user_id: &str,
    ceremony: &str,
    answer: &str,
) -> Result<(), MfaError> {
    let now = portal.now();
    let state: SecurityKeyAuthentication =
        take(&mut *db, portal.seal(), now, user_id, ceremony).await?;
    let answer: PublicKeyCredential = parsed(answer)?;
    let result = relying_party(portal)?
        .finish_securitykey_authentication(&answer, &state)
        .map_err(not_proved)?;
    let held = keys(&mut *db, portal.seal(), user_id).await?;
    let used = held
        .into_iter()
        .find(|(_, key)| key.cred_id() == result.cred_id());
    let Some((id, mut key)) = used else {
        return Err(MfaError::NotProved(
            "the key was removed meanwhile".to_owned(),
        ));
    };
    // Its counter, by which a copy of the key is noticed.
    key.update_credential(&result);
    sqlx::query("UPDATE factors SET secret = $2, last_used_at = $3 WHERE id = $1")
        .bind(id)
        .bind(portal.seal().seal(KEY, &key)?)
        .bind(clock::millis(now))
        .execute(db)
        .await?;
    Ok(())
}

/// The portal as what keys are bound to.
fn relying_party(portal: &Portal) -> Result<Webauthn, MfaError> {
    let origin = &portal.config().origin;
    let host = origin.domain().ok_or(MfaError::Nameless)?;
    WebauthnBuilder::new(host, origin)
        .and_then(|builder| builder.rp_name("Vestibule").build())
        .map_err(|_| MfaError::Nameless)
}

async fn keys(
    db: impl Executor<'_, Database = Any>,
    seal: &Seal,
    user_id: &str,
) -> Result<Vec<(String, SecurityKey)>, MfaError> {
    let stored: Vec<(String, String)> = sqlx::query(
        "SELECT id, secret FROM factors WHERE user_id = $1 AND kind = 'webauthn' ORDER BY id",
    )
    .bind(user_id)
    .try_map(|row: AnyRow| Ok((row.try_get("id")?, row.try_get("secret")?)))
    .fetch_all(db)
    .await?;
    let opened = stored
        .into_iter()
        .map(|(id, sealed)| Ok((id, seal.open(KEY, &sealed)?)))
        .collect::<Result<_, SealError>>()?;
    Ok(opened)
}

/// Stores a ceremony's state: sealed in the browser it could be answered twice.
async fn keep(
    portal: &Portal,
    user_id: &str,
    options: &impl serde::Serialize,
    state: &impl serde::Serialize,
) -> Result<Ceremony, MfaError> {
    let id = random::uuid();
    sqlx::query("INSERT INTO ceremonies (id, user_id, state, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(&id)
        .bind(user_id)
        .bind(portal.seal().seal(STATE, state)?)
        .bind(clock::millis(portal.now() + LIFE))
        .execute(&mut *portal.turn().await?)
        .await?;
    let options = serde_json::to_string(options).map_err(SealError::Value)?;
    Ok(Ceremony { id, options })
}

/// Takes a ceremony's state out of the store: nobody takes it twice.
async fn take<T: serde::de::DeserializeOwned>(
    db: &mut AnyConnection,
    seal: &Seal,
    now: OffsetDateTime,
    user_id: &str,
    ceremony: &str,
) -> Result<T, MfaError> {
    let state: Option<String> = sqlx::query_scalar(
        "DELETE FROM ceremonies WHERE id = $1 AND user_id = $2 AND expires_at > $3 RETURNING state",
    )
    .bind(ceremony)
    .bind(user_id)
    .bind(clock::millis(now))
    .fetch_optional(db)
    .await?;
    let state = state.ok_or_else(|| MfaError::NotProved("it took too long".to_owned()))?;
    // One that was begun for something else does not open as this.
    seal.open(STATE, &state)
        .map_err(|_| MfaError::NotProved("it was begun for something else".to_owned()))
}

fn parsed<T: serde::de::DeserializeOwned>(answer: &str) -> Result<T, MfaError> {
    serde_json::from_str(answer).map_err(|error| MfaError::NotProved(error.to_string()))
}

fn not_proved(error: WebauthnError) -> MfaError {
    MfaError::NotProved(error.to_string())
}
