use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::{Duration, OffsetDateTime};

use super::{
    Principal,
    provisioning::{deprovision, provision},
};
use crate::clock;

/// An account in which a user has at least one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignedAccount {
    /// Twelve digits.
    pub id: String,
    /// Its name in the organization.
    pub name: String,
    /// The address of its root user.
    pub email: String,
}

/// A role a user may take in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignedRole {
    /// The account, twelve digits.
    pub account_id: String,
    /// What users see: the permission set's name.
    pub role_name: String,
    /// The permission set's id.
    pub permission_set_id: String,
    /// What it is for.
    pub description: Option<String>,
    /// The IAM role's name, `AWSReservedSSO_<name>_<16 hex>`.
    pub iam_role_name: String,
    /// The IAM role's id, `AROA…`.
    pub iam_role_id: String,
    /// How long one session of the role lasts: as provisioned last.
    pub session: Duration,
    /// Where in the console its users land: as provisioned last.
    pub relay_state: Option<String>,
    /// Whether there are attributes for access control, which tag its sessions.
    pub is_tagged: bool,
}

/// The active accounts in which the user has a role, directly or through a group, by id: those
/// after the id `after` (all: `""`), at most `limit`.
pub async fn accounts(
    db: impl Executor<'_, Database = Any>,
    user_id: &str,
    after: &str,
    limit: u32,
) -> Result<Vec<AssignedAccount>, sqlx::Error> {
    sqlx::query(
        // Cut inside as well: else the accounts of all later pages are gathered for this one.
        "SELECT c.id, c.name, c.email FROM accounts c WHERE c.id IN (\
           SELECT id FROM (SELECT o.id FROM assignments a \
             JOIN accounts o ON o.id = a.account_id AND o.status = 'ACTIVE' \
             WHERE a.principal_kind = 'USER' AND a.principal_id = $1 AND a.account_id > $2 \
             GROUP BY o.id ORDER BY o.id LIMIT $3) AS own \
           UNION ALL SELECT id FROM (SELECT o.id FROM assignments a \
             JOIN accounts o ON o.id = a.account_id AND o.status = 'ACTIVE' \
             WHERE a.principal_kind = 'GROUP' AND a.principal_id IN \
               (SELECT group_id FROM memberships WHERE user_id = $1) AND a.account_id > $2 \
             GROUP BY o.id ORDER BY o.id LIMIT $3) AS of_groups) \
         ORDER BY c.id LIMIT $3",
    )
    .bind(user_id)
    .bind(after)
    .bind(i64::from(limit))
    .try_map(|row: AnyRow| {
        Ok(AssignedAccount {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            email: row.try_get("email")?,
        })
    })
    .fetch_all(db)
    .await
}

/// The statement for the roles in the account `$2`, unless it is closed, of which a condition holds.
macro_rules! roles_in_account {
    ($condition:literal) => {
        concat!(
            "SELECT p.id, p.name, p.description, v.session_seconds, v.relay_state, \
               r.account_id, r.role_name, r.role_id, \
               (SELECT count(*) FROM access_control_attributes) AS attributes \
             FROM permission_sets p \
             JOIN provisioned_roles r ON r.permission_set_id = p.id AND r.account_id = $2 \
             JOIN permission_set_revisions v \
               ON v.permission_set_id = r.permission_set_id AND v.revision = r.revision \
             JOIN accounts c ON c.id = r.account_id AND c.status = 'ACTIVE' \
             WHERE ",
            $condition
        )
    };
}

/// The roles of the user in one account, directly or through a group, by name: those after the
/// name `after` (all: `""`), at most `limit`.
pub async fn account_roles(
    db: impl Executor<'_, Database = Any>,
    user_id: &str,
    account_id: &str,
    after: &str,
    limit: u32,
) -> Result<Vec<AssignedRole>, sqlx::Error> {
    sqlx::query(roles_in_account!(
        "p.name > $3 AND p.id IN (\
           SELECT permission_set_id FROM assignments WHERE account_id = $2 AND (\
             (principal_kind = 'USER' AND principal_id = $1) \
             OR (principal_kind = 'GROUP' AND principal_id IN \
               (SELECT group_id FROM memberships WHERE user_id = $1)))) \
         ORDER BY p.name LIMIT $4"
    ))
    .bind(user_id)
    .bind(account_id)
    .bind(after)
    .bind(i64::from(limit))
    .try_map(role_of)
    .fetch_all(db)
    .await
}

