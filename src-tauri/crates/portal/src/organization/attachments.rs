use serde_json::json;
use sqlx::{AnyConnection, Row, any::AnyRow};
use time::OffsetDateTime;

use super::{
    Kind, Node, OrganizationError, event,
    policies::{POLICY_TYPES, Policy, check_type, policy, policy_of, require_all_features},
    tree,
};
use crate::{act::Act, clock};

/// The types of policies that are in force, by name.
pub async fn enabled_policy_types(db: &mut AnyConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT policy_type FROM enabled_policy_types ORDER BY policy_type")
        .fetch_all(db)
        .await
}

/// EnablePolicyType. The two types whose absence forbids everything get AWS's policy that allows
/// everything attached everywhere.
pub async fn enable_policy_type(
    act: &mut Act<'_>,
    root_id: &str,
    policy_type: &str,
) -> Result<(), OrganizationError> {
    tree::parent(act.db(), root_id, Kind::Root).await?;
    check_type("PolicyType", policy_type)?;
    let organization = super::organization(act.db()).await?;
    require_all_features(&organization, policy_type)?;
    if is_enabled(act.db(), policy_type).await? {
        let problem = format!("{policy_type} is enabled already.");
        return Err(OrganizationError::state(
            "PolicyTypeAlreadyEnabledException",
            problem,
        ));
    }
    let now = clock::millis(act.now());
    sqlx::query("INSERT INTO enabled_policy_types (policy_type, enabled_at) VALUES ($1, $2)")
        .bind(policy_type)
        .bind(now)
        .execute(act.db())
        .await?;
    sqlx::query(
        "INSERT INTO policy_attachments (policy_id, target_id, attached_at) \
         SELECT p.id, t.id, $2 FROM organization_policies p, \
           (SELECT root_id AS id FROM organizations UNION ALL SELECT id FROM accounts \
            UNION ALL SELECT id FROM organizational_units) t \
         WHERE p.aws_managed = 1 AND p.policy_type = $1",
    )
    .bind(policy_type)
    .bind(now)
    .execute(act.db())
    .await?;
    let parameters = json!({ "rootId": root_id, "policyType": policy_type });
    act.record(event("EnablePolicyType").parameters(parameters));
    Ok(())
}

/// DisablePolicyType. Its policies are detached from everything, and stay.
pub async fn disable_policy_type(
    act: &mut Act<'_>,
    root_id: &str,
    policy_type: &str,
) -> Result<(), OrganizationError> {
    tree::parent(act.db(), root_id, Kind::Root).await?;
    check_type("PolicyType", policy_type)?;
    require_enabled(act.db(), policy_type).await?;
    for statement in [
        "DELETE FROM enabled_policy_types WHERE policy_type = $1",
        "DELETE FROM policy_attachments WHERE policy_id IN \
         (SELECT id FROM organization_policies WHERE policy_type = $1)",
    ] {
        sqlx::query(statement)
            .bind(policy_type)
            .execute(act.db())
            .await?;
    }
    let parameters = json!({ "rootId": root_id, "policyType": policy_type });
    act.record(event("DisablePolicyType").parameters(parameters));
    Ok(())
}

/// AttachPolicy, to the root, a unit or an account.
pub async fn attach_policy(
    act: &mut Act<'_>,
    policy_id: &str,
    target_id: &str,
) -> Result<(), OrganizationError> {
    let policy = policy(act.db(), policy_id).await?;
    tree::target_name(act.db(), target_id).await?;
    require_enabled(act.db(), &policy.policy_type).await?;
    if is_attached(act.db(), policy_id, target_id).await? {
        return Err(OrganizationError::Duplicate {
            kind: Kind::PolicyAttachment,
            name: format!("of {policy_id} to {target_id}"),
        });
    }
    let most = POLICY_TYPES
        .iter()
        .find(|(name, ..)| *name == policy.policy_type)
        .map_or(0, |(.., most)| *most);
    if number(act.db(), &policy.policy_type, target_id).await? >= most {
        let problem = format!("{target_id} has {most} policies of this type, which is all it can.");
        let reason = "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED";
        return Err(OrganizationError::constraint(reason, problem));
    }
    let now = clock::millis(act.now());
    sqlx::query(
        "INSERT INTO policy_attachments (policy_id, target_id, attached_at) VALUES ($1, $2, $3)",
    )
    .bind(policy_id)
    .bind(target_id)
    .bind(now)
    .execute(act.db())
    .await?;
    let parameters = json!({ "policyId": policy_id, "targetId": target_id });
    act.record(event("AttachPolicy").parameters(parameters));
    Ok(())
}

/// DetachPolicy. A target keeps at least one of the policies whose absence forbids everything.
pub async fn detach_policy(
    act: &mut Act<'_>,
    policy_id: &str,
    target_id: &str,
) -> Result<(), OrganizationError> {
    let policy = policy(act.db(), policy_id).await?;
    tree::target_name(act.db(), target_id).await?;
    if !is_attached(act.db(), policy_id, target_id).await? {
        let attachment = format!("of {policy_id} to {target_id}");
        return Err(OrganizationError::missing(
            Kind::PolicyAttachment,
            &attachment,
        ));
    }
    if policy_id == "p-RCPFullAWSAccess" {
        let problem = "it stays attached for as long as its type is enabled";
        return Err(OrganizationError::invalid(
            "PolicyId",
            "NON_DETACHABLE_POLICY",
            problem,
        ));
    }
    let last = number(act.db(), &policy.policy_type, target_id).await? <= 1;
    if policy.policy_type == "SERVICE_CONTROL_POLICY" && last {
        let problem = format!("{target_id} must keep one service control policy. Attach another.");
        let reason = "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED";
        return Err(OrganizationError::constraint(reason, problem));
    }
    sqlx::query("DELETE FROM policy_attachments WHERE policy_id = $1 AND target_id = $2")
        .bind(policy_id)
        .bind(target_id)
        .execute(act.db())
        .await?;
    let parameters = json!({ "policyId": policy_id, "targetId": target_id });
    act.record(event("DetachPolicy").parameters(parameters));
    Ok(())
}

