use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::{Duration, OffsetDateTime};

use crate::{clock, random};

/// A permission set: what becomes a role in every account it is assigned in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionSet {
    /// `ps-` and sixteen hexadecimal digits; empty for one that is yet to be stored.
    pub id: String,
    /// Unique.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// 1 to 12 hours.
    pub session: Duration,
    /// Where in the console its users land.
    pub relay_state: Option<String>,
    /// What it allows, in order.
    pub policies: Vec<Policy>,
}

/// One policy of a permission set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// An AWS managed policy, by ARN.
    Managed(String),
    /// A customer managed policy in each account, by path and name.
    Customer(String),
    /// The one inline policy, JSON.
    Inline(String),
    /// The permissions boundary: an AWS managed policy, by ARN.
    ManagedBoundary(String),
    /// The permissions boundary: a customer managed policy, by path and name.
    CustomerBoundary(String),
}

impl Policy {
    fn columns(&self) -> (&'static str, &str, Option<&str>) {
        match self {
            Self::Managed(arn) => ("managed", arn, None),
            Self::Customer(name) => ("customer", name, None),
            Self::Inline(document) => ("inline", "", Some(document)),
            Self::ManagedBoundary(arn) => ("boundary_managed", arn, None),
            Self::CustomerBoundary(name) => ("boundary_customer", name, None),
        }
    }

    fn of(row: &AnyRow) -> Result<Self, sqlx::Error> {
        let name: String = row.try_get("name")?;
        Ok(match row.try_get::<String, _>("kind")?.as_str() {
            "managed" => Self::Managed(name),
            "customer" => Self::Customer(name),
            "boundary_managed" => Self::ManagedBoundary(name),
            "boundary_customer" => Self::CustomerBoundary(name),
            _ => Self::Inline(row.try_get("document")?),
        })
    }
}

/// The permission set with this name.
pub async fn permission_set(
    db: &mut AnyConnection,
    name: &str,
) -> Result<Option<PermissionSet>, sqlx::Error> {
    let found = sqlx::query("SELECT * FROM permission_sets WHERE name = $1")
        .bind(name)
        .fetch_optional(&mut *db)
        .await?;
    let Some(row) = found else { return Ok(None) };
    let id: String = row.try_get("id")?;
    let policies = policies_of(db, &id).await?;
    Ok(Some(PermissionSet {
        id,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        session: Duration::seconds(row.try_get("session_seconds")?),
        relay_state: row.try_get("relay_state")?,
        policies,
    }))
}

/// Stores a permission set under its name, new or changed, and returns its id.
pub async fn put_permission_set(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    set: &PermissionSet,
) -> Result<String, sqlx::Error> {
    let id: String = sqlx::query_scalar(
        "INSERT INTO permission_sets (id, name, description, session_seconds, relay_state, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6) \
         ON CONFLICT (name) DO UPDATE SET description = excluded.description, \
         session_seconds = excluded.session_seconds, relay_state = excluded.relay_state, \
         updated_at = excluded.updated_at RETURNING id",
    )
    .bind(format!(
        "ps-{}",
        random::characters(b"0123456789abcdef", 16)
    ))
    .bind(&set.name)
    .bind(&set.description)
    .bind(set.session.whole_seconds())
    .bind(&set.relay_state)
    .bind(clock::millis(now))
    .fetch_one(&mut *db)
    .await?;
    sqlx::query("DELETE FROM permission_set_policies WHERE permission_set_id = $1")
        .bind(&id)
        .execute(&mut *db)
        .await?;
    for policy in &set.policies {
        let (kind, name, document) = policy.columns();
        sqlx::query(
            "INSERT INTO permission_set_policies (permission_set_id, kind, name, document) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(&id)
        .bind(kind)
        .bind(name)
        .bind(document)
        .execute(&mut *db)
        .await?;
    }
    Ok(id)
}

async fn policies_of(
    db: impl Executor<'_, Database = Any>,
    id: &str,
) -> Result<Vec<Policy>, sqlx::Error> {
    let mut policies: Vec<Policy> =
        sqlx::query("SELECT * FROM permission_set_policies WHERE permission_set_id = $1")
            .bind(id)
            .try_map(|row: AnyRow| Policy::of(&row))
            .fetch_all(db)
            .await?;
    policies.sort();
    Ok(policies)
}