/// The role of this name, if the user may take it in that account.
pub async fn assigned_role(
    db: impl Executor<'_, Database = Any>,
    user_id: &str,
    account_id: &str,
    role_name: &str,
) -> Result<Option<AssignedRole>, sqlx::Error> {
    sqlx::query(roles_in_account!(
        "p.name = $3 AND EXISTS (\
           SELECT 1 FROM assignments WHERE account_id = $2 AND permission_set_id = p.id AND (\
             (principal_kind = 'USER' AND principal_id = $1) \
             OR (principal_kind = 'GROUP' AND principal_id IN \
               (SELECT group_id FROM memberships WHERE user_id = $1))))"
    ))
    .bind(user_id)
    .bind(account_id)
    .bind(role_name)
    .try_map(role_of)
    .fetch_optional(db)
    .await
}

/// Every assignment of a permission set: account id and principal.
pub async fn assignments_of(
    db: impl Executor<'_, Database = Any>,
    permission_set_id: &str,
) -> Result<Vec<(String, Principal)>, sqlx::Error> {
    sqlx::query(
        "SELECT account_id, principal_kind, principal_id FROM assignments \
         WHERE permission_set_id = $1",
    )
    .bind(permission_set_id)
    .try_map(|row: AnyRow| {
        let kind: String = row.try_get("principal_kind")?;
        let principal = Principal::of(&kind, row.try_get("principal_id")?);
        Ok((row.try_get("account_id")?, principal))
    })
    .fetch_all(db)
    .await
}

/// Assigns a permission set in an account and provisions its role there. Doing it twice is fine.
pub async fn assign(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    account_id: &str,
    permission_set_id: &str,
    principal: &Principal,
) -> Result<(), sqlx::Error> {
    let (kind, id) = principal.parts();
    sqlx::query(
        "INSERT INTO assignments (account_id, permission_set_id, principal_kind, principal_id, \
         created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (account_id, permission_set_id, principal_kind, principal_id) DO NOTHING",
    )
    .bind(account_id)
    .bind(permission_set_id)
    .bind(kind)
    .bind(id)
    .bind(clock::millis(now))
    .execute(&mut *db)
    .await?;
    provision(db, now, account_id, permission_set_id).await
}

/// Takes an assignment away, and returns whether there was one. The role stays provisioned while
/// another assignment needs it.
pub async fn unassign(
    db: &mut AnyConnection,
    account_id: &str,
    permission_set_id: &str,
    principal: &Principal,
) -> Result<bool, sqlx::Error> {
    let (kind, id) = principal.parts();
    let removed = sqlx::query(
        "DELETE FROM assignments WHERE account_id = $1 AND permission_set_id = $2 \
         AND principal_kind = $3 AND principal_id = $4",
    )
    .bind(account_id)
    .bind(permission_set_id)
    .bind(kind)
    .bind(id)
    .execute(&mut *db)
    .await?;
    deprovision(db, account_id, permission_set_id).await?;
    Ok(removed.rows_affected() > 0)
}

pub(super) fn role_of(row: AnyRow) -> Result<AssignedRole, sqlx::Error> {
    Ok(AssignedRole {
        account_id: row.try_get("account_id")?,
        role_name: row.try_get("name")?,
        permission_set_id: row.try_get("id")?,
        description: row.try_get("description")?,
        iam_role_name: row.try_get("role_name")?,
        iam_role_id: row.try_get("role_id")?,
        session: Duration::seconds(row.try_get("session_seconds")?),
        relay_state: row.try_get("relay_state")?,
        is_tagged: row.try_get::<i64, _>("attributes")? != 0,
    })
}
