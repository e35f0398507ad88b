use serde_json::{Value, json};
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};

use super::{
    AccessError, AccessRequest, EVENT_SOURCE, Principal, RequestKind, assign,
    permission_sets::need,
    provisioning::{deprovision, hindrance},
    requests, unassign,
};
use crate::{act::Act, audit::Event};

/// A permission set for a user or a group in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountAssignment {
    /// Twelve digits.
    pub account_id: String,
    /// The permission set's id.
    pub permission_set_id: String,
    /// Whose it is.
    pub principal: Principal,
}

impl AccountAssignment {
    /// Where it stands in a listing.
    pub fn key(&self) -> String {
        let Self {
            account_id,
            permission_set_id,
            principal,
        } = self;
        format!("{account_id}/{permission_set_id}/{principal}")
    }

    fn detail(&self) -> Value {
        let (kind, id) = self.principal.parts();
        json!({
            "targetId": self.account_id,
            "targetType": "AWS_ACCOUNT",
            "permissionSetId": self.permission_set_id,
            "principalType": kind,
            "principalId": id,
        })
    }
}

/// CreateAccountAssignment: assigns, and provisions what the permission set says now. Doing it
/// twice is fine, as with AWS. In an account that is not active the request fails.
pub async fn create_account_assignment(
    act: &mut Act<'_>,
    wanted: &AccountAssignment,
) -> Result<AccessRequest, AccessError> {
    let AccountAssignment {
        account_id,
        permission_set_id: set,
        principal,
    } = wanted;
    need(act.db(), set).await?;
    principal.need(act.db()).await?;
    let failure = hindrance(act.db(), account_id).await?;
    if failure.is_none() {
        let now = act.now();
        assign(act.db(), now, account_id, set, principal).await?;
    }
    let kind = RequestKind::AssignmentCreation;
    let account = Some(account_id.as_str());
    let request = requests::done(act, kind, set, account, Some(principal), failure).await?;
    let event = Event::new(EVENT_SOURCE, "CreateAccountAssignment").parameters(wanted.detail());
    act.record(event.response(json!({ "requestId": request.id })));
    Ok(request)
}

/// DeleteAccountAssignment: whoever had access through it alone has none at the next call.
pub async fn delete_account_assignment(
    act: &mut Act<'_>,
    unwanted: &AccountAssignment,
) -> Result<AccessRequest, AccessError> {
    let AccountAssignment {
        account_id,
        permission_set_id: set,
        principal,
    } = unwanted;
    need(act.db(), set).await?;
    if !unassign(act.db(), account_id, set, principal).await? {
        let (kind, id) = principal.parts();
        return Err(AccessError::NotFound(format!(
            "Could not find an assignment of {set} to {kind} {id} in account {account_id}"
        )));
    }
    let kind = RequestKind::AssignmentDeletion;
    let account = Some(account_id.as_str());
    let request = requests::done(act, kind, set, account, Some(principal), None).await?;
    let event = Event::new(EVENT_SOURCE, "DeleteAccountAssignment").parameters(unwanted.detail());
    act.record(event.response(json!({ "requestId": request.id })));
    Ok(request)
}

/// Whom a permission set is assigned to in an account, in order: those after the principal `after`
/// (all: `""`), at most `limit`.
pub async fn account_assignments(
    db: impl Executor<'_, Database = Any>,
    account_id: &str,
    permission_set_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<AccountAssignment>, sqlx::Error> {
    let (kind, id) = after.split_once('/').unwrap_or_default();
    sqlx::query(
        "SELECT * FROM assignments WHERE account_id = $1 AND permission_set_id = $2 \
         AND (principal_kind, principal_id) > ($3, $4) \
         ORDER BY principal_kind, principal_id LIMIT $5",
    )
    .bind(account_id)
    .bind(permission_set_id)
    .bind(kind)
    .bind(id)
    .bind(limit)
    .try_map(assignment_of)
    .fetch_all(db)
    .await
}

/// What a principal has, a user also through groups, in `account_id` or (`""`) everywhere, in
/// order: those after the key `after` (all: `""`), at most `limit`.
pub async fn account_assignments_for_principal(
    db: impl Executor<'_, Database = Any>,
    principal: &Principal,
    account_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<AccountAssignment>, sqlx::Error> {
    let (kind, id) = principal.parts();
    let mut after = after.splitn(4, '/');
    let mut next = || after.next().unwrap_or_default().to_owned();
    sqlx::query(
        "SELECT * FROM assignments WHERE ((principal_kind = $1 AND principal_id = $2) \
           OR ($1 = 'USER' AND principal_kind = 'GROUP' AND principal_id IN \
             (SELECT group_id FROM memberships WHERE user_id = $2))) \
         AND ($3 = '' OR account_id = $3) \
         AND (account_id, permission_set_id, principal_kind, principal_id) > ($4, $5, $6, $7) \
         ORDER BY account_id, permission_set_id, principal_kind, principal_id LIMIT $8",
    )
    .bind(kind)
    .bind(id)
    .bind(account_id)
    .bind(next())
    .bind(next())
    .bind(next())
    .bind(next())
    .bind(limit)
    .try_map(assignment_of)
    .fetch_all(db)
    .await
}

/// Takes everything away from a principal that is being deleted, here and in applications.
pub async fn forget_principal(
    db: &mut AnyConnection,
    principal: &Principal,
) -> Result<(), sqlx::Error> {
    let (kind, id) = principal.parts();
    let had = sqlx::query(
        "DELETE FROM assignments WHERE principal_kind = $1 AND principal_id = $2 RETURNING *",
    )
    .bind(kind)
    .bind(id)
    .try_map(assignment_of)
    .fetch_all(&mut *db)
    .await?;
    for assignment in had {
        deprovision(db, &assignment.account_id, &assignment.permission_set_id).await?;
    }
    sqlx::query(
        "DELETE FROM application_assignments WHERE principal_kind = $1 AND principal_id = $2",
    )
    .bind(kind)
    .bind(id)
    .execute(db)
    .await?;
    Ok(())
}

fn assignment_of(row: AnyRow) -> Result<AccountAssignment, sqlx::Error> {
    let kind: String = row.try_get("principal_kind")?;
    Ok(AccountAssignment {
        account_id: row.try_get("account_id")?,
        permission_set_id: row.try_get("permission_set_id")?,
        principal: Principal::of(&kind, row.try_get("principal_id")?),
    })
}
