use serde_json::{Value, json};
use sqlx::{Any, AnyConnection, Executor};

use super::{
    AccessError, CustomerPolicy, EVENT_SOURCE, Policy,
    permission_sets::{need, revise},
};
use crate::{act::Act, audit::Event};

/// How many managed policies, and how many customer managed ones, a permission set holds.
const MOST: i64 = 20;

/// AttachManagedPolicyToPermissionSet.
pub async fn attach_managed_policy(
    act: &mut Act<'_>,
    id: &str,
    arn: &str,
) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    let policy = Policy::Managed(arn.to_owned());
    policy.check()?;
    if has(act.db(), id, &policy).await? {
        return Err(AccessError::Conflict(format!(
            "Permission set with id {id} already has a typed link attachment to a manged policy \
             with {arn}"
        )));
    }
    make_room(act.db(), id, "managed", "ManagedPolicy").await?;
    insert(act.db(), id, &policy).await?;
    let detail = json!({ "permissionSetId": id, "managedPolicyArn": arn });
    changed(act, id, "AttachManagedPolicyToPermissionSet", detail).await
}

/// DetachManagedPolicyFromPermissionSet.
pub async fn detach_managed_policy(
    act: &mut Act<'_>,
    id: &str,
    arn: &str,
) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    if !remove(act.db(), id, &Policy::Managed(arn.to_owned())).await? {
        let text = format!("Could not find ManagedPolicy with arn {arn}");
        return Err(AccessError::NotFound(text));
    }
    let detail = json!({ "permissionSetId": id, "managedPolicyArn": arn });
    changed(act, id, "DetachManagedPolicyFromPermissionSet", detail).await
}

/// AttachCustomerManagedPolicyReferenceToPermissionSet.
pub async fn attach_customer_policy(
    act: &mut Act<'_>,
    id: &str,
    policy: &CustomerPolicy,
) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    let wanted = Policy::Customer(policy.clone());
    wanted.check()?;
    if has(act.db(), id, &wanted).await? {
        return Err(AccessError::Conflict(format!(
            "Given customer managed policy with name: {}  and path {} already attached",
            policy.name, policy.path
        )));
    }
    make_room(act.db(), id, "customer", "CustomerManagedPolicyReference").await?;
    insert(act.db(), id, &wanted).await?;
    let name = "AttachCustomerManagedPolicyReferenceToPermissionSet";
    changed(act, id, name, customer_detail(id, policy)).await
}

/// DetachCustomerManagedPolicyReferenceFromPermissionSet.
pub async fn detach_customer_policy(
    act: &mut Act<'_>,
    id: &str,
    policy: &CustomerPolicy,
) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    if !remove(act.db(), id, &Policy::Customer(policy.clone())).await? {
        return Err(AccessError::NotFound(format!(
            "Given managed policy with name: {}  and path {} does not exist on PermissionSet",
            policy.name, policy.path
        )));
    }
    let name = "DetachCustomerManagedPolicyReferenceFromPermissionSet";
    changed(act, id, name, customer_detail(id, policy)).await
}

/// PutInlinePolicyToPermissionSet: `document` replaces what was there.
pub async fn put_inline_policy(
    act: &mut Act<'_>,
    id: &str,
    document: &str,
) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    let policy = Policy::Inline(document.to_owned());
    policy.check()?;
    remove(act.db(), id, &policy).await?;
    insert(act.db(), id, &policy).await?;
    let detail = json!({ "permissionSetId": id, "inlinePolicy": document });
    changed(act, id, "PutInlinePolicyToPermissionSet", detail).await
}

/// DeleteInlinePolicyFromPermissionSet. Without one, nothing changes.
pub async fn delete_inline_policy(act: &mut Act<'_>, id: &str) -> Result<(), AccessError> {
    const NAME: &str = "DeleteInlinePolicyFromPermissionSet";
    need(act.db(), id).await?;
    let detail = json!({ "permissionSetId": id });
    if remove(act.db(), id, &Policy::Inline(String::new())).await? {
        return changed(act, id, NAME, detail).await;
    }
    act.record(Event::new(EVENT_SOURCE, NAME).parameters(detail));
    Ok(())
}

