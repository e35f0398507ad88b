//! Administrators' keys: for whoever may run `vestibule-portal` on the portal's machine, and
//! everything they let use them.

use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::{Any, Executor, Row, any::AnyRow};
use thiserror::Error;
use time::OffsetDateTime;

use crate::{
    Portal,
    act::{Act, Refusal},
    audit::Event,
    clock, random,
    seal::SealError,
};

/// What the audit trail calls the room of keys.
pub const EVENT_SOURCE: &str = "iam.amazonaws.com";

/// What keys' secrets are sealed for.
const PURPOSE: &str = "admin key";

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminKey {
    /// `AKIA` and sixteen characters.
    pub access_key_id: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it was revoked; none: it works.
    pub revoked_at: Option<OffsetDateTime>,
}

/// Why a key could not be made or revoked.
#[derive(Debug, Error)]
pub enum KeyError {
    /// There is no such key, or it is revoked already.
    #[error("The Access Key with id {0} cannot be found.")]
    Unknown(String),
    /// The secret could not be sealed.
    #[error("the key's secret could not be sealed")]
    Seal(#[from] SealError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
}

impl Refusal for KeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "NoSuchEntityException",
            Self::Seal(_) | Self::Store(_) => "InternalServerException",
        }
    }
}

/// Makes a key that may do everything, and returns its id and its secret, which is kept only sealed:
/// signatures are verified with it.
pub async fn create_key(act: &mut Act<'_>) -> Result<(String, SecretString), KeyError> {
    const KEY: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const SECRET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let access_key_id = format!("AKIA{}", random::characters(KEY, 16));
    let secret = random::characters(SECRET, 40);
    let sealed = act
        .portal()
        .seal()
        .seal(&purpose(&access_key_id), &secret)?;
    let now = clock::millis(act.now());
    sqlx::query("INSERT INTO admin_keys (access_key_id, secret, created_at) VALUES ($1, $2, $3)")
        .bind(&access_key_id)
        .bind(sealed)
        .bind(now)
        .execute(act.db())
        .await?;
    let response = json!({ "accessKey": { "accessKeyId": access_key_id, "status": "Active" } });
    act.record(Event::new(EVENT_SOURCE, "CreateAccessKey").response(response));
    Ok((access_key_id, secret.into()))
}

/// Every key there is or was, in the order of their making.
pub async fn keys(db: impl Executor<'_, Database = Any>) -> Result<Vec<AdminKey>, sqlx::Error> {
    sqlx::query(
        "SELECT access_key_id, created_at, revoked_at FROM admin_keys \
         ORDER BY created_at, access_key_id",
    )
    .try_map(|row: AnyRow| {
        let revoked_at: Option<i64> = row.try_get("revoked_at")?;
        Ok(AdminKey {
            access_key_id: row.try_get("access_key_id")?,
            created_at: clock::from_millis(row.try_get("created_at")?),
            revoked_at: revoked_at.map(clock::from_millis),
        })
    })
    .fetch_all(db)
    .await
}

/// Ends a key: the next request signed with it is refused.
pub async fn revoke_key(act: &mut Act<'_>, access_key_id: &str) -> Result<(), KeyError> {
    let now = clock::millis(act.now());
    let revoked = sqlx::query(
        "UPDATE admin_keys SET revoked_at = $2 WHERE access_key_id = $1 AND revoked_at IS NULL",
    )
    .bind(access_key_id)
    .bind(now)
    .execute(act.db())
    .await?;
    if revoked.rows_affected() == 0 {
        return Err(KeyError::Unknown(access_key_id.to_owned()));
    }
    let event = Event::new(EVENT_SOURCE, "DeleteAccessKey").parameters(named(access_key_id));
    act.record(event);
    Ok(())
}

/// What names a key in the audit trail.
pub fn named(access_key_id: &str) -> Value {
    json!({ "accessKeyId": access_key_id })
}

/// The secret of a key that works.
pub(crate) async fn secret(
    portal: &Portal,
    access_key_id: &str,
) -> Result<Option<SecretString>, sqlx::Error> {
    let sealed: Option<String> = sqlx::query_scalar(
        "SELECT secret FROM admin_keys WHERE access_key_id = $1 AND revoked_at IS NULL",
    )
    .bind(access_key_id)
    .fetch_optional(portal.pool())
    .await?;
    // Sealed by another portal's master key, it is nobody's.
    let open = |sealed: String| portal.seal().open(&purpose(access_key_id), &sealed).ok();
    Ok(sealed.and_then(open).map(|secret: String| secret.into()))
}

/// A secret moved to another key's row does not open.
fn purpose(access_key_id: &str) -> String {
    format!("{PURPOSE} {access_key_id}")
}
