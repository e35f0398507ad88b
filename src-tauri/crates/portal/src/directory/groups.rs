use sqlx::{Any, AnyConnection, Executor, Row};
use time::OffsetDateTime;

use super::key;
use crate::{clock, random};

/// What a group is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup<'a> {
    /// Unique regardless of case.
    pub display_name: &'a str,
    /// What it is for.
    pub description: Option<&'a str>,
}

/// Creates a group without members and returns the id.
pub async fn create_group(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    new: &NewGroup<'_>,
) -> Result<String, sqlx::Error> {
    let id = random::uuid();
    sqlx::query(
        "INSERT INTO groups (id, display_name, display_name_key, description, created_at, \
         updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
    )
    .bind(&id)
    .bind(new.display_name)
    .bind(key(new.display_name))
    .bind(new.description)
    .bind(clock::millis(now))
    .execute(db)
    .await?;
    Ok(id)
}

/// The id and description of the group with this name.
pub async fn group_by_name(
    db: impl Executor<'_, Database = Any>,
    display_name: &str,
) -> Result<Option<(String, Option<String>)>, sqlx::Error> {
    sqlx::query("SELECT id, description FROM groups WHERE display_name_key = $1")
        .bind(key(display_name))
        .try_map(|row: sqlx::any::AnyRow| Ok((row.try_get("id")?, row.try_get("description")?)))
        .fetch_optional(db)
        .await
}

/// The ids of a group's members, in order.
pub async fn members(
    db: impl Executor<'_, Database = Any>,
    group_id: &str,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT user_id FROM memberships WHERE group_id = $1 ORDER BY user_id")
        .bind(group_id)
        .fetch_all(db)
        .await
}

/// The name of the group with this id.
pub async fn group_name(
    db: impl Executor<'_, Database = Any>,
    group_id: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT display_name FROM groups WHERE id = $1")
        .bind(group_id)
        .fetch_optional(db)
        .await
}

/// Gives a group this description.
pub async fn describe_group(
    db: impl Executor<'_, Database = Any>,
    now: OffsetDateTime,
    group_id: &str,
    description: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE groups SET description = $2, updated_at = $3 WHERE id = $1")
        .bind(group_id)
        .bind(description)
        .bind(clock::millis(now))
        .execute(db)
        .await?;
    Ok(())
}

/// Makes a user a member, whose the group's accounts are at once. Returns whether they were not.
pub async fn add_member(
    db: impl Executor<'_, Database = Any>,
    now: OffsetDateTime,
    group_id: &str,
    user_id: &str,
) -> Result<bool, sqlx::Error> {
    let added = sqlx::query(
        "INSERT INTO memberships (group_id, user_id, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (group_id, user_id) DO NOTHING",
    )
    .bind(group_id)
    .bind(user_id)
    .bind(clock::millis(now))
    .execute(db)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// Ends a membership; the group's accounts are gone at once.
pub async fn remove_member(
    db: impl Executor<'_, Database = Any>,
    group_id: &str,
    user_id: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM memberships WHERE group_id = $1 AND user_id = $2")
        .bind(group_id)
        .bind(user_id)
        .execute(db)
        .await?;
    Ok(())
}
