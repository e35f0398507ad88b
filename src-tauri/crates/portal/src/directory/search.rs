use std::collections::BTreeMap;

use sqlx::{Any, Executor, Row, any::AnyRow};

use super::key;
use crate::store;

/// Follows every character in the store's order: the end of what begins with a text.
const LAST: char = '\u{10ffff}';

/// A user in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserEntry {
    /// Stable for life.
    pub id: String,
    /// What they sign in with.
    pub user_name: String,
    /// How they are called.
    pub display_name: String,
    /// The primary address.
    pub email: Option<String>,
    /// Whether they may sign in.
    pub enabled: bool,
    /// Where it stands in the list.
    pub key: String,
}

/// A group in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupEntry {
    /// Stable for life.
    pub id: String,
    /// Unique.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Where it stands in the list.
    pub key: String,
}

/// Users whose name or address begins with `text` in any case (all: `""`), in order: those after
/// the key `after` (all: `""`), at most `limit`.
pub async fn find_users(
    db: impl Executor<'_, Database = Any>,
    text: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<UserEntry>, sqlx::Error> {
    // What begins with nothing is everything: addresses add no one.
    let statement = if text.is_empty() {
        "SELECT u.*, u.user_name_key AS entry_key, e.address FROM users u \
         LEFT JOIN emails e ON e.user_id = u.id AND e.is_primary = 1 \
         WHERE u.user_name_key > $1 AND u.user_name_key >= $2 AND u.user_name_key < $3 \
         ORDER BY u.user_name_key LIMIT $4"
    } else {
        "SELECT u.*, f.entry_key, e.address FROM (\
           SELECT * FROM (SELECT id, user_name_key AS entry_key FROM users \
             WHERE user_name_key > $1 AND user_name_key >= $2 AND user_name_key < $3 \
             ORDER BY user_name_key LIMIT $4) AS named \
           UNION ALL \
           SELECT * FROM (SELECT m.user_id AS id, m.address_key AS entry_key FROM emails m \
             JOIN users n ON n.id = m.user_id \
             WHERE m.address_key > $1 AND m.address_key >= $2 AND m.address_key < $3 \
             AND m.is_primary = 1 AND NOT (n.user_name_key >= $2 AND n.user_name_key < $3) \
             ORDER BY m.address_key LIMIT $4) AS addressed) AS f \
         JOIN users u ON u.id = f.id \
         LEFT JOIN emails e ON e.user_id = u.id AND e.is_primary = 1 \
         ORDER BY f.entry_key LIMIT $4"
    };
    let from = key(text);
    sqlx::query(statement)
        .bind(after)
        .bind(&from)
        .bind(format!("{from}{LAST}"))
        .bind(limit)
        .try_map(user_of)
        .fetch_all(db)
        .await
}

/// Groups whose name begins with `text` in any case (all: `""`), by name: those after the key
/// `after` (all: `""`), at most `limit`.
pub async fn find_groups(
    db: impl Executor<'_, Database = Any>,
    text: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<GroupEntry>, sqlx::Error> {
    let from = key(text);
    sqlx::query(
        "SELECT id, display_name, description, display_name_key AS entry_key FROM groups \
         WHERE display_name_key > $1 AND display_name_key >= $2 AND display_name_key < $3 \
         ORDER BY display_name_key LIMIT $4",
    )
    .bind(after)
    .bind(&from)
    .bind(format!("{from}{LAST}"))
    .bind(limit)
    .try_map(group_of)
    .fetch_all(db)
    .await
}

/// The users in a group whose names begin with `text` in any case, by name; all (`""`) in the order
/// of their memberships, which needs no sorting of a whole group. Those after the key `after` (all:
/// `""`), at most `limit`.
pub async fn users_in_group(
    db: impl Executor<'_, Database = Any>,
    group_id: &str,
    text: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<UserEntry>, sqlx::Error> {
    let statement = if text.is_empty() {
        "SELECT u.*, m.id AS entry_key, e.address FROM memberships m \
         JOIN users u ON u.id = m.user_id \
         LEFT JOIN emails e ON e.user_id = u.id AND e.is_primary = 1 \
         WHERE m.group_id = $1 AND m.id > $2 \
         AND u.user_name_key >= $3 AND u.user_name_key < $4 \
         ORDER BY m.id LIMIT $5"
    } else {
        "SELECT u.*, u.user_name_key AS entry_key, e.address FROM users u \
         JOIN memberships m ON m.group_id = $1 AND m.user_id = u.id \
         LEFT JOIN emails e ON e.user_id = u.id AND e.is_primary = 1 \
         WHERE u.user_name_key > $2 AND u.user_name_key >= $3 AND u.user_name_key < $4 \
         ORDER BY u.user_name_key LIMIT $5"
    };
    let from = key(text);
    sqlx::query(statement)
        .bind(group_id)
        .bind(after)
        .bind(&from)
        .bind(format!("{from}{LAST}"))
        .bind(limit)
        .try_map(user_of)
        .fetch_all(db)
        .await
}

/// The groups a user is in, likewise.
pub async fn groups_of_user(
    db: impl Executor<'_, Database = Any>,
    user_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<GroupEntry>, sqlx::Error> {
    sqlx::query(
        "SELECT g.id, g.display_name, g.description, m.id AS entry_key FROM memberships m \
         JOIN groups g ON g.id = m.group_id \
         WHERE m.user_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3",
    )
    .bind(user_id)
    .bind(after)
    .bind(limit)
    .try_map(group_of)
    .fetch_all(db)
    .await
}

/// What the users with these ids sign in with, by id.
pub async fn user_names(
    db: impl Executor<'_, Database = Any>,
    ids: &[String],
) -> Result<BTreeMap<String, String>, sqlx::Error> {
    store::names(db, "SELECT id, user_name AS name FROM users", ids).await
}

/// The names of the groups with these ids, by id.
pub async fn group_names(
    db: impl Executor<'_, Database = Any>,
    ids: &[String],
) -> Result<BTreeMap<String, String>, sqlx::Error> {
    store::names(db, "SELECT id, display_name AS name FROM groups", ids).await
}

/// How many users and groups there are.
pub async fn counts(db: impl Executor<'_, Database = Any>) -> Result<(i64, i64), sqlx::Error> {
    sqlx::query(
        "SELECT (SELECT COUNT(*) FROM users) AS users, (SELECT COUNT(*) FROM groups) AS groups",
    )
    .try_map(|row: AnyRow| Ok((row.try_get("users")?, row.try_get("groups")?)))
    .fetch_one(db)
    .await
}

fn user_of(row: AnyRow) -> Result<UserEntry, sqlx::Error> {
    Ok(UserEntry {
        id: row.try_get("id")?,
        user_name: row.try_get("user_name")?,
        display_name: row.try_get("display_name")?,
        email: row.try_get("address")?,
        enabled: row.try_get::<i64, _>("enabled")? != 0,
        key: row.try_get("entry_key")?,
    })
}

fn group_of(row: AnyRow) -> Result<GroupEntry, sqlx::Error> {
    Ok(GroupEntry {
        id: row.try_get("id")?,
        display_name: row.try_get("display_name")?,
        description: row.try_get("description")?,
        key: row.try_get("entry_key")?,
    })
}
