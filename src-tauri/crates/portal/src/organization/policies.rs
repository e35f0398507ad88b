use serde_json::{Value, json};
use sqlx::{AnyConnection, Row, any::AnyRow};
use time::OffsetDateTime;

use super::{
    Kind, OrganizationError, event, founding,
    names::{check_length, check_pattern, new_id},
    organization,
    tags::{self, Tag},
};
use crate::{act::Act, clock};

/// The types of policies, as AWS calls them, each with the most characters of its content and how
/// many of it a target can have.
pub const POLICY_TYPES: &[(&str, usize, i64)] = &[
    ("SERVICE_CONTROL_POLICY", 5120, 5),
    ("RESOURCE_CONTROL_POLICY", 5120, 5),
    ("TAG_POLICY", 10_000, 10),
    ("BACKUP_POLICY", 10_000, 10),
    ("AISERVICES_OPT_OUT_POLICY", 2500, 5),
    ("CHATBOT_POLICY", 10_000, 5),
    ("DECLARATIVE_POLICY_EC2", 10_000, 10),
    ("SECURITYHUB_POLICY", 10_000, 10),
    ("SECURITYHUB_CSPM_POLICY", 10_000, 10),
    ("INSPECTOR_POLICY", 10_000, 10),
    ("UPGRADE_ROLLOUT_POLICY", 10_000, 10),
    ("BEDROCK_POLICY", 10_000, 10),
    ("S3_POLICY", 10_000, 10),
    ("NETWORK_SECURITY_DIRECTOR_POLICY", 10_000, 10),
    ("GUARDDUTY_POLICY", 10_000, 10),
];

/// The most policies of one type.
const NUMBER: i64 = 1000;

/// A policy of the organization. The portal keeps and shows them; what they forbid in AWS's
/// services is for those services to hold to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// `p-…`
    pub id: String,
    /// One of [`POLICY_TYPES`].
    pub policy_type: String,
    /// Unique among those of its type.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// JSON.
    pub content: String,
    /// Whether it is AWS's own, which nobody changes.
    pub aws_managed: bool,
}

/// What is to change of a policy; nothing of what is `None`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PolicyChange<'a> {
    /// Its name.
    pub name: Option<&'a str>,
    /// Its description.
    pub description: Option<&'a str>,
    /// Its content, JSON.
    pub content: Option<&'a str>,
}

impl Policy {
    /// AWS's own belong to no organization.
    pub fn arn(&self, organization: &super::Organization, partition: &str) -> String {
        let kind = self.policy_type.to_lowercase();
        if self.aws_managed {
            format!(
                "arn:{partition}:organizations::aws:policy/{kind}/{}",
                self.id
            )
        } else {
            let id = format!("{kind}/{}", self.id);
            organization.resource_arn(partition, "policy", &id)
        }
    }
}

/// DescribePolicy.
pub async fn policy(db: &mut AnyConnection, id: &str) -> Result<Policy, OrganizationError> {
    organization(&mut *db).await?;
    check_pattern("PolicyId", is_policy_id(id), "the id of a policy, p-…")?;
    let found = sqlx::query("SELECT * FROM organization_policies WHERE id = $1")
        .bind(id)
        .try_map(policy_of)
        .fetch_optional(db)
        .await?;
    found.ok_or_else(|| OrganizationError::missing(Kind::Policy, id))
}

