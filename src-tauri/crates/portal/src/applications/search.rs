use sqlx::{Any, Executor, Row, any::AnyRow};

use super::{Application, application::application_of};
use crate::{access::Principal, store::holding};

/// Whom an application is assigned to, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignee {
    /// The user or group.
    pub principal: Principal,
    /// Its name.
    pub name: String,
}

/// Applications whose name holds `text` in any case (all: `""`), by name: those after the key
/// `after` (all: `""`), at most `limit`. There are a few hundred at most.
pub async fn find_applications(
    db: impl Executor<'_, Database = Any>,
    text: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Application>, sqlx::Error> {
    let (id, name) = after.split_once('/').unwrap_or_default();
    sqlx::query(
        "SELECT * FROM applications \
         WHERE (name, id) > ($1, $2) AND lower(name) LIKE $3 ESCAPE '\\' \
         ORDER BY name, id LIMIT $4",
    )
    .bind(name)
    .bind(id)
    .bind(holding(text))
    .bind(limit)
    .try_map(application_of)
    .fetch_all(db)
    .await
}

/// Whom an application is assigned to, in order: those after the principal `after` (all: `""`), at
/// most `limit`.
pub async fn assignees(
    db: impl Executor<'_, Database = Any>,
    application_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Assignee>, sqlx::Error> {
    let (kind, id) = after.split_once('/').unwrap_or_default();
    sqlx::query(
        "SELECT a.principal_kind, a.principal_id, \
         COALESCE(u.user_name, g.display_name, a.principal_id) AS name \
         FROM application_assignments a \
         LEFT JOIN users u ON a.principal_kind = 'USER' AND u.id = a.principal_id \
         LEFT JOIN groups g ON a.principal_kind = 'GROUP' AND g.id = a.principal_id \
         WHERE a.application_id = $1 AND (a.principal_kind, a.principal_id) > ($2, $3) \
         ORDER BY a.principal_kind, a.principal_id LIMIT $4",
    )
    .bind(application_id)
    .bind(kind)
    .bind(id)
    .bind(limit)
    .try_map(|row: AnyRow| {
        let kind: String = row.try_get("principal_kind")?;
        Ok(Assignee {
            principal: Principal::of(&kind, row.try_get("principal_id")?),
            name: row.try_get("name")?,
        })
    })
    .fetch_all(db)
    .await
}
