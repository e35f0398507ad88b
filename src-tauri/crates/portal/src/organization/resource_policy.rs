use serde_json::{Value, json};
use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{
    Kind, OrganizationError, event,
    names::{check_length, new_id},
    organization,
    tags::{self, Tag},
};
use crate::{act::Act, clock};

/// The organization's one resource policy, which says what delegated administrators may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourcePolicy {
    /// `rp-…`
    pub id: String,
    /// JSON.
    pub content: String,
}

/// DescribeResourcePolicy.
pub async fn resource_policy(db: &mut AnyConnection) -> Result<ResourcePolicy, OrganizationError> {
    let organization = organization(&mut *db).await?;
    let found = sqlx::query("SELECT id, content FROM organization_resource_policies")
        .try_map(|row: AnyRow| {
            Ok(ResourcePolicy {
                id: row.try_get("id")?,
                content: row.try_get("content")?,
            })
        })
        .fetch_optional(db)
        .await?;
    found.ok_or_else(|| OrganizationError::missing(Kind::ResourcePolicy, &organization.id))
}

/// PutResourcePolicy: the first time it makes it, and only then it takes tags.
pub async fn put_resource_policy(
    act: &mut Act<'_>,
    content: &str,
    tags: &[Tag],
) -> Result<ResourcePolicy, OrganizationError> {
    organization(act.db()).await?;
    check_length("Content", content, 1, 40_000)?;
    tags::check(tags)?;
    check_content(content)?;
    let existing = match resource_policy(act.db()).await {
        Err(OrganizationError::NotFound { .. }) => None,
        found => Some(found?),
    };
    if existing.is_some() && !tags.is_empty() {
        let problem = "it exists already: give it tags with TagResource";
        return Err(OrganizationError::invalid(
            "Tags",
            "INVALID_LIST_MEMBER",
            problem,
        ));
    }
    let policy = ResourcePolicy {
        id: existing.map_or_else(|| new_id("rp-", 8), |existing| existing.id),
        content: content.to_owned(),
    };
    let now = clock::millis(act.now());
    sqlx::query(
        "INSERT INTO organization_resource_policies (id, content, updated_at) VALUES ($1, $2, $3) \
         ON CONFLICT (id) DO UPDATE SET content = excluded.content, \
         updated_at = excluded.updated_at",
    )
    .bind(&policy.id)
    .bind(content)
    .bind(now)
    .execute(act.db())
    .await?;
    tags::put(act.db(), &policy.id, tags).await?;
    act.record(event("PutResourcePolicy").parameters(json!({ "content": content })));
    Ok(policy)
}

/// DeleteResourcePolicy.
pub async fn delete_resource_policy(act: &mut Act<'_>) -> Result<(), OrganizationError> {
    let policy = resource_policy(act.db()).await?;
    tags::forget(act.db(), &policy.id).await?;
    sqlx::query("DELETE FROM organization_resource_policies")
        .execute(act.db())
        .await?;
    act.record(event("DeleteResourcePolicy"));
    Ok(())
}

fn check_content(content: &str) -> Result<(), OrganizationError> {
    let invalid = |reason, problem: &str| OrganizationError::invalid("Content", reason, problem);
    let document: Option<Value> = serde_json::from_str(content).ok();
    let statements = match document
        .as_ref()
        .and_then(|document| document.get("Statement"))
    {
        Some(Value::Array(statements)) if !statements.is_empty() => statements.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => {
            let problem = "it must be a JSON object with statements";
            return Err(invalid("INVALID_RESOURCE_POLICY_JSON", problem));
        }
    };
    if statements
        .iter()
        .any(|statement| statement.get("Principal").is_none())
    {
        return Err(invalid("INVALID_PRINCIPAL", "a Statement has no Principal"));
    }
    let actions = statements
        .iter()
        .filter_map(|statement| statement.get("Action"));
    let foreign = |action: &Value| {
        let is_ours = |text: &str| text.to_lowercase().starts_with("organizations:");
        !match action {
            Value::String(action) => is_ours(action),
            Value::Array(actions) => actions.iter().all(|one| one.as_str().is_some_and(is_ours)),
            _ => false,
        }
    };
    if actions.into_iter().any(foreign) {
        let problem = "its actions are those of organizations alone";
        return Err(invalid("UNSUPPORTED_ACTION_IN_RESOURCE_POLICY", problem));
    }
    Ok(())
}
