use serde_json::json;
use sqlx::{Any, AnyConnection, Executor, Row};
use time::OffsetDateTime;

use super::{
    AccessError, AccessRequest, EVENT_SOURCE, Policy, RequestKind, permission_sets::need, requests,
};
use crate::{act::Act, audit::Event, clock, random};

/// Where a permission set is provisioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProvisionTarget {
    /// In this account, whether or not it was before.
    Account(String),
    /// In every account that has its role.
    AllProvisionedAccounts,
}

/// Whether a provisioned role is what its permission set says now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvisioningStatus {
    /// It is.
    Latest,
    /// The permission set has changed since.
    OutOfDate,
}

impl ProvisioningStatus {
    /// Every status' name.
    pub const NAMES: &'static [&'static str] = &[
        "LATEST_PERMISSION_SET_PROVISIONED",
        "LATEST_PERMISSION_SET_NOT_PROVISIONED",
    ];

    /// The status with this name of AWS's.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "LATEST_PERMISSION_SET_PROVISIONED" => Some(Self::Latest),
            "LATEST_PERMISSION_SET_NOT_PROVISIONED" => Some(Self::OutOfDate),
            _ => None,
        }
    }

    /// What to compare a role with: `latest`, `outdated`, or `` for any.
    fn filter(status: Option<Self>) -> &'static str {
        match status {
            Some(Self::Latest) => "latest",
            Some(Self::OutOfDate) => "outdated",
            None => "",
        }
    }
}

/// ProvisionPermissionSet: makes roles what their permission set says now.
pub async fn provision_permission_set(
    act: &mut Act<'_>,
    id: &str,
    target: &ProvisionTarget,
) -> Result<AccessRequest, AccessError> {
    need(act.db(), id).await?;
    let now = act.now();
    let (account_id, failure) = match target {
        ProvisionTarget::Account(account_id) => {
            let failure = hindrance(act.db(), account_id).await?;
            if failure.is_none() {
                provision(act.db(), now, account_id, id).await?;
            }
            (Some(account_id.as_str()), failure)
        }
        ProvisionTarget::AllProvisionedAccounts => {
            provision_everywhere(act.db(), now, id).await?;
            (None, None)
        }
    };
    let kind = RequestKind::Provisioning;
    let request = requests::done(act, kind, id, account_id, None, failure).await?;
    let parameters = json!({ "permissionSetId": id, "targetId": account_id });
    let event = Event::new(EVENT_SOURCE, "ProvisionPermissionSet").parameters(parameters);
    act.record(event.response(json!({ "requestId": request.id })));
    Ok(request)
}

/// The accounts, by id, that have a permission set's role, of this status: those after the id
/// `after` (all: `""`), at most `limit`.
pub async fn provisioned_accounts(
    db: impl Executor<'_, Database = Any>,
    permission_set_id: &str,
    status: Option<ProvisioningStatus>,
    after: &str,
    limit: i64,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT r.account_id FROM provisioned_roles r \
         JOIN permission_sets p ON p.id = r.permission_set_id \
         WHERE r.permission_set_id = $1 AND r.account_id > $2 \
         AND ($3 = '' OR ($3 = 'latest' AND r.revision = p.revision) \
           OR ($3 = 'outdated' AND r.revision <> p.revision)) \
         ORDER BY r.account_id LIMIT $4",
    )
    .bind(permission_set_id)
    .bind(after)
    .bind(ProvisioningStatus::filter(status))
    .bind(limit)
    .fetch_all(db)
    .await
}

/// The permission sets, by id, whose roles an account has, of this status: those after the id
/// `after` (all: `""`), at most `limit`.
pub async fn provisioned_permission_sets(
    db: impl Executor<'_, Database = Any>,
    account_id: &str,
    status: Option<ProvisioningStatus>,
    after: &str,
    limit: i64,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT r.permission_set_id FROM provisioned_roles r \
         JOIN permission_sets p ON p.id = r.permission_set_id \
         WHERE r.account_id = $1 AND r.permission_set_id > $2 \
         AND ($3 = '' OR ($3 = 'latest' AND r.revision = p.revision) \
           OR ($3 = 'outdated' AND r.revision <> p.revision)) \
         ORDER BY r.permission_set_id LIMIT $4",
    )
    .bind(account_id)
    .bind(after)
    .bind(ProvisioningStatus::filter(status))
    .bind(limit)
    .fetch_all(db)
    .await
}

