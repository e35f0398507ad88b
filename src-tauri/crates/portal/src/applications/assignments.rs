use serde_json::{Value, json};
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};

use super::{
    Application,
    application::{application_of, need},
};
use crate::{
    access::{AccessError, EVENT_SOURCE, Principal},
    act::Act,
    audit::Event,
    clock,
};

/// An application for a user or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationAssignment {
    /// The application's id.
    pub application_id: String,
    /// Whose it is.
    pub principal: Principal,
}

impl ApplicationAssignment {
    /// Where it stands in a listing.
    pub fn key(&self) -> String {
        format!("{}/{}", self.application_id, self.principal)
    }

    fn detail(&self) -> Value {
        let (kind, id) = self.principal.parts();
        json!({
            "applicationId": self.application_id,
            "principalType": kind,
            "principalId": id,
        })
    }

    fn missing(&self) -> AccessError {
        let (kind, id) = self.principal.parts();
        let application = &self.application_id;
        let text = format!("Could not find an assignment of {application} to {kind} {id}");
        AccessError::NotFound(text)
    }
}

/// CreateApplicationAssignment.
pub async fn create_application_assignment(
    act: &mut Act<'_>,
    wanted: &ApplicationAssignment,
) -> Result<(), AccessError> {
    need(act.db(), &wanted.application_id).await?;
    wanted.principal.need(act.db()).await?;
    let (kind, id) = wanted.principal.parts();
    let now = clock::millis(act.now());
    let added = sqlx::query(
        "INSERT INTO application_assignments (application_id, principal_kind, principal_id, \
         created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (application_id, principal_kind, principal_id) DO NOTHING",
    )
    .bind(&wanted.application_id)
    .bind(kind)
    .bind(id)
    .bind(now)
    .execute(act.db())
    .await?;
    if added.rows_affected() == 0 {
        let text = format!("The application is already assigned to {kind} {id}.");
        return Err(AccessError::Conflict(text));
    }
    let event = Event::new(EVENT_SOURCE, "CreateApplicationAssignment");
    act.record(event.parameters(wanted.detail()));
    Ok(())
}

/// DeleteApplicationAssignment.
pub async fn delete_application_assignment(
    act: &mut Act<'_>,
    unwanted: &ApplicationAssignment,
) -> Result<(), AccessError> {
    need(act.db(), &unwanted.application_id).await?;
    let (kind, id) = unwanted.principal.parts();
    let removed = sqlx::query(
        "DELETE FROM application_assignments \
         WHERE application_id = $1 AND principal_kind = $2 AND principal_id = $3",
    )
    .bind(&unwanted.application_id)
    .bind(kind)
    .bind(id)
    .execute(act.db())
    .await?;
    if removed.rows_affected() == 0 {
        return Err(unwanted.missing());
    }
    let event = Event::new(EVENT_SOURCE, "DeleteApplicationAssignment");
    act.record(event.parameters(unwanted.detail()));
    Ok(())
}

/// DescribeApplicationAssignment: refuses one that does not exist.
pub async fn need_application_assignment(
    db: &mut AnyConnection,
    wanted: &ApplicationAssignment,
) -> Result<(), AccessError> {
    need(&mut *db, &wanted.application_id).await?;
    let (kind, id) = wanted.principal.parts();
    let found = sqlx::query(
        "SELECT application_id FROM application_assignments \
         WHERE application_id = $1 AND principal_kind = $2 AND principal_id = $3",
    )
    .bind(&wanted.application_id)
    .bind(kind)
    .bind(id)
    .fetch_optional(db)
    .await?;
    found.map(|_| ()).ok_or_else(|| wanted.missing())
}

/// Whom an application is assigned to, in order: those after the key `after` (all: `""`), at most
/// `limit`.
pub async fn application_assignments(
    db: impl Executor<'_, Database = Any>,
    application_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<ApplicationAssignment>, sqlx::Error> {
    let (_, kind, id) = parts(after);
    sqlx::query(
        "SELECT * FROM application_assignments WHERE application_id = $1 \
         AND (principal_kind, principal_id) > ($2, $3) \
         ORDER BY principal_kind, principal_id LIMIT $4",
    )
    .bind(application_id)
    .bind(kind)
    .bind(id)
    .bind(limit)
    .try_map(assignment_of)
    .fetch_all(db)
    .await
}

/// What a principal is assigned, a user also through groups, of `application_id` or (`""`) of all,
/// in order: those after the key `after` (all: `""`), at most `limit`.
pub async fn application_assignments_for_principal(
    db: impl Executor<'_, Database = Any>,
    principal: &Principal,
    application_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<ApplicationAssignment>, sqlx::Error> {
    let (kind, id) = principal.parts();
    let (after_application, after_kind, after_id) = parts(after);
    sqlx::query(
        "SELECT * FROM application_assignments WHERE ((principal_kind = $1 AND principal_id = $2) \
           OR ($1 = 'USER' AND principal_kind = 'GROUP' AND principal_id IN \
             (SELECT group_id FROM memberships WHERE user_id = $2))) \
         AND ($3 = '' OR application_id = $3) \
         AND (application_id, principal_kind, principal_id) > ($4, $5, $6) \
         ORDER BY application_id, principal_kind, principal_id LIMIT $7",
    )
    .bind(kind)
    .bind(id)
    .bind(application_id)
    .bind(after_application)
    .bind(after_kind)
    .bind(after_id)
    .bind(limit)
    .try_map(assignment_of)
    .fetch_all(db)
    .await
}

/// The applications that the portal shows to a user, by name: what is enabled, visible, and either
/// assigned to the user, directly or through a group, or open to everyone.
pub async fn assigned(
    db: impl Executor<'_, Database = Any>,
    user_id: &str,
) -> Result<Vec<Application>, sqlx::Error> {
    sqlx::query(
        "SELECT * FROM applications WHERE enabled = 1 AND visible = 1 \
         AND (assignment_required = 0 OR id IN (\
           SELECT application_id FROM application_assignments \
           WHERE (principal_kind = 'USER' AND principal_id = $1) \
           OR (principal_kind = 'GROUP' AND principal_id IN \
             (SELECT group_id FROM memberships WHERE user_id = $1)))) \
         ORDER BY name, id",
    )
    .bind(user_id)
    .try_map(application_of)
    .fetch_all(db)
    .await
}

/// Application, and the principal's kind and id, in a key.
fn parts(key: &str) -> (&str, &str, &str) {
    let (application, principal) = key.split_once('/').unwrap_or_default();
    let (kind, id) = principal.split_once('/').unwrap_or_default();
    (application, kind, id)
}

fn assignment_of(row: AnyRow) -> Result<ApplicationAssignment, sqlx::Error> {
    let kind: String = row.try_get("principal_kind")?;
    Ok(ApplicationAssignment {
        application_id: row.try_get("application_id")?,
        principal: Principal::of(&kind, row.try_get("principal_id")?),
    })
}
