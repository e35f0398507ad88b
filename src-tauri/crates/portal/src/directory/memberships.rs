use serde_json::json;
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::OffsetDateTime;

use super::{DirectoryError, EVENT_SOURCE, Kind, groups, user};
use crate::{act::Act, audit::Event, clock, random};

/// That a user is in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Unique.
    pub id: String,
    /// The group.
    pub group_id: String,
    /// The user.
    pub user_id: String,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// By whom; none for one as old as the store.
    pub created_by: Option<String>,
}

/// Makes a user a member, whose the group's accounts are at once.
pub async fn add_member(
    act: &mut Act<'_>,
    group_id: &str,
    user_id: &str,
) -> Result<Membership, DirectoryError> {
    groups::need(act.db(), group_id).await?;
    if user(act.db(), user_id).await?.is_none() {
        return Err(DirectoryError::no(Kind::User, user_id));
    }
    if membership_of(act.db(), group_id, user_id).await?.is_some() {
        return Err(DirectoryError::Member);
    }
    let added = Membership {
        id: random::time_ordered_uuid(act.now()),
        group_id: group_id.to_owned(),
        user_id: user_id.to_owned(),
        created_at: act.now(),
        created_by: Some(act.by()),
    };
    sqlx::query(
        "INSERT INTO memberships (id, group_id, user_id, created_at, created_by) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&added.id)
    .bind(group_id)
    .bind(user_id)
    .bind(clock::millis(added.created_at))
    .bind(&added.created_by)
    .execute(act.db())
    .await?;
    let event = Event::new(EVENT_SOURCE, "CreateGroupMembership")
        .parameters(json!({ "groupId": group_id, "memberId": { "userId": user_id } }))
        .response(json!({ "membershipId": added.id }));
    act.record(event);
    Ok(added)
}

/// Ends a membership; the group's accounts are gone at once. Returns whether there was one: ending
/// it twice is fine.
pub async fn remove_member(act: &mut Act<'_>, id: &str) -> Result<bool, DirectoryError> {
    let Some(ended) = membership(act.db(), id).await? else {
        return Ok(false);
    };
    sqlx::query("DELETE FROM memberships WHERE id = $1")
        .bind(id)
        .execute(act.db())
        .await?;
    let parameters = json!({
        "membershipId": id,
        "groupId": ended.group_id,
        "memberId": { "userId": ended.user_id },
    });
    act.record(Event::new(EVENT_SOURCE, "DeleteGroupMembership").parameters(parameters));
    Ok(true)
}

/// The membership with this id.
pub async fn membership(
    db: impl Executor<'_, Database = Any>,
    id: &str,
) -> Result<Option<Membership>, sqlx::Error> {
    sqlx::query("SELECT * FROM memberships WHERE id = $1")
        .bind(id)
        .try_map(membership_of_row)
        .fetch_optional(db)
        .await
}

/// The membership of this user in this group.
pub async fn membership_of(
    db: impl Executor<'_, Database = Any>,
    group_id: &str,
    user_id: &str,
) -> Result<Option<Membership>, sqlx::Error> {
    sqlx::query("SELECT * FROM memberships WHERE group_id = $1 AND user_id = $2")
        .bind(group_id)
        .bind(user_id)
        .try_map(membership_of_row)
        .fetch_optional(db)
        .await
}

/// A group's memberships in the order of their making, from after this id (all: `""`), at most
/// `limit`. A group there is not is refused.
pub async fn memberships_in(
    db: &mut AnyConnection,
    group_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Membership>, DirectoryError> {
    groups::need(&mut *db, group_id).await?;
    let page = "SELECT * FROM memberships WHERE group_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    Ok(read(db, page, group_id, after, limit).await?)
}

/// A user's memberships, likewise. A user there is not is refused.
pub async fn memberships_of(
    db: &mut AnyConnection,
    user_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Membership>, DirectoryError> {
    if user(&mut *db, user_id).await?.is_none() {
        return Err(DirectoryError::no(Kind::User, user_id));
    }
    let page = "SELECT * FROM memberships WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    Ok(read(db, page, user_id, after, limit).await?)
}

async fn read(
    db: &mut AnyConnection,
    statement: &'static str,
    principal_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Membership>, sqlx::Error> {
    sqlx::query(statement)
        .bind(principal_id)
        .bind(after)
        .bind(limit)
        .try_map(membership_of_row)
        .fetch_all(db)
        .await
}

/// The ids of all members of a group, in order.
pub async fn members(
    db: impl Executor<'_, Database = Any>,
    group_id: &str,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT user_id FROM memberships WHERE group_id = $1 ORDER BY user_id")
        .bind(group_id)
        .fetch_all(db)
        .await
}

fn membership_of_row(row: AnyRow) -> Result<Membership, sqlx::Error> {
    Ok(Membership {
        id: row.try_get("id")?,
        group_id: row.try_get("group_id")?,
        user_id: row.try_get("user_id")?,
        created_at: clock::from_millis(row.try_get("created_at")?),
        created_by: row.try_get("created_by")?,
    })
}
