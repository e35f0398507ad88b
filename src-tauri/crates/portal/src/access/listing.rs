use sqlx::{Any, Executor, Row, any::AnyRow};

use super::{AccountAssignment, Principal};
use crate::store::holding;

/// An assignment with the names of what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAssignment {
    /// The assignment.
    pub assignment: AccountAssignment,
    /// The account's name.
    pub account_name: String,
    /// The permission set's name.
    pub permission_set_name: String,
    /// The user's or the group's name.
    pub principal_name: String,
}

/// A permission set in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionSetEntry {
    /// `ps-…`
    pub id: String,
    /// Unique.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// In how many accounts it is provisioned.
    pub accounts: i64,
    /// In how many of them it is out of date.
    pub outdated: i64,
}

macro_rules! named {
    ($which:literal) => {
        concat!(
            "SELECT a.*, c.name AS account_name, p.name AS set_name, \
             COALESCE(u.user_name, g.display_name, a.principal_id) AS principal_name \
             FROM assignments a JOIN accounts c ON c.id = a.account_id \
             JOIN permission_sets p ON p.id = a.permission_set_id \
             LEFT JOIN users u ON a.principal_kind = 'USER' AND u.id = a.principal_id \
             LEFT JOIN groups g ON a.principal_kind = 'GROUP' AND g.id = a.principal_id \
             WHERE ",
            $which,
            " AND (a.account_id, a.permission_set_id, a.principal_kind, a.principal_id) \
               > ($2, $3, $4, $5) \
             ORDER BY a.account_id, a.permission_set_id, a.principal_kind, a.principal_id LIMIT $6"
        )
    };
}

/// Who has what in an account, in order: those after the key `after` (all: `""`), at most `limit`.
pub async fn assignments_in_account(
    db: impl Executor<'_, Database = Any>,
    account_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<NamedAssignment>, sqlx::Error> {
    read(db, named!("a.account_id = $1"), account_id, after, limit).await
}

/// Who has a permission set where, likewise.
pub async fn assignments_of_permission_set(
    db: impl Executor<'_, Database = Any>,
    permission_set_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<NamedAssignment>, sqlx::Error> {
    let statement = named!("a.permission_set_id = $1");
    read(db, statement, permission_set_id, after, limit).await
}

/// What a group has, or a user, who has it directly or through groups, likewise.
pub async fn assignments_of_principal(
    db: impl Executor<'_, Database = Any>,
    principal: &Principal,
    after: &str,
    limit: i64,
) -> Result<Vec<NamedAssignment>, sqlx::Error> {
    let (statement, id) = match principal {
        Principal::User(id) => (
            named!(
                "((a.principal_kind = 'USER' AND a.principal_id = $1) \
                 OR (a.principal_kind = 'GROUP' AND a.principal_id IN \
                   (SELECT group_id FROM memberships WHERE user_id = $1)))"
            ),
            id,
        ),
        Principal::Group(id) => (
            named!("a.principal_kind = 'GROUP' AND a.principal_id = $1"),
            id,
        ),
    };
    read(db, statement, id, after, limit).await
}

/// Permission sets whose name holds `text` in any case (all: `""`), by name: those after the name
/// `after` (all: `""`), at most `limit`. There are a few hundred at most.
pub async fn find_permission_sets(
    db: impl Executor<'_, Database = Any>,
    text: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<PermissionSetEntry>, sqlx::Error> {
    sqlx::query(
        "SELECT p.id, p.name, p.description, \
         (SELECT COUNT(*) FROM provisioned_roles r WHERE r.permission_set_id = p.id) AS accounts, \
         (SELECT COUNT(*) FROM provisioned_roles r \
           WHERE r.permission_set_id = p.id AND r.revision <> p.revision) AS outdated \
         FROM permission_sets p WHERE p.name > $1 AND lower(p.name) LIKE $2 ESCAPE '\\' \
         ORDER BY p.name LIMIT $3",
    )
    .bind(after)
    .bind(holding(text))
    .bind(limit)
    .try_map(|row: AnyRow| {
        Ok(PermissionSetEntry {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            description: row.try_get("description")?,
            accounts: row.try_get("accounts")?,
            outdated: row.try_get("outdated")?,
        })
    })
    .fetch_all(db)
    .await
}

/// How many permission sets and assignments there are.
pub async fn counts(db: impl Executor<'_, Database = Any>) -> Result<(i64, i64), sqlx::Error> {
    sqlx::query(
        "SELECT (SELECT COUNT(*) FROM permission_sets) AS sets, \
         (SELECT COUNT(*) FROM assignments) AS assigned",
    )
    .try_map(|row: AnyRow| Ok((row.try_get("sets")?, row.try_get("assigned")?)))
    .fetch_one(db)
    .await
}

async fn read(
    db: impl Executor<'_, Database = Any>,
    statement: &'static str,
    id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<NamedAssignment>, sqlx::Error> {
    let mut after = after.splitn(4, '/');
    let mut next = || after.next().unwrap_or_default().to_owned();
    sqlx::query(statement)
        .bind(id)
        .bind(next())
        .bind(next())
        .bind(next())
        .bind(next())
        .bind(limit)
        .try_map(|row: AnyRow| {
            let kind: String = row.try_get("principal_kind")?;
            Ok(NamedAssignment {
                assignment: AccountAssignment {
                    account_id: row.try_get("account_id")?,
                    permission_set_id: row.try_get("permission_set_id")?,
                    principal: Principal::of(&kind, row.try_get("principal_id")?),
                },
                account_name: row.try_get("account_name")?,
                permission_set_name: row.try_get("set_name")?,
                principal_name: row.try_get("principal_name")?,
            })
        })
        .fetch_all(db)
        .await
}