/// PutPermissionsBoundaryToPermissionSet: `policy`, one of the two boundaries, replaces what was
/// there.
pub async fn put_permissions_boundary(
    act: &mut Act<'_>,
    id: &str,
    policy: &Policy,
) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    policy.check()?;
    remove_boundary(act.db(), id).await?;
    insert(act.db(), id, policy).await?;
    let (_, boundary, _) = policy.columns();
    let detail = json!({ "permissionSetId": id, "permissionsBoundary": boundary });
    changed(act, id, "PutPermissionsBoundaryToPermissionSet", detail).await
}

/// DeletePermissionsBoundaryFromPermissionSet.
pub async fn delete_permissions_boundary(act: &mut Act<'_>, id: &str) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    if !remove_boundary(act.db(), id).await? {
        return Err(no_boundary(id));
    }
    let detail = json!({ "permissionSetId": id });
    changed(
        act,
        id,
        "DeletePermissionsBoundaryFromPermissionSet",
        detail,
    )
    .await
}

/// All policies of a permission set, in order.
pub async fn policies(
    db: impl Executor<'_, Database = Any>,
    id: &str,
) -> Result<Vec<Policy>, sqlx::Error> {
    let mut policies: Vec<Policy> =
        sqlx::query("SELECT * FROM permission_set_policies WHERE permission_set_id = $1")
            .bind(id)
            .try_map(Policy::of)
            .fetch_all(db)
            .await?;
    policies.sort();
    Ok(policies)
}

/// The refusal that a permission set has no permissions boundary.
pub(crate) fn no_boundary(id: &str) -> AccessError {
    AccessError::NotFound(format!(
        "Could not find PermissionsBoundary for PermissionSet with id {id}"
    ))
}

async fn changed(
    act: &mut Act<'_>,
    id: &str,
    name: &'static str,
    detail: Value,
) -> Result<(), AccessError> {
    revise(act.db(), id).await?;
    act.record(Event::new(EVENT_SOURCE, name).parameters(detail));
    Ok(())
}

fn customer_detail(id: &str, policy: &CustomerPolicy) -> Value {
    json!({
        "permissionSetId": id,
        "customerManagedPolicyReference": { "name": policy.name, "path": policy.path },
    })
}

async fn has(db: &mut AnyConnection, id: &str, policy: &Policy) -> Result<bool, sqlx::Error> {
    let (kind, name, _) = policy.columns();
    let found: Option<String> = sqlx::query_scalar(
        "SELECT name FROM permission_set_policies \
         WHERE permission_set_id = $1 AND kind = $2 AND name = $3",
    )
    .bind(id)
    .bind(kind)
    .bind(name)
    .fetch_optional(db)
    .await?;
    Ok(found.is_some())
}

async fn make_room(
    db: &mut AnyConnection,
    id: &str,
    kind: &str,
    what: &str,
) -> Result<(), AccessError> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM permission_set_policies WHERE permission_set_id = $1 AND kind = $2",
    )
    .bind(id)
    .bind(kind)
    .fetch_one(db)
    .await?;
    if count < MOST {
        return Ok(());
    }
    Err(AccessError::Quota(format!(
        "You have exceeded AWS SSO limits. Cannot create {what} more than {MOST} for id {id}. \
         Please refer to https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html"
    )))
}

async fn insert(db: &mut AnyConnection, id: &str, policy: &Policy) -> Result<(), sqlx::Error> {
    let (kind, name, document) = policy.columns();
    sqlx::query(
        "INSERT INTO permission_set_policies (permission_set_id, kind, name, document) \
         VALUES ($1, $2, $3, $4)",
    )
    .bind(id)
    .bind(kind)
    .bind(name)
    .bind(document)
    .execute(db)
    .await?;
    Ok(())
}

/// Returns whether it was there.
async fn remove(db: &mut AnyConnection, id: &str, policy: &Policy) -> Result<bool, sqlx::Error> {
    let (kind, name, _) = policy.columns();
    let removed = sqlx::query(
        "DELETE FROM permission_set_policies \
         WHERE permission_set_id = $1 AND kind = $2 AND name = $3",
    )
    .bind(id)
    .bind(kind)
    .bind(name)
    .execute(db)
    .await?;
    Ok(removed.rows_affected() > 0)
}

async fn remove_boundary(db: &mut AnyConnection, id: &str) -> Result<bool, sqlx::Error> {
    let removed = sqlx::query(
        "DELETE FROM permission_set_policies WHERE permission_set_id = $1 \
         AND kind IN ('boundary_managed', 'boundary_customer')",
    )
    .bind(id)
    .execute(db)
    .await?;
    Ok(removed.rows_affected() > 0)
}