/// The policies a provisioned role has, as they were when it was provisioned last. A role that is
/// not a permission set's has none that the portal knows.
pub async fn role_policies(
    db: impl Executor<'_, Database = Any>,
    account_id: &str,
    iam_role_name: &str,
) -> Result<Vec<Policy>, sqlx::Error> {
    let mut policies: Vec<Policy> = sqlx::query(
        "SELECT p.kind, p.name, p.document FROM provisioned_roles r \
         JOIN permission_set_revision_policies p \
           ON p.permission_set_id = r.permission_set_id AND p.revision = r.revision \
         WHERE r.account_id = $1 AND r.role_name = $2",
    )
    .bind(account_id)
    .bind(iam_role_name)
    .try_map(Policy::of)
    .fetch_all(db)
    .await?;
    policies.sort();
    Ok(policies)
}

/// Makes the role of a permission set in an account, or makes it what the permission set says now.
pub(super) async fn provision(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    account_id: &str,
    permission_set_id: &str,
) -> Result<(), sqlx::Error> {
    let (name, revision) = keep_revision(db, permission_set_id).await?;
    let suffix = random::characters(b"0123456789abcdef", 16);
    let role_id = random::characters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 17);
    sqlx::query(
        "INSERT INTO provisioned_roles (account_id, permission_set_id, role_name, role_id, \
         provisioned_at, revision) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (account_id, permission_set_id) DO UPDATE SET \
         provisioned_at = excluded.provisioned_at, revision = excluded.revision",
    )
    .bind(account_id)
    .bind(permission_set_id)
    .bind(format!("AWSReservedSSO_{name}_{suffix}"))
    .bind(format!("AROA{role_id}"))
    .bind(clock::millis(now))
    .bind(revision)
    .execute(db)
    .await?;
    Ok(())
}

/// Makes every role of a permission set what it says now.
pub(crate) async fn provision_everywhere(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    permission_set_id: &str,
) -> Result<(), sqlx::Error> {
    let (_, revision) = keep_revision(db, permission_set_id).await?;
    sqlx::query(
        "UPDATE provisioned_roles SET revision = $2, provisioned_at = $3 \
         WHERE permission_set_id = $1 AND revision <> $2",
    )
    .bind(permission_set_id)
    .bind(revision)
    .bind(clock::millis(now))
    .execute(&mut *db)
    .await?;
    // Now no role is of an older one.
    sqlx::query(
        "DELETE FROM permission_set_revisions WHERE permission_set_id = $1 AND revision <> $2",
    )
    .bind(permission_set_id)
    .bind(revision)
    .execute(db)
    .await?;
    Ok(())
}

/// Removes a role that no assignment needs any more.
pub(super) async fn deprovision(
    db: &mut AnyConnection,
    account_id: &str,
    permission_set_id: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM provisioned_roles WHERE account_id = $1 AND permission_set_id = $2 \
         AND NOT EXISTS (SELECT 1 FROM assignments a \
           WHERE a.account_id = $1 AND a.permission_set_id = $2)",
    )
    .bind(account_id)
    .bind(permission_set_id)
    .execute(db)
    .await?;
    Ok(())
}

/// Why no role can be made in an account, if so.
///
/// # Errors
/// Refuses an account that the organization does not have.
pub(super) async fn hindrance(
    db: &mut AnyConnection,
    account_id: &str,
) -> Result<Option<String>, AccessError> {
    let status: Option<String> = sqlx::query_scalar("SELECT status FROM accounts WHERE id = $1")
        .bind(account_id)
        .fetch_optional(db)
        .await?;
    match status.as_deref() {
        None => Err(AccessError::no("AWS account", account_id)),
        Some("ACTIVE") => Ok(None),
        Some(status) => Ok(Some(format!(
            "The account {account_id} is {status}: no role can be changed in it."
        ))),
    }
}

/// Keeps what a permission set says now under its revision, and returns its name and the revision.
async fn keep_revision(
    db: &mut AnyConnection,
    permission_set_id: &str,
) -> Result<(String, i64), sqlx::Error> {
    let row = sqlx::query(
        "SELECT p.name, p.revision, v.revision AS kept FROM permission_sets p \
         LEFT JOIN permission_set_revisions v \
           ON v.permission_set_id = p.id AND v.revision = p.revision WHERE p.id = $1",
    )
    .bind(permission_set_id)
    .fetch_one(&mut *db)
    .await?;
    let name = row.try_get("name")?;
    let revision: i64 = row.try_get("revision")?;
    if row.try_get::<Option<i64>, _>("kept")?.is_some() {
        return Ok((name, revision));
    }
    sqlx::query(
        "INSERT INTO permission_set_revisions (permission_set_id, revision, session_seconds, \
         relay_state) SELECT id, revision, session_seconds, relay_state FROM permission_sets \
         WHERE id = $1",
    )
    .bind(permission_set_id)
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "INSERT INTO permission_set_revision_policies (permission_set_id, revision, kind, name, \
         document) SELECT permission_set_id, $2, kind, name, document \
         FROM permission_set_policies WHERE permission_set_id = $1",
    )
    .bind(permission_set_id)
    .bind(revision)
    .execute(db)
    .await?;
    Ok((name, revision))
}
