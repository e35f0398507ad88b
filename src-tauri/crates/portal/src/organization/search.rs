use sqlx::{Any, Executor, Row, any::AnyRow};

use super::{Account, accounts::account_of};
use crate::store::holding;

/// An account in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEntry {
    /// The account.
    pub account: Account,
    /// The name of the organizational unit it is in; none: directly under the root.
    pub unit_name: Option<String>,
}

impl AccountEntry {
    /// Where it stands in the list.
    pub fn key(&self) -> String {
        format!("{}/{}", self.account.id, self.account.name)
    }
}

/// Accounts whose name, id or address holds `text` in any case (all: `""`), by name: those after
/// the key `after` (all: `""`), at most `limit`. There are a few thousand at most.
pub async fn find_accounts(
    db: impl Executor<'_, Database = Any>,
    text: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<AccountEntry>, sqlx::Error> {
    let (id, name) = after.split_once('/').unwrap_or_default();
    sqlx::query(
        "SELECT c.*, COALESCE(u.path, '') AS unit_path, u.name AS unit_name FROM accounts c \
         LEFT JOIN organizational_units u ON u.id = c.unit_id \
         WHERE (c.name, c.id) > ($1, $2) AND (lower(c.name) LIKE $3 ESCAPE '\\' \
           OR c.id LIKE $3 ESCAPE '\\' OR c.email_key LIKE $3 ESCAPE '\\') \
         ORDER BY c.name, c.id LIMIT $4",
    )
    .bind(name)
    .bind(id)
    .bind(holding(text))
    .bind(limit)
    .try_map(|row: AnyRow| {
        Ok(AccountEntry {
            unit_name: row.try_get("unit_name")?,
            account: account_of(row)?,
        })
    })
    .fetch_all(db)
    .await
}

/// How many accounts there are.
pub async fn count_accounts(db: impl Executor<'_, Database = Any>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT COUNT(*) FROM accounts")
        .fetch_one(db)
        .await
}