/// ListPolicies of a type, by id: those after the id `after` (all: `""`), at most `limit`.
pub async fn policies(
    db: &mut AnyConnection,
    policy_type: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Policy>, OrganizationError> {
    organization(&mut *db).await?;
    check_type("Filter", policy_type)?;
    let found = sqlx::query(
        "SELECT * FROM organization_policies WHERE policy_type = $1 AND id > $2 \
         ORDER BY id LIMIT $3",
    )
    .bind(policy_type)
    .bind(after)
    .bind(limit)
    .try_map(policy_of)
    .fetch_all(db)
    .await?;
    Ok(found)
}

/// CreatePolicy.
pub async fn create_policy(
    act: &mut Act<'_>,
    policy_type: &str,
    name: &str,
    description: &str,
    content: &str,
    tags: &[Tag],
) -> Result<Policy, OrganizationError> {
    let organization = organization(act.db()).await?;
    check_type("Type", policy_type)?;
    require_all_features(&organization, policy_type)?;
    tags::check(tags)?;
    let policy = Policy {
        id: new_id("p-", 10),
        policy_type: policy_type.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        content: content.to_owned(),
        aws_managed: false,
    };
    check(&policy)?;
    refuse_twin(act.db(), &policy).await?;
    let number: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM organization_policies WHERE policy_type = $1")
            .bind(policy_type)
            .fetch_one(act.db())
            .await?;
    if number >= NUMBER {
        let problem = format!("There can be {NUMBER} policies of one type.");
        return Err(OrganizationError::constraint(
            "POLICY_NUMBER_LIMIT_EXCEEDED",
            problem,
        ));
    }
    let now = act.now();
    insert(act.db(), now, &policy).await?;
    tags::put(act.db(), &policy.id, tags).await?;
    act.record(
        event("CreatePolicy")
            .parameters(json!({
                "name": name, "type": policy_type, "description": description, "content": content,
            }))
            .response(json!({ "policy": { "policySummary": { "id": policy.id } } })),
    );
    Ok(policy)
}

/// UpdatePolicy.
pub async fn update_policy(
    act: &mut Act<'_>,
    id: &str,
    change: &PolicyChange<'_>,
) -> Result<Policy, OrganizationError> {
    let mut policy = policy(act.db(), id).await?;
    refuse_managed(&policy)?;
    for (now, wanted) in [
        (&mut policy.name, change.name),
        (&mut policy.description, change.description),
        (&mut policy.content, change.content),
    ] {
        if let Some(wanted) = wanted {
            wanted.clone_into(now);
        }
    }
    check(&policy)?;
    refuse_twin(act.db(), &policy).await?;
    let now = clock::millis(act.now());
    sqlx::query(
        "UPDATE organization_policies SET name = $2, description = $3, content = $4, \
         updated_at = $5 WHERE id = $1",
    )
    .bind(id)
    .bind(&policy.name)
    .bind(&policy.description)
    .bind(&policy.content)
    .bind(now)
    .execute(act.db())
    .await?;
    act.record(event("UpdatePolicy").parameters(json!({
        "policyId": id, "name": change.name, "description": change.description,
        "content": change.content,
    })));
    Ok(policy)
}

/// DeletePolicy. It must be attached to nothing.
pub async fn delete_policy(act: &mut Act<'_>, id: &str) -> Result<(), OrganizationError> {
    let policy = policy(act.db(), id).await?;
    refuse_managed(&policy)?;
    let target: Option<String> =
        sqlx::query_scalar("SELECT target_id FROM policy_attachments WHERE policy_id = $1 LIMIT 1")
            .bind(id)
            .fetch_optional(act.db())
            .await?;
    if let Some(target) = target {
        let problem = format!("{id} is attached to {target}. Detach it first.");
        return Err(OrganizationError::state("PolicyInUseException", problem));
    }
    tags::forget(act.db(), id).await?;
    sqlx::query("DELETE FROM organization_policies WHERE id = $1")
        .bind(id)
        .execute(act.db())
        .await?;
    act.record(event("DeletePolicy").parameters(json!({ "policyId": id })));
    Ok(())
}

/// Whether it has the form of a policy's id.
pub(super) fn is_policy_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.strip_prefix("p-")
        .is_some_and(|id| (8..=128).contains(&id.len()) && id.bytes().all(allowed))
}

/// The policies of AWS's own that are in every organization.
pub(super) async fn create_managed(
    db: &mut AnyConnection,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let everything = |principal: Value| {
        let mut statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
        if !principal.is_null() {
            statement["Principal"] = principal;
        }
        json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
    };
    for (id, kind, name, description, content) in [
        (
            "p-FullAWSAccess",
            "SERVICE_CONTROL_POLICY",
            "FullAWSAccess",
            "Allows access to every operation",
            everything(Value::Null),
        ),
        (
            "p-RCPFullAWSAccess",
            "RESOURCE_CONTROL_POLICY",
            "RCPFullAWSAccess",
            "Allows access to every resource",
            everything("*".into()),
        ),
    ] {
        let policy = Policy {
            id: id.to_owned(),
            policy_type: kind.to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            content,
            aws_managed: true,
        };
        insert(db, now, &policy).await?;
    }
    Ok(())
}

