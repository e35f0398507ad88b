use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::OffsetDateTime;

use super::key;
use crate::{clock, random, sessions};

/// A user of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Stable for life.
    pub id: String,
    /// What they sign in with; found regardless of case.
    pub user_name: String,
    /// How they are called.
    pub display_name: String,
    /// The primary address.
    pub email: Option<String>,
    /// Whether they may sign in.
    pub enabled: bool,
    /// Whether the next sign-in must set a new password.
    pub password_change_required: bool,
    /// When the password was set, if there is one.
    pub password_changed_at: Option<OffsetDateTime>,
}

/// What a user is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser<'a> {
    /// Unique regardless of case.
    pub user_name: &'a str,
    /// How they are called.
    pub display_name: &'a str,
    /// Unique regardless of case.
    pub email: &'a str,
}

/// Creates an enabled user without a password and returns the id.
pub async fn create_user(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    new: &NewUser<'_>,
) -> Result<String, sqlx::Error> {
    let id = random::uuid();
    sqlx::query(
        "INSERT INTO users (id, user_name, user_name_key, display_name, enabled, \
         password_change_required, created_at, updated_at) VALUES ($1, $2, $3, $4, 1, 0, $5, $5)",
    )
    .bind(&id)
    .bind(new.user_name)
    .bind(key(new.user_name))
    .bind(new.display_name)
    .bind(clock::millis(now))
    .execute(&mut *db)
    .await?;
    put_email(db, &id, new.email).await?;
    Ok(id)
}

/// Gives an existing user this display name and primary address.
pub async fn update_user(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    id: &str,
    new: &NewUser<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET display_name = $2, updated_at = $3 WHERE id = $1")
        .bind(id)
        .bind(new.display_name)
        .bind(clock::millis(now))
        .execute(&mut *db)
        .await?;
    sqlx::query("DELETE FROM emails WHERE user_id = $1 AND is_primary = 1")
        .bind(id)
        .execute(&mut *db)
        .await?;
    put_email(db, id, new.email).await
}

/// Enables or disables a user. Disabling ends the user's sessions for good.
pub async fn set_enabled(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    id: &str,
    enabled: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET enabled = $2, updated_at = $3 WHERE id = $1")
        .bind(id)
        .bind(i64::from(enabled))
        .bind(clock::millis(now))
        .execute(&mut *db)
        .await?;
    if !enabled {
        sessions::end_all(db, now, id).await?;
    }
    Ok(())
}

/// The user with this id.
pub async fn user(
    db: impl Executor<'_, Database = Any>,
    id: &str,
) -> Result<Option<User>, sqlx::Error> {
    sqlx::query(
        "SELECT u.*, e.address AS email FROM users u \
         LEFT JOIN emails e ON e.user_id = u.id AND e.is_primary = 1 WHERE u.id = $1",
    )
    .bind(id)
    .try_map(user_of)
    .fetch_optional(db)
    .await
}

/// Users in the order of their ids, from after this one (all: `""`), at most `limit`.
pub async fn users(
    db: impl Executor<'_, Database = Any>,
    after: &str,
    limit: i64,
) -> Result<Vec<User>, sqlx::Error> {
    sqlx::query(
        "SELECT u.*, e.address AS email FROM users u \
         LEFT JOIN emails e ON e.user_id = u.id AND e.is_primary = 1 \
         WHERE u.id > $1 ORDER BY u.id LIMIT $2",
    )
    .bind(after)
    .bind(limit)
    .try_map(user_of)
    .fetch_all(db)
    .await
}

/// The user who signs in with this name.
pub async fn user_by_name(
    db: impl Executor<'_, Database = Any>,
    user_name: &str,
) -> Result<Option<User>, sqlx::Error> {
    sqlx::query(
        "SELECT u.*, e.address AS email FROM users u \
         LEFT JOIN emails e ON e.user_id = u.id AND e.is_primary = 1 WHERE u.user_name_key = $1",
    )
    .bind(key(user_name))
    .try_map(user_of)
    .fetch_optional(db)
    .await
}

async fn put_email(db: &mut AnyConnection, id: &str, address: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO emails (user_id, address, address_key, is_primary) VALUES ($1, $2, $3, 1)",
    )
    .bind(id)
    .bind(address)
    .bind(key(address))
    .execute(db)
    .await?;
    Ok(())
}

fn user_of(row: AnyRow) -> Result<User, sqlx::Error> {
    let password_changed_at: Option<i64> = row.try_get("password_changed_at")?;
    Ok(User {
        id: row.try_get("id")?,
        user_name: row.try_get("user_name")?,
        display_name: row.try_get("display_name")?,
        email: row.try_get("email")?,
        enabled: row.try_get::<i64, _>("enabled")? != 0,
        password_change_required: row.try_get::<i64, _>("password_change_required")? != 0,
        password_changed_at: password_changed_at.map(clock::from_millis),
    })
}
