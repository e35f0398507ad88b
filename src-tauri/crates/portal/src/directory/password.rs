use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sqlx::{AnyPool, Row};
use thiserror::Error;

use super::{
    User, hashing, key,
    password_policy::{self, MAXIMUM_LENGTH, MINIMUM_LENGTH},
    user,
};
use crate::{
    act::{self, Act},
    audit::{DIRECTORY, Event},
    clock, invitations, random, sessions,
};

/// Why a password could not be set or checked.
#[derive(Debug, Error)]
pub enum PasswordError {
    /// Too short, or too long to hash.
    #[error("The password needs {MINIMUM_LENGTH} to {MAXIMUM_LENGTH} characters.")]
    Length,
    /// One that many people have.
    #[error("That is one of the first passwords anyone would try. Choose another.")]
    Common,
    /// It holds the user's name or address.
    #[error("The password holds your name or address. Choose another.")]
    Name,
    /// It is the one the user has.
    #[error("That is the password you have. Choose another.")]
    Same,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
    /// Hashing failed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

impl PasswordError {
    /// Whether it is the password's fault: another one may do.
    pub fn is_about_the_password(&self) -> bool {
        !matches!(self, Self::Store(_) | Self::Hash(_))
    }
}

impl act::Refusal for PasswordError {
    fn code(&self) -> &'static str {
        if self.is_about_the_password() {
            "ValidationException"
        } else {
            "InternalServerException"
        }
    }
}

/// A password that may be set, hashed: hashing takes too long to be done while the store waits.
#[derive(Clone)]
pub struct NewPassword {
    hash: String,
    change_required: bool,
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(redacted)")
    }
}

impl NewPassword {
    /// One that the user has chosen.
    ///
    /// # Errors
    /// If the policy does not allow it, or it is the one the user has.
    pub async fn chosen(
        pool: &AnyPool,
        user: &User,
        password: &SecretString,
    ) -> Result<Self, PasswordError> {
        password_policy::check(user, password.expose_secret())?;
        let current = verify_password(pool, &user.user_name, password).await?;
        if current.is_some() {
            return Err(PasswordError::Same);
        }
        Self::of(password, false).await
    }

    /// A new one, to be told to the user: the next sign-in sets another.
    pub async fn one_time() -> Result<(SecretString, Self), PasswordError> {
        const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let password = SecretString::from(random::characters(LETTERS, 16));
        let new = Self::of(&password, true).await?;
        Ok((password, new))
    }

    /// One that was chosen elsewhere; with `change_required` the next sign-in sets another.
    pub async fn of(password: &SecretString, change_required: bool) -> Result<Self, PasswordError> {
        Ok(Self {
            hash: hashing::hash(password).await?,
            change_required,
        })
    }
}

/// The enabled user with this name and password. An unknown or disabled user costs as much work
/// as a wrong password, so that time tells nothing.
pub async fn verify_password(
    pool: &AnyPool,
    user_name: &str,
    password: &SecretString,
) -> Result<Option<User>, PasswordError> {
    let stored: Option<(String, String)> = sqlx::query(
        "SELECT id, password_hash FROM users \
         WHERE user_name_key = $1 AND enabled = 1 AND password_hash IS NOT NULL",
    )
    .bind(key(user_name))
    .try_map(|row: sqlx::any::AnyRow| Ok((row.try_get("id")?, row.try_get("password_hash")?)))
    .fetch_optional(pool)
    .await?;
    let (id, stored) = stored.unzip();
    match (id, hashing::verify(password, stored).await?) {
        (Some(id), true) => Ok(user(pool, &id).await?),
        _ => Ok(None),
    }
}

/// Gives a user this password in place of any other. Links that were mailed to set one are void,
/// and all sessions end but `keep`, the one in which the user does this.
pub async fn set_password(
    act: &mut Act<'_>,
    user_id: &str,
    password: &NewPassword,
    keep: Option<&str>,
) -> Result<(), sqlx::Error> {
    put_hash(act, user_id, Some(&password.hash), password.change_required).await?;
    sessions::end_others(act, user_id, keep).await?;
    act.record(Event::new(DIRECTORY, "UpdatePassword").parameters(json!({
        "userId": user_id,
        "oneTime": password.change_required,
    })));
    Ok(())
}

/// Gives `user` another password in place of the one that was proved when they were read, and
/// returns whether it still was the one: a reset in the meantime stands. Otherwise as
/// [`set_password`].
pub async fn replace_password(
    act: &mut Act<'_>,
    user: &User,
    password: &NewPassword,
    keep: Option<&str>,
) -> Result<bool, sqlx::Error> {
    let present = super::user(act.db(), &user.id).await?;
    let same =
        |present: &User| present.enabled && present.password_changed_at == user.password_changed_at;
    if !present.as_ref().is_some_and(same) {
        return Ok(false);
    }
    set_password(act, &user.id, password, keep).await?;
    Ok(true)
}

/// Takes the password from a user, who then needs a link to set another. All sessions end.
pub(crate) async fn remove_password(act: &mut Act<'_>, user_id: &str) -> Result<(), sqlx::Error> {
    put_hash(act, user_id, None, false).await?;
    sessions::end_others(act, user_id, None).await
}

async fn put_hash(
    act: &mut Act<'_>,
    user_id: &str,
    hash: Option<&str>,
    change_required: bool,
) -> Result<(), sqlx::Error> {
    let now = clock::millis(act.now());
    sqlx::query(
        "UPDATE users SET password_hash = $2, password_change_required = $3, \
         password_changed_at = $4, updated_at = $4 WHERE id = $1",
    )
    .bind(user_id)
    .bind(hash)
    .bind(i64::from(change_required))
    .bind(now)
    .execute(act.db())
    .await?;
    invitations::void_links(act.db(), user_id).await
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
