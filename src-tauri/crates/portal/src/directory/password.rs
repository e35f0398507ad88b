use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{AnyPool, Row};
use thiserror::Error;
use time::OffsetDateTime;
use tokio::sync::Semaphore;

use super::{User, key, user};
use crate::clock;

/// The fewest characters a password has.
pub const MINIMUM_LENGTH: usize = 8;

/// Why a password could not be set or checked.
#[derive(Debug, Error)]
pub enum PasswordError {
    /// Too short, or too long to hash.
    #[error("the password needs {MINIMUM_LENGTH} to 256 characters")]
    Length,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
    /// Hashing failed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// The enabled user with this name and password. An unknown or disabled user costs as much work
/// as a wrong password, so that time tells nothing.
pub async fn verify_password(
    pool: &AnyPool,
    user_name: &str,
    password: &SecretString,
) -> Result<Option<User>, PasswordError> {
    /// The hash of a password nobody has.
    static NOBODY: LazyLock<Result<String, PasswordError>> =
        LazyLock::new(|| hash(&crate::random::token()));

    let stored: Option<(String, String)> = sqlx::query(
        "SELECT id, password_hash FROM users \
         WHERE user_name_key = $1 AND enabled = 1 AND password_hash IS NOT NULL",
    )
    .bind(key(user_name))
    .try_map(|row: sqlx::any::AnyRow| Ok((row.try_get("id")?, row.try_get("password_hash")?)))
    .fetch_optional(pool)
    .await?;
    let password = password.clone();
    let verified = blocking(move || {
        let (id, stored) = match stored {
            Some((id, stored)) => (Some(id), stored),
            None => match &*NOBODY {
                Ok(nobody) => (None, nobody.clone()),
                Err(error) => return Err(PasswordError::Hash(error.to_string())),
            },
        };
        let parsed =
            PasswordHash::new(&stored).map_err(|error| PasswordError::Hash(error.to_string()))?;
        let matches = Argon2::default()
            .verify_password(password.expose_secret().as_bytes(), &parsed)
            .is_ok();
        Ok(id.filter(|_| matches))
    })
    .await?;
    match verified {
        Some(id) => Ok(user(pool, &id).await?),
        None => Ok(None),
    }
}

/// Gives a user this password; with `change_required` the next sign-in must set another.
pub async fn set_password(
    pool: &AnyPool,
    now: OffsetDateTime,
    user_id: &str,
    password: &SecretString,
    change_required: bool,
) -> Result<(), PasswordError> {
    let length = password.expose_secret().chars().count();
    if !(MINIMUM_LENGTH..=256).contains(&length) {
        return Err(PasswordError::Length);
    }
    let password = password.clone();
    let hashed = blocking(move || hash(password.expose_secret())).await?;
    sqlx::query(
        "UPDATE users SET password_hash = $2, password_change_required = $3, \
         password_changed_at = $4, updated_at = $4 WHERE id = $1",
    )
    .bind(user_id)
    .bind(hashed)
    .bind(i64::from(change_required))
    .bind(clock::millis(now))
    .execute(pool)
    .await?;
    Ok(())
}

/// Whether the user has a password.
pub async fn has_password(pool: &AnyPool, user_id: &str) -> Result<bool, sqlx::Error> {
    let found: Option<String> =
        sqlx::query_scalar("SELECT id FROM users WHERE id = $1 AND password_hash IS NOT NULL")
            .bind(user_id)
            .fetch_optional(pool)
            .await?;
    Ok(found.is_some())
}

fn hash(password: &str) -> Result<String, PasswordError> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| PasswordError::Hash(error.to_string()))
}

/// Hashing takes tens of milliseconds: never on a thread that serves others. It takes megabytes,
/// too: however many sign in at once, only a few are hashed at a time.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
) -> Result<T, PasswordError> {
    static AT_A_TIME: Semaphore = Semaphore::const_new(4);
    let permit = AT_A_TIME.acquire().await;
    let worked = move || {
        // Held until the work is done, even if nobody waits for it any more.
        let _permit = permit;
        work()
    };
    tokio::task::spawn_blocking(worked)
        .await
        .map_err(|error| PasswordError::Hash(error.to_string()))?
}