pub(super) fn check_type(field: &'static str, policy_type: &str) -> Result<(), OrganizationError> {
    let names: Vec<&str> = POLICY_TYPES.iter().map(|(name, ..)| *name).collect();
    founding::check_enum(field, policy_type, &names)
}

/// An organization for billing alone has no policies.
pub(super) fn require_all_features(
    organization: &super::Organization,
    policy_type: &str,
) -> Result<(), OrganizationError> {
    if organization.feature_set == "ALL" {
        return Ok(());
    }
    let problem = format!("{policy_type}: enable all features of the organization first.");
    Err(OrganizationError::state(
        "PolicyTypeNotAvailableForOrganizationException",
        problem,
    ))
}

pub(super) fn policy_of(row: AnyRow) -> Result<Policy, sqlx::Error> {
    Ok(Policy {
        id: row.try_get("id")?,
        policy_type: row.try_get("policy_type")?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        content: row.try_get("content")?,
        aws_managed: row.try_get::<i64, _>("aws_managed")? != 0,
    })
}

fn check(policy: &Policy) -> Result<(), OrganizationError> {
    check_length("Name", &policy.name, 1, 128)?;
    check_length("Description", &policy.description, 0, 512)?;
    check_length("Content", &policy.content, 1, usize::MAX)?;
    let limit = POLICY_TYPES
        .iter()
        .find(|(name, ..)| *name == policy.policy_type);
    if let Some((_, limit, _)) = limit
        && policy.content.chars().count() > *limit
    {
        let problem = format!("A policy of this type has {limit} characters at most.");
        let reason = "POLICY_CONTENT_LIMIT_EXCEEDED";
        return Err(OrganizationError::constraint(reason, problem));
    }
    check_content(&policy.policy_type, &policy.content).map_err(OrganizationError::MalformedPolicy)
}

/// The two that allow and forbid are made of statements; the others are trees of settings.
fn check_content(policy_type: &str, content: &str) -> Result<(), String> {
    let document: Value =
        serde_json::from_str(content).map_err(|error| format!("it is not JSON: {error}"))?;
    let Value::Object(document) = document else {
        return Err("it is not a JSON object".to_owned());
    };
    if !matches!(
        policy_type,
        "SERVICE_CONTROL_POLICY" | "RESOURCE_CONTROL_POLICY"
    ) {
        return Ok(());
    }
    if let Some(version) = document.get("Version")
        && version != "2012-10-17"
        && version != "2008-10-17"
    {
        return Err(format!("there is no version {version}"));
    }
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) if !statements.is_empty() => statements.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => return Err("it has no Statement".to_owned()),
    };
    for statement in statements {
        let effect = statement.get("Effect").and_then(Value::as_str);
        if !matches!(effect, Some("Allow" | "Deny")) {
            return Err("the Effect of a Statement is neither Allow nor Deny".to_owned());
        }
        if statement
            .get("Action")
            .or(statement.get("NotAction"))
            .is_none()
        {
            return Err("a Statement has no Action".to_owned());
        }
    }
    Ok(())
}

fn refuse_managed(policy: &Policy) -> Result<(), OrganizationError> {
    if policy.aws_managed {
        let problem = format!("{} is AWS's own and stays as it is", policy.id);
        return Err(OrganizationError::invalid(
            "PolicyId",
            "IMMUTABLE_POLICY",
            problem,
        ));
    }
    Ok(())
}

async fn refuse_twin(db: &mut AnyConnection, policy: &Policy) -> Result<(), OrganizationError> {
    let twin: Option<String> = sqlx::query_scalar(
        "SELECT id FROM organization_policies \
         WHERE policy_type = $1 AND name = $2 AND id <> $3",
    )
    .bind(&policy.policy_type)
    .bind(&policy.name)
    .bind(&policy.id)
    .fetch_optional(db)
    .await?;
    match twin {
        Some(_) => Err(OrganizationError::Duplicate {
            kind: Kind::Policy,
            name: format!("{:?} of this type", policy.name),
        }),
        None => Ok(()),
    }
}

async fn insert(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    policy: &Policy,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO organization_policies (id, policy_type, name, description, content, \
         aws_managed, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
    )
    .bind(&policy.id)
    .bind(&policy.policy_type)
    .bind(&policy.name)
    .bind(&policy.description)
    .bind(&policy.content)
    .bind(i64::from(policy.aws_managed))
    .bind(clock::millis(now))
    .execute(db)
    .await?;
    Ok(())
}