/// ListPoliciesForTarget: those of one type directly attached to it, by id: those after the id
/// `after` (all: `""`), at most `limit`.
pub async fn policies_of_target(
    db: &mut AnyConnection,
    target_id: &str,
    policy_type: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Policy>, OrganizationError> {
    tree::target_name(&mut *db, target_id).await?;
    check_type("Filter", policy_type)?;
    let found = sqlx::query(
        "SELECT p.* FROM policy_attachments a JOIN organization_policies p ON p.id = a.policy_id \
         WHERE a.target_id = $1 AND p.policy_type = $2 AND p.id > $3 ORDER BY p.id LIMIT $4",
    )
    .bind(target_id)
    .bind(policy_type)
    .bind(after)
    .bind(limit)
    .try_map(policy_of)
    .fetch_all(db)
    .await?;
    Ok(found)
}

/// ListTargetsForPolicy: id and name of each, by id: those after the id `after` (all: `""`), at
/// most `limit`.
pub async fn targets_of_policy(
    db: &mut AnyConnection,
    policy_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, String)>, OrganizationError> {
    policy(&mut *db, policy_id).await?;
    let found = sqlx::query(
        "SELECT a.target_id, COALESCE(c.name, u.name, 'Root') AS name FROM policy_attachments a \
         LEFT JOIN accounts c ON c.id = a.target_id \
         LEFT JOIN organizational_units u ON u.id = a.target_id \
         WHERE a.policy_id = $1 AND a.target_id > $2 ORDER BY a.target_id LIMIT $3",
    )
    .bind(policy_id)
    .bind(after)
    .bind(limit)
    .try_map(|row: AnyRow| Ok((row.try_get("target_id")?, row.try_get("name")?)))
    .fetch_all(db)
    .await?;
    Ok(found)
}

/// Every attachment: the ids of policy and target.
pub async fn all_attachments(db: &mut AnyConnection) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query("SELECT policy_id, target_id FROM policy_attachments ORDER BY policy_id, target_id")
        .try_map(|row: AnyRow| Ok((row.try_get("policy_id")?, row.try_get("target_id")?)))
        .fetch_all(db)
        .await
}

pub(super) fn check_target_id(id: &str) -> Result<(), OrganizationError> {
    if Node::of(id).is_some() {
        return Ok(());
    }
    let problem = "it must be the id of a root, an organizational unit or an account";
    Err(OrganizationError::invalid(
        "TargetId",
        "INVALID_PATTERN_TARGET_ID",
        problem,
    ))
}

/// What every account and unit has attached from its beginning.
pub(super) async fn attach_defaults(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    target_id: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO policy_attachments (policy_id, target_id, attached_at) \
         SELECT id, $1, $2 FROM organization_policies WHERE aws_managed = 1 \
         AND policy_type IN (SELECT policy_type FROM enabled_policy_types)",
    )
    .bind(target_id)
    .bind(clock::millis(now))
    .execute(db)
    .await?;
    Ok(())
}

pub(super) async fn forget_target(
    db: &mut AnyConnection,
    target_id: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM policy_attachments WHERE target_id = $1")
        .bind(target_id)
        .execute(db)
        .await?;
    Ok(())
}

async fn require_enabled(
    db: &mut AnyConnection,
    policy_type: &str,
) -> Result<(), OrganizationError> {
    if is_enabled(db, policy_type).await? {
        return Ok(());
    }
    let problem = format!("{policy_type} is not enabled. Call EnablePolicyType first.");
    Err(OrganizationError::state(
        "PolicyTypeNotEnabledException",
        problem,
    ))
}

async fn is_enabled(db: &mut AnyConnection, policy_type: &str) -> Result<bool, sqlx::Error> {
    Ok(enabled_policy_types(db)
        .await?
        .iter()
        .any(|enabled| enabled == policy_type))
}

async fn is_attached(
    db: &mut AnyConnection,
    policy_id: &str,
    target_id: &str,
) -> Result<bool, sqlx::Error> {
    let found: Option<String> = sqlx::query_scalar(
        "SELECT policy_id FROM policy_attachments WHERE policy_id = $1 AND target_id = $2",
    )
    .bind(policy_id)
    .bind(target_id)
    .fetch_optional(db)
    .await?;
    Ok(found.is_some())
}

async fn number(
    db: &mut AnyConnection,
    policy_type: &str,
    target_id: &str,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT COUNT(*) FROM policy_attachments a \
         JOIN organization_policies p ON p.id = a.policy_id \
         WHERE a.target_id = $1 AND p.policy_type = $2",
    )
    .bind(target_id)
    .bind(policy_type)
    .fetch_one(db)
    .await
}
