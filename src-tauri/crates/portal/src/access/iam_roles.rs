use serde_json::json;
use sqlx::{Any, Executor, Row, any::AnyRow};
use time::Duration;

use crate::{act::Act, audit::Event, random};

/// What the audit trail calls IAM.
const IAM: &str = "iam.amazonaws.com";

/// A role in an account that others may assume: the target of role chaining.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IamRole {
    /// The account, twelve digits.
    pub account_id: String,
    /// Unique in its account.
    pub name: String,
    /// `AROA…`; empty for one that is yet to be stored.
    pub role_id: String,
    /// Whom its trust policy names: an ARN in which `*` stands for any characters.
    pub trusted_principal: String,
    /// Whether a second factor's code must come with the request.
    pub require_mfa: bool,
    /// What the caller must name, if anything.
    pub external_id: Option<String>,
    /// The longest session, 1 to 12 hours.
    pub longest_session: Duration,
}

impl IamRole {
    /// Whether the trust policy names one of `arns`.
    pub fn trusts(&self, arns: &[String]) -> bool {
        arns.iter().any(|arn| is_like(&self.trusted_principal, arn))
    }
}

/// The role of this name in that account.
pub async fn iam_role(
    db: impl Executor<'_, Database = Any>,
    account_id: &str,
    name: &str,
) -> Result<Option<IamRole>, sqlx::Error> {
    sqlx::query("SELECT * FROM iam_roles WHERE account_id = $1 AND name = $2")
        .bind(account_id)
        .bind(name)
        .try_map(role_of)
        .fetch_optional(db)
        .await
}

/// Every such role, by account and name.
pub async fn iam_roles(db: impl Executor<'_, Database = Any>) -> Result<Vec<IamRole>, sqlx::Error> {
    sqlx::query("SELECT * FROM iam_roles ORDER BY account_id, name")
        .try_map(role_of)
        .fetch_all(db)
        .await
}

/// Stores a role under its account and name, new or changed.
pub async fn put_iam_role(act: &mut Act<'_>, role: &IamRole) -> Result<(), sqlx::Error> {
    let id = random::characters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 17);
    sqlx::query(
        "INSERT INTO iam_roles (account_id, name, role_id, trusted_principal, require_mfa, \
         external_id, longest_session_seconds) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (account_id, name) DO UPDATE SET \
         trusted_principal = excluded.trusted_principal, require_mfa = excluded.require_mfa, \
         external_id = excluded.external_id, \
         longest_session_seconds = excluded.longest_session_seconds",
    )
    .bind(&role.account_id)
    .bind(&role.name)
    .bind(format!("AROA{id}"))
    .bind(&role.trusted_principal)
    .bind(i64::from(role.require_mfa))
    .bind(&role.external_id)
    .bind(role.longest_session.whole_seconds())
    .execute(act.db())
    .await?;
    act.record(Event::new(IAM, "CreateRole").parameters(json!({
        "accountId": role.account_id,
        "roleName": role.name,
        "assumeRolePolicyDocument": role.trusted_principal,
        "requireMfa": role.require_mfa,
        "maxSessionDuration": role.longest_session.whole_seconds(),
    })));
    Ok(())
}

/// Takes a role away: nobody can assume it any more.
pub async fn delete_iam_role(
    act: &mut Act<'_>,
    account_id: &str,
    name: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM iam_roles WHERE account_id = $1 AND name = $2")
        .bind(account_id)
        .bind(name)
        .execute(act.db())
        .await?;
    let parameters = json!({ "accountId": account_id, "roleName": name });
    act.record(Event::new(IAM, "DeleteRole").parameters(parameters));
    Ok(())
}

fn role_of(row: AnyRow) -> Result<IamRole, sqlx::Error> {
    Ok(IamRole {
        account_id: row.try_get("account_id")?,
        name: row.try_get("name")?,
        role_id: row.try_get("role_id")?,
        trusted_principal: row.try_get("trusted_principal")?,
        require_mfa: row.try_get::<i64, _>("require_mfa")? != 0,
        external_id: row.try_get("external_id")?,
        longest_session: Duration::seconds(row.try_get("longest_session_seconds")?),
    })
}

/// Whether `text` has the form of `pattern`, in which `*` stands for any characters.
fn is_like(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(start) else {
        return false;
    };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some(at) = text.find(part) else {
            return false;
        };
        text = &text[at + part.len()..];
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn a_star_stands_for_any_characters_and_nothing_else_does() {
        let session = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_01/ada";
        for pattern in [
            session,
            "*",
            "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_*/*",
            "arn:aws:sts::*:assumed-role/*Admin*",
        ] {
            assert!(is_like(pattern, session), "{pattern}");
        }
        for pattern in [
            "",
            "arn:aws:sts::999999999999:*",
            "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_*/bob",
            "*Admin*Admin*",
            "arn.aws*",
        ] {
            assert!(!is_like(pattern, session), "{pattern}");
        }
    }
}
