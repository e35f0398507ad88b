use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::OffsetDateTime;

use super::Principal;
use crate::{act::Act, clock, random};

/// Something asked for that AWS does after it has answered. Here it is done in the same act, so
/// that nothing answered is ever lost; how it ended is told to whoever asks later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRequest {
    /// A UUID.
    pub id: String,
    /// How it ended.
    pub status: RequestStatus,
    /// Why it failed, if it did.
    pub failure_reason: Option<String>,
    /// The permission set, by id.
    pub permission_set_id: String,
    /// The account; none: all in which the permission set is provisioned.
    pub account_id: Option<String>,
    /// Whose assignment it was; none: it was no assignment.
    pub principal: Option<Principal>,
    /// When it was asked for.
    pub created_at: OffsetDateTime,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// A new assignment.
    AssignmentCreation,
    /// The end of an assignment.
    AssignmentDeletion,
    /// Provisioning of a permission set.
    Provisioning,
}

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestStatus {
    /// Not done yet.
    InProgress,
    /// Done.
    Succeeded,
    /// Not done, and nothing changed.
    Failed,
}

impl RequestKind {
    fn name(self) -> &'static str {
        match self {
            Self::AssignmentCreation => "assignment_creation",
            Self::AssignmentDeletion => "assignment_deletion",
            Self::Provisioning => "provisioning",
        }
    }
}

impl RequestStatus {
    /// Every status' name.
    pub const NAMES: &'static [&'static str] = &["IN_PROGRESS", "FAILED", "SUCCEEDED"];

    /// AWS's name, as in `IN_PROGRESS`.
    pub fn name(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
        }
    }

    /// The status with this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::InProgress, Self::Succeeded, Self::Failed]
            .into_iter()
            .find(|status| status.name() == name)
    }
}

impl AccessRequest {
    /// Where it stands in a listing.
    pub fn key(&self) -> String {
        format!("{}/{}", clock::millis(self.created_at), self.id)
    }
}

/// The request with this id.
pub async fn request(
    db: impl Executor<'_, Database = Any>,
    kind: RequestKind,
    id: &str,
) -> Result<Option<AccessRequest>, sqlx::Error> {
    sqlx::query("SELECT * FROM access_requests WHERE id = $1 AND kind = $2")
        .bind(id)
        .bind(kind.name())
        .try_map(request_of)
        .fetch_optional(db)
        .await
}

/// Requests, the newest first: those after the key `after` (all: `""`), at most `limit`.
pub async fn requests(
    db: impl Executor<'_, Database = Any>,
    kind: RequestKind,
    status: Option<RequestStatus>,
    after: &str,
    limit: i64,
) -> Result<Vec<AccessRequest>, sqlx::Error> {
    let (created_at, id) = after.split_once('/').unwrap_or_default();
    sqlx::query(
        "SELECT * FROM access_requests WHERE kind = $1 AND ($2 = '' OR status = $2) \
         AND (created_at, id) < ($3, $4) ORDER BY created_at DESC, id DESC LIMIT $5",
    )
    .bind(kind.name())
    .bind(status.map(RequestStatus::name).unwrap_or_default())
    .bind(created_at.parse().unwrap_or(i64::MAX))
    .bind(id)
    .bind(limit)
    .try_map(request_of)
    .fetch_all(db)
    .await
}

/// Stores a request that ended: well, or with the reason why not.
pub(super) async fn done(
    act: &mut Act<'_>,
    kind: RequestKind,
    permission_set_id: &str,
    account_id: Option<&str>,
    principal: Option<&Principal>,
    failure_reason: Option<String>,
) -> Result<AccessRequest, sqlx::Error> {
    let status = match failure_reason {
        None => RequestStatus::Succeeded,
        Some(_) => RequestStatus::Failed,
    };
    let request = AccessRequest {
        id: random::uuid(),
        status,
        failure_reason,
        permission_set_id: permission_set_id.to_owned(),
        account_id: account_id.map(str::to_owned),
        principal: principal.cloned(),
        created_at: act.now(),
    };
    insert(act.db(), kind, &request).await?;
    Ok(request)
}

async fn insert(
    db: &mut AnyConnection,
    kind: RequestKind,
    request: &AccessRequest,
) -> Result<(), sqlx::Error> {
    let (principal_kind, principal_id) = request.principal.as_ref().map(Principal::parts).unzip();
    sqlx::query(
        "INSERT INTO access_requests (id, kind, status, failure_reason, permission_set_id, \
         account_id, principal_kind, principal_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&request.id)
    .bind(kind.name())
    .bind(request.status.name())
    .bind(&request.failure_reason)
    .bind(&request.permission_set_id)
    .bind(&request.account_id)
    .bind(principal_kind)
    .bind(principal_id)
    .bind(clock::millis(request.created_at))
    .execute(db)
    .await?;
    Ok(())
}

fn request_of(row: AnyRow) -> Result<AccessRequest, sqlx::Error> {
    let kind: Option<String> = row.try_get("principal_kind")?;
    let id: Option<String> = row.try_get("principal_id")?;
    let status: String = row.try_get("status")?;
    Ok(AccessRequest {
        id: row.try_get("id")?,
        status: RequestStatus::parse(&status).unwrap_or(RequestStatus::Failed),
        failure_reason: row.try_get("failure_reason")?,
        permission_set_id: row.try_get("permission_set_id")?,
        account_id: row.try_get("account_id")?,
        principal: kind.zip(id).map(|(kind, id)| Principal::of(&kind, id)),
        created_at: clock::from_millis(row.try_get("created_at")?),
    })
}
