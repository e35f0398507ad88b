use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::OffsetDateTime;

use super::key;
use crate::clock;

/// A user of the directory, as far as their sign-in needs them.
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

/// The user who signs in with this name, or else whose primary address this is.
pub async fn user_by_name_or_email(
    db: &mut AnyConnection,
    text: &str,
) -> Result<Option<User>, sqlx::Error> {
    if let Some(user) = user_by_name(&mut *db, text).await? {
        return Ok(Some(user));
    }
    sqlx::query(
        "SELECT u.*, e.address AS email FROM emails e JOIN users u ON u.id = e.user_id \
         WHERE e.address_key = $1 AND e.is_primary = 1",
    )
    .bind(key(text))
    .try_map(user_of)
    .fetch_optional(db)
    .await
}

pub(crate) fn user_of(row: AnyRow) -> Result<User, sqlx::Error> {
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
