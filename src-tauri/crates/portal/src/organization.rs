//! The organization: its accounts and organizational units.

use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::OffsetDateTime;

use crate::{clock, random};

/// An AWS account of the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Shown to users.
    pub name: String,
    /// The address of its root user.
    pub email: String,
    /// Whether it is the organization's management account.
    pub is_management: bool,
    /// The id of the organizational unit it is in; none: directly under the root.
    pub unit_id: Option<String>,
}

/// The account with this id.
pub async fn account(db: &mut AnyConnection, id: &str) -> Result<Option<Account>, sqlx::Error> {
    sqlx::query("SELECT * FROM accounts WHERE id = $1")
        .bind(id)
        .try_map(|row: AnyRow| {
            Ok(Account {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
                email: row.try_get("email")?,
                is_management: row.try_get::<i64, _>("is_management")? != 0,
                unit_id: row.try_get("unit_id")?,
            })
        })
        .fetch_optional(db)
        .await
}

/// The name of the account with this id.
pub async fn account_name(
    db: impl Executor<'_, Database = Any>,
    id: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT name FROM accounts WHERE id = $1")
        .bind(id)
        .fetch_optional(db)
        .await
}

/// Stores an account under its id, new or changed.
pub async fn put_account(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    account: &Account,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO accounts (id, name, email, status, is_management, unit_id, joined_at) \
         VALUES ($1, $2, $3, 'ACTIVE', $4, $5, $6) \
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, \
         is_management = excluded.is_management, unit_id = excluded.unit_id",
    )
    .bind(&account.id)
    .bind(&account.name)
    .bind(&account.email)
    .bind(i64::from(account.is_management))
    .bind(&account.unit_id)
    .bind(clock::millis(now))
    .execute(db)
    .await?;
    Ok(())
}

/// The id of the unit with this path of names from the root, as in `Workloads/Production`.
pub async fn unit_by_path(
    db: &mut AnyConnection,
    path: &str,
) -> Result<Option<String>, sqlx::Error> {
    let mut parent = None;
    for name in path.split('/') {
        match child_unit(db, parent.as_deref(), name).await? {
            Some(id) => parent = Some(id),
            None => return Ok(None),
        }
    }
    Ok(parent)
}

/// The id of the unit with this path, whose missing parts are created.
pub async fn put_unit(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    path: &str,
) -> Result<String, sqlx::Error> {
    const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut parent: Option<String> = None;
    for name in path.split('/') {
        if let Some(id) = child_unit(db, parent.as_deref(), name).await? {
            parent = Some(id);
            continue;
        }
        let root = random::characters(ALPHABET, 4);
        let id = format!("ou-{root}-{}", random::characters(ALPHABET, 8));
        sqlx::query(
            "INSERT INTO organizational_units (id, parent_id, name, created_at) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(&id)
        .bind(&parent)
        .bind(name)
        .bind(clock::millis(now))
        .execute(&mut *db)
        .await?;
        parent = Some(id);
    }
    Ok(parent.unwrap_or_default())
}

async fn child_unit(
    db: &mut AnyConnection,
    parent: Option<&str>,
    name: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT id FROM organizational_units WHERE name = $1 AND COALESCE(parent_id, '') = $2",
    )
    .bind(name)
    .bind(parent.unwrap_or_default())
    .fetch_optional(db)
    .await
}
